import { join } from "node:path";
import { replaceFileSync } from "@voltfog/runtime/node";
import { vehiclesLetIn } from "./enrolled-list.ts";
import { tlsFilesOf } from "./site-certificates.ts";
import type { SiteMarker, SitePaths } from "./site-folder.ts";
import { unitIds, validatorIds, vehicleIds } from "./site-names.ts";
import type { SitePorts } from "./site-ports.ts";

/** Where a process listens. All have an HTTP side. */
export interface ProcessPorts {
  readonly http: number;
  readonly mqtt?: number;
  readonly urgent?: number;
  readonly backbone?: number;
  readonly p2p?: number;
}

/** One process of a site: what starts it and where it is found. */
export interface SiteProcess {
  readonly role: "edge" | "rsu" | "validator" | "controller" | "cloud";
  readonly id: string;
  readonly ports: ProcessPorts;
  readonly dataDir: string;
  readonly configFile: string;
}

/** What `up` lets the user choose about the run. */
export interface SiteChoices {
  readonly rate_Hz: number;
  readonly frameAge_ms: number;
  readonly seed: number;
  readonly replayFiles: readonly string[];
  readonly webRoot: string;
  /** Recorded charger statuses to replay to drivers; none unless told. */
  readonly chargerReplay?: string;
  readonly outboxMax?: number;
  readonly natsUrl?: string;
  readonly influxUrl?: string;
  /** File of the market's key; the cloud's market only reads without. */
  readonly marketKey?: string;
  readonly logLevel: string;
  /** Nobody is let in without a token; otherwise everybody on this machine is a fleet engineer. */
  readonly signIn?: boolean;
}

const host = "127.0.0.1";
/** Neighbouring units stand apart, so that the copies of one's state are not kept beside it. */
const zones = ["zone-a", "zone-b"] as const;
/** So many units follow the chargers: one can fail. */
const chargerUnits = 2;
/** On one machine the units are equally near; what differs is noise of a busy processor. */
const equalLatency_ms = 100;

/** All processes of a site, each with its configuration file written. */
export function writeSiteProcesses(options: {
  paths: SitePaths;
  site: SiteMarker;
  ports: SitePorts;
  choices: SiteChoices;
}): readonly SiteProcess[] {
  const planned = [
    fleetProcess(options),
    ...unitProcesses(options),
    ...validatorProcesses(options),
    controllerProcess(options),
    cloudProcess(options),
  ];
  return planned.map(({ config, ...process }) => {
    const configFile = join(options.paths.config, `${process.id}.json`);
    const settings = {
      ...config,
      ...tlsFilesOf(options.paths, process.id),
      dataDir: process.dataDir,
      logLevel: options.choices.logLevel,
    };
    replaceFileSync(configFile, `${JSON.stringify(settings, null, 2)}\n`);
    return { ...process, configFile };
  });
}

interface Plan extends Omit<SiteProcess, "configFile"> {
  readonly config: Readonly<Record<string, unknown>>;
}

interface Parts {
  readonly paths: SitePaths;
  readonly site: SiteMarker;
  readonly ports: SitePorts;
  readonly choices: SiteChoices;
}

function fleetProcess({ paths, site, ports, choices }: Parts): Plan {
  return {
    role: "edge",
    id: "fleet",
    ports: { http: ports.edge },
    dataDir: paths.fleet,
    config: {
      host,
      httpPort: ports.edge,
      // Who is revoked is let in by no unit, and the site would wait for it for ever.
      vehicles: vehiclesLetIn(paths, vehicleIds(site.vehicles)),
      keys: paths.keys,
      certificates: paths.certificates,
      genesis: paths.genesis,
      controllerUrl: backboneUrl(ports.controller),
      units: unitIds(site.units).map((id, i) => `${id}@${host}:${ports.units[i]?.mqtt}`),
      urgentUnits: unitIds(site.units).map((id, i) => `${id}@${host}:${ports.units[i]?.urgent}`),
      source: "replay",
      replayFiles: choices.replayFiles,
      rate_Hz: choices.rate_Hz,
      frameAge_ms: choices.frameAge_ms,
      seed: choices.seed,
      ...(choices.outboxMax === undefined ? {} : { outboxMax: choices.outboxMax }),
    },
  };
}

function unitProcesses({ paths, site, ports, choices }: Parts): Plan[] {
  const { natsUrl } = choices;
  return unitIds(site.units).map((id, i) => {
    const { http = 0, mqtt = 0, urgent = 0, backbone = 0 } = ports.units[i] ?? {};
    return {
      role: "rsu",
      id,
      ports: { http, mqtt, urgent, backbone },
      dataDir: join(paths.root, id),
      config: {
        id,
        host,
        httpPort: http,
        mqttPort: mqtt,
        urgentPort: urgent,
        backbonePort: backbone,
        genesis: paths.genesis,
        key: join(paths.keys, `${id}.key`),
        validatorUrl: `http://${host}:${ports.validators[i]?.http}`,
        vehicles: paths.enrolled,
        zone: zones[i % zones.length],
        functionsDir: paths.functions,
        ...(natsUrl === undefined ? {} : { natsUrl }),
        ...(i < chargerUnits
          ? { chargerReplay: choices.chargerReplay ?? "", chargerModels: paths.models }
          : {}),
      },
    };
  });
}

function validatorProcesses({ paths, site, ports }: Parts): Plan[] {
  const ids = validatorIds(site.units);
  return ids.map((id, i) => {
    const { p2p = 0, http = 0, backbone = 0 } = ports.validators[i] ?? {};
    const peers = ids
      .map((peer, j) => `${peer}@${host}:${ports.validators[j]?.p2p}`)
      .filter((_, j) => j !== i);
    const key = join(paths.keys, `${id}.key`);
    return {
      role: "validator",
      id,
      ports: { http, p2p, backbone },
      dataDir: join(paths.root, id),
      config: {
        id,
        host,
        p2pPort: p2p,
        backbonePort: backbone,
        httpPort: http,
        genesis: paths.genesis,
        key,
        peers,
      },
    };
  });
}

function controllerProcess({ paths, site, ports }: Parts): Plan {
  const units = unitIds(site.units).map((id, i) => {
    const { backbone, mqtt } = ports.units[i] ?? {};
    return `${id}@https://${host}:${backbone}@${host}:${mqtt}`;
  });
  return {
    role: "controller",
    id: "controller",
    ports: ports.controller,
    dataDir: join(paths.root, "controller"),
    config: {
      host,
      httpPort: ports.controller.http,
      backbonePort: ports.controller.backbone,
      units,
      equalLatency_ms,
    },
  };
}

function cloudProcess({ paths, site, ports, choices }: Parts): Plan {
  const { natsUrl, influxUrl, marketKey } = choices;
  const at = (ids: readonly string[], list: readonly { readonly backbone: number }[]): string[] =>
    ids.map((id, i) => `${id}@${backboneUrl(list[i])}`);
  return {
    role: "cloud",
    id: "cloud",
    ports: { http: ports.cloud },
    dataDir: join(paths.root, "cloud"),
    config: {
      host,
      httpPort: ports.cloud,
      genesis: paths.genesis,
      units: at(unitIds(site.units), ports.units),
      validators: at(validatorIds(site.units), ports.validators),
      controllerUrl: backboneUrl(ports.controller),
      vehicles: paths.enrolled,
      tokens: paths.tokens,
      anonymousRole: choices.signIn === true ? "none" : "fleet-engineer",
      webRoot: choices.webRoot,
      ...(natsUrl === undefined ? {} : { natsUrl }),
      ...(influxUrl === undefined ? {} : { store: "influxdb", influxUrl }),
      // Nobody pays on a demonstration site.
      ...(marketKey === undefined ? {} : { marketKey, marketDeposits: "simulated" }),
    },
  };
}

function backboneUrl(ports: { readonly backbone: number } | undefined): string {
  return `https://${host}:${ports?.backbone}`;
}

import { setMaxListeners } from "node:events";
import type { Chain } from "@voltfog/ledger";
import { backbonePrefix } from "@voltfog/messages";
import type { Clock, Logger } from "@voltfog/runtime";
import { NatsBackbone } from "@voltfog/runtime/nats";
import {
  createHttpService,
  type HttpService,
  loadTlsIdentity,
  nodeCrypto,
  systemRandom,
} from "@voltfog/runtime/node";
import { createGate, type Gate } from "./access/gate.ts";
import type { ApiContext } from "./api/api-context.ts";
import { httpApi } from "./api/http-api.ts";
import { webIsBuilt } from "./api/web-app.ts";
import { type Care, openCare } from "./care.ts";
import type { CloudPorts } from "./cloud-ports.ts";
import { type Composition, compose } from "./composition.ts";
import type { CloudConfig } from "./config.ts";
import { ControlDesk } from "./control/control-desk.ts";
import { ExplorerDesk } from "./explorer/explorer-desk.ts";
import { Consortium } from "./finality/consortium.ts";
import { type Market, openMarket } from "./market/open-market.ts";
import { runStages, type Stages } from "./pipeline.ts";
import { createRemote, type Remote } from "./remote/remote.ts";
import { evidenceOf } from "./settlement/evidence-of.ts";
import { openSettlement, type Settlement } from "./settlement/open-settlement.ts";
import { observeSettlement } from "./settlement/settlement-metrics.ts";
import { readAddresses, readGenesis, readVehicleNames, type Site } from "./site-config.ts";
import { eraseFromStores } from "./store/erase-store.ts";
import { openStore } from "./store/open-store.ts";
import type { TelemetryStore } from "./store/telemetry-store.ts";

/** The running process. */
export interface Cloud {
  readonly ports: { readonly http: number };
  /** Finishes the commits in hand, then closes the store and every connection. */
  stop(): Promise<void>;
}

/**
 * Starts the cloud process and resolves when its API listens. Units, validators, controller and the
 * built pages may all be missing: it catches up when they come. Throws CodedError: PORT_IN_USE,
 * STORE_UNREADABLE, GENESIS_UNREADABLE and the parser's codes, VEHICLES_INVALID, CONFIG_INVALID,
 * CERTIFICATE_UNREADABLE, TOKENS_INVALID, OIDC_KEYS_INVALID, ANONYMOUS_EXPOSED.
 */
export async function runCloud(config: CloudConfig, ports: CloudPorts): Promise<Cloud> {
  const { clock, logger } = ports;
  const site = readSite(config, logger);
  const gate = await createGate(config, ports);
  const backbone = backboneOf(config, site);
  await eraseFromStores({ dataDir: config.dataDir, logger });
  const store = await openStore(config, { clock, identity: site.identity });
  const stopping = new AbortController();
  const { signal } = stopping;
  setMaxListeners(0, signal); // Every open request listens for the end; their number is bounded.
  const service = serviceOf(config, logger);
  let care: Care | undefined;
  let settling: Settlement | undefined;
  try {
    care = await openCare({ config, store, site, fleets: gate.fleets, ...ports, signal });
    const tended = care;
    const registry = service.metrics;
    const opened = await openParts({
      config,
      ports,
      site,
      store,
      gate,
      backbone,
      registry,
      signal,
    });
    const { parts, controller } = opened;
    settling = opened.settling;
    const context = { ...opened.context, care, store, signal };
    await service.app.register(httpApi, { webRoot: config.webRoot, context, guard: gate });
    const http = await service.listen();
    parts.publisher.start();
    gate.start();
    care.start();
    const stages = { ...opened.stages, care: care.stages };
    const running = runStages(stages, { signal, clock, logger });
    logger.info("takes data and answers", { port: http, units: site.units.length });
    return {
      ports: { http },
      async stop() {
        stopping.abort();
        await backbone?.close();
        parts.publisher.stop();
        gate.stop();
        tended.stop();
        parts.hub.close();
        await service.close();
        await running;
        await parts.settled();
        parts.close();
        controller?.close();
        await gate.close();
        await tended.close();
        await settling?.close();
        await store.close();
      },
    };
  } catch (thrown) {
    await service.close();
    await gate.close();
    await care?.close();
    await settling?.close();
    await store.close();
    throw thrown;
  }
}

function serviceOf(config: CloudConfig, logger: Logger): HttpService {
  const { host, httpPort: port, webRoot } = config;
  const missing = (): string[] => (webIsBuilt(webRoot) ? [] : ["web"]);
  return createHttpService({ process: "cloud", host, port, logger, missing });
}

/** The parts beside those that look after the fleet; nothing runs yet. */
async function openParts(o: {
  config: CloudConfig;
  ports: CloudPorts;
  site: Site;
  store: TelemetryStore;
  gate: Gate;
  backbone: NatsBackbone | undefined;
  registry: HttpService["metrics"];
  signal: AbortSignal;
}): Promise<{
  parts: Composition;
  controller: Remote | undefined;
  settling: Settlement;
  context: Omit<ApiContext, "care" | "store" | "signal">;
  stages: Omit<Stages, "care">;
}> {
  const { config, site, store, gate, signal } = o;
  const { clock } = o.ports;
  const { consortium } = site;
  const parts = compose({ ...o, fleets: gate.fleets, holds: gate.holds });
  await parts.restore();
  const controller = controllerOf({ config, site, clock });
  const control = new ControlDesk({ controller, clock, signal });
  const explorer = explorerOf(parts, { store, consortium });
  const trading = marketOf(parts, { config, site, store, clock, signal });
  const settling = await settlementOf(parts, { config, store, consortium, clock, trading });
  const { settlement, stages } = settling;
  observeSettlement(o.registry, () => settlement.export);
  const remotes = { consortium, explorer, controller, control, settlement };
  return {
    ...{ parts, controller, settling },
    context: { ...parts, ...remotes, ...trading, ...gate },
    stages: { ...parts.stages, market: trading.follower, settlement: stages },
  };
}

function explorerOf(
  { stages }: Composition,
  site: { store: TelemetryStore; consortium: Consortium },
): ExplorerDesk {
  const { units, validators, follower } = stages;
  return new ExplorerDesk({
    ...site,
    units,
    validators,
    chain: () => follower.chain,
    crypto: nodeCrypto,
  });
}

function marketOf(
  { stages }: Composition,
  o: {
    config: CloudConfig;
    site: Site;
    store: TelemetryStore;
    clock: Clock;
    signal: AbortSignal;
  },
): Market {
  return openMarket({
    ...o,
    store: o.store.chain,
    chain: () => stages.follower.chain,
    validators: stages.validators.map(({ remote }) => remote),
    vehicleNames: o.site.vehicleNames,
    ...{ crypto: nodeCrypto, random: systemRandom },
  });
}

function settlementOf(
  { stages }: Composition,
  o: {
    config: CloudConfig;
    store: TelemetryStore;
    consortium: Consortium;
    clock: Clock;
    trading: Market;
  },
): Promise<Settlement> {
  const { config, clock, consortium } = o;
  const { sponsor } = o.trading;
  const { chain: store } = o.store;
  const chain = (): Chain | undefined => stages.follower.chain;
  return openSettlement({
    ...{ config, chain, store, clock, crypto: nodeCrypto },
    chainId: consortium.genesis.chainId,
    blockTime_ms: async (height) => (await o.store.block(height))?.view.time_ms,
    evidence: ({ index, names }) => evidenceOf(chain(), { index, names, store }),
    organisationOf: (key) => consortium.organisationOf(key),
    send: sponsor && ((known, call) => sponsor.send(known, call)),
  });
}

function controllerOf(options: {
  config: CloudConfig;
  site: Site;
  clock: Clock;
}): Remote | undefined {
  const { config, site, clock } = options;
  const { controllerUrl: url } = config;
  if (url === "") return undefined;
  return createRemote({ url, peerId: "controller", identity: site.identity, clock });
}

/** Nothing is connected yet: a broker that is down is waited for. */
function backboneOf(config: CloudConfig, { identity }: Site): NatsBackbone | undefined {
  if (config.natsUrl === "") return undefined;
  return new NatsBackbone({
    url: config.natsUrl,
    serverId: config.natsServerId,
    identity,
    name: "cloud",
    prefix: backbonePrefix,
  });
}

function readSite(config: CloudConfig, logger: Logger): Site {
  const crypto = nodeCrypto;
  const genesis = readGenesis(config.genesis, crypto);
  return {
    consortium: new Consortium({ genesis, crypto }),
    identity: loadTlsIdentity(config, logger),
    vehicleNames: readVehicleNames(config.vehicles, crypto),
    units: readAddresses({
      key: "units",
      items: config.units,
      known: genesis.units.map(({ id }) => id),
    }),
    // Validators are admitted by votes too; whoever answers shows a certificate with this id.
    validators: readAddresses({ key: "validators", items: config.validators }),
  };
}

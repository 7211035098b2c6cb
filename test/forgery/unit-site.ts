import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signer, UnitId } from "@voltfog/runtime";
import {
  loadSigningKey,
  loadTlsIdentity,
  systemClock,
  systemRandom,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { openSite } from "../../cli/src/site/open-site.ts";
import { reservePorts } from "../../cli/src/site/reserve-ports.ts";
import { certifySite, siteIdentities } from "../../cli/src/site/site-certificates.ts";
import { sitePaths } from "../../cli/src/site/site-folder.ts";
import { vehicleIds } from "../../cli/src/site/site-names.ts";
import { writeSiteProcesses } from "../../cli/src/site/site-processes.ts";
import { type Memory, startProcess } from "./real-process.ts";

/** One unit and its validator as real processes, and the keys of vehicles that no agent uses. */
export interface UnitSite {
  readonly dataDir: string;
  readonly unitId: UnitId;
  readonly vehicles: readonly string[];
  readonly mqttPort: number;
  signerOf(id: string): Signer;
  /** Of a vehicle, or of the operator. */
  identityOf(id: string): TlsIdentity;
  /** GET at the unit's HTTP side. */
  get(path: string): Promise<Response>;
  memory(): Promise<Memory>;
  /** Both exit codes. The folder stays. */
  stop(): Promise<readonly (number | null)[]>;
  remove(): void;
}

/** The smallest real arrangement: what `voltfog up --units 1` runs, without fleet, controller and cloud. */
export async function startUnitSite(vehicles: number): Promise<UnitSite> {
  const dataDir = mkdtempSync(join(tmpdir(), "voltfog-forgery-"));
  const paths = sitePaths(dataDir);
  const asked = { units: 1, vehicles };
  const { site } = openSite({ paths, asked, clock: systemClock, random: systemRandom });
  await certifySite({ paths, site, clock: systemClock });
  const { ports, release } = await reservePorts({ base: 0, units: 1 });
  const choices = {
    ...{ rate_Hz: 1, frameAge_ms: 1000, seed: 1, replayFiles: [], webRoot: dataDir },
    logLevel: "warn",
  };
  const planned = writeSiteProcesses({ paths, site, ports, choices });
  mkdirSync(paths.logs, { recursive: true });
  const start = (role: string, ...flags: string[]): ReturnType<typeof startProcess> => {
    const { id = role, configFile = "" } = planned.find((process) => process.role === role) ?? {};
    return startProcess({ role, configFile, logFile: join(paths.logs, `${id}.log`), flags });
  };
  const [validator, unit] = await Promise.all([
    start("validator"),
    // 130 MB of frames over the limit come on one connection; slowed to the usual 8 MB/s they take long.
    // Each attack goes on a thousand times, which the unit would otherwise end at the third.
    start("rsu", "--rate-max-bytes", "268435456", "--quarantine-budget", "0"),
  ]);
  const { http = 0, mqtt = 0 } = ports.units[0] ?? {};
  return {
    dataDir,
    unitId: "unit-1" as UnitId,
    vehicles: vehicleIds(vehicles),
    mqttPort: mqtt,
    signerOf: (id) => loadSigningKey(join(paths.keys, `${id}.key`)),
    identityOf: (id) => {
      const found = siteIdentities(paths, site).find((one) => one.id === id);
      if (found === undefined) throw new Error(`${id} has no certificate`);
      return loadTlsIdentity(found.files);
    },
    get: (path) => fetch(`http://127.0.0.1:${http}${path}`),
    memory: () => unit.memory(),
    stop: async () => [await unit.stop(), await validator.stop()],
    remove: () => {
      release();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

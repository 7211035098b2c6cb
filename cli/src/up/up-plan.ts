import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  chargerReplay,
  datasetRoot,
  driveCycleFile,
  loadDataset,
  shippedAvailabilityModel,
} from "@voltfog/datasets";
import { currentModel, registerModel } from "@voltfog/forecasting/node";
import { replaceFileSync, systemClock, systemRandom } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { marketKeyFile, openSiteKey } from "../market/market-key.ts";
import { openSite } from "../site/open-site.ts";
import { reservePorts } from "../site/reserve-ports.ts";
import { certifySite } from "../site/site-certificates.ts";
import { makeFolder, type SiteMarker, type SitePaths, sitePaths } from "../site/site-folder.ts";
import { type SiteProcess, writeSiteProcesses } from "../site/site-processes.ts";
import { lockSite } from "../supervisor/site-lock.ts";
import { processesLeft } from "../supervisor/up-file.ts";
import type { UpOptions } from "./up-options.ts";

/** Everything that is settled before the first process starts. */
export interface UpPlan {
  readonly paths: SitePaths;
  readonly site: SiteMarker;
  readonly isNew: boolean;
  readonly processes: readonly SiteProcess[];
  /** Lets go of the site. */
  release(): void;
}

const earlierRunLimit_ms = 10_000;
const earlierRunStep_ms = 100;
const driveDataset = "lg_hg2_drive_1hz";
/** Ambient temperatures whose cycles the fleet replays. */
const ambients_degC: readonly number[] = [25, 10, 40, 0, -20];
/** The built pages, the same place from the sources and from the build. */
const webRoot = fileURLToPath(new URL("../../../web/dist", import.meta.url));

/**
 * Takes the site, makes it on first use, checks data and ports and writes the configurations. Throws a
 * complaint, with the site let go again, when any of that is not possible.
 */
export async function planUp(
  options: UpOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<UpPlan> {
  const paths = sitePaths(resolve(options.root));
  makeFolder(paths.root);
  const releases = [lockSite(paths.lock)];
  const release = (): void => {
    for (const one of releases.splice(0).reverse()) one();
  };
  try {
    await earlierRunEnded(paths.up);
    const datasets = datasetRoot({ flag: options.datasets, environment });
    const replayFiles = await driveFiles(datasets);
    const { site, isNew } = openSite({
      paths,
      asked: options.asked,
      clock: systemClock,
      random: systemRandom,
    });
    // A site from before there was a market gets its key now.
    const marketKey = marketKeyFile(paths);
    openSiteKey(marketKey);
    await certifySite({ paths, site, clock: systemClock });
    const { ports, release: releasePorts } = await reservePorts({
      base: options.basePort,
      units: site.units,
    });
    releases.push(releasePorts);
    const { rate_Hz, frameAge_ms, seed, outboxMax, logLevel, natsUrl, influxUrl } = options;
    const processes = writeSiteProcesses({
      paths,
      site,
      ports,
      choices: {
        rate_Hz,
        frameAge_ms,
        seed,
        replayFiles,
        webRoot,
        chargerReplay: await writeChargerReplay(paths, datasets),
        logLevel,
        signIn: options.signIn,
        ...(outboxMax === undefined ? {} : { outboxMax }),
        ...(natsUrl === undefined ? {} : { natsUrl }),
        ...(influxUrl === undefined ? {} : { influxUrl }),
        ...(options.market === "none" ? {} : { marketKey }),
      },
    });
    return { paths, site, isNew, processes, release };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/** Processes end by themselves within seconds once their supervisor is gone. */
async function earlierRunEnded(upFile: string): Promise<void> {
  const end_ms = systemClock.monotonic_ms() + earlierRunLimit_ms;
  for (;;) {
    const left = processesLeft(upFile);
    if (left.length === 0) return;
    if (systemClock.monotonic_ms() > end_ms) {
      throw complaint({
        code: "EARLIER_RUN",
        what: `processes of an earlier run have not ended (${left.join(", ")})`,
        remedy: "end them with kill, or choose another folder with --data",
      });
    }
    await new Promise<void>((resolve) => systemClock.after(earlierRunStep_ms, resolve));
  }
}

/** The recorded drive cycles, all found unchanged. */
async function driveFiles(root: string): Promise<readonly string[]> {
  const { folder } = await loadDataset({ root, id: driveDataset });
  return ambients_degC
    .map((ambient_degC) => join(folder, driveCycleFile(ambient_degC)))
    .filter((path) => existsSync(path));
}

/** The recorded charger statuses, in the site's folder for the units to read, and a model that forecasts them. */
async function writeChargerReplay(paths: SitePaths, datasets: string): Promise<string> {
  const file = join(paths.config, "charger-replay.json");
  const replay = await chargerReplay({ root: datasets });
  replaceFileSync(file, JSON.stringify(replay));
  const { models: registry } = paths;
  if (currentModel(registry, replay.network) === undefined) {
    await registerModel({ folder: shippedAvailabilityModel(), registry });
  }
  return file;
}

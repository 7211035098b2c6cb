import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { datasetRoot, driveCycleFile, loadDataset } from "@voltfog/datasets";
import { systemClock, systemRandom } from "@voltfog/runtime/node";
import { openSite } from "../site/open-site.ts";
import { makeFolder, type SiteMarker, type SitePaths, sitePaths } from "../site/site-folder.ts";
import { reservePorts } from "../site/site-ports.ts";
import { type SiteProcess, writeSiteProcesses } from "../site/site-processes.ts";
import { lockSite } from "../supervisor/site-lock.ts";
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
  const paths = sitePaths(options.root);
  makeFolder(paths.root);
  const release = lockSite(paths.lock);
  try {
    const replayFiles = await driveFiles(options.datasets, environment);
    const { site, isNew } = openSite({
      paths,
      asked: options.asked,
      clock: systemClock,
      random: systemRandom,
    });
    const ports = await reservePorts({ base: options.basePort, units: site.units });
    const { rate_Hz, frameAge_ms, seed, outboxMax, logLevel } = options;
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
        logLevel,
        ...(outboxMax === undefined ? {} : { outboxMax }),
      },
    });
    return { paths, site, isNew, processes, release };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/** The recorded drive cycles, all found unchanged. */
async function driveFiles(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const root = datasetRoot({ flag, environment });
  const { folder } = await loadDataset({ root, id: driveDataset });
  return ambients_degC
    .map((ambient_degC) => join(folder, driveCycleFile(ambient_degC)))
    .filter((path) => existsSync(path));
}

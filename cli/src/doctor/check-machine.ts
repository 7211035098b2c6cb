import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Clock } from "@voltfog/runtime";
import { sizeText } from "../backup/size-text.ts";
import { limitsDefault, siteUsage } from "../disk/site-usage.ts";
import type { Findings } from "./verdict.ts";

const nodeLeast = { major: 20, minor: 19 } as const;
const spaceFail_bytes = 100_000_000;
const spaceWarn_bytes = 1_000_000_000;
/** Every small tile of a log is a file. */
const filesWarn = 10_000;
const probe_bytes = 64 * 1024;
const probes = 5;
/** A group of frames is acknowledged after one of these. */
const syncWarn_ms = 100;

export function checkNode(findings: Findings, version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const { major: majorLeast, minor: minorLeast } = nodeLeast;
  const isEnough = major > majorLeast || (major === majorLeast && minor >= minorLeast);
  if (isEnough) findings.ok(`Node ${version}`);
  else {
    const todo = `install Node ${majorLeast}.${minorLeast} or newer from https://nodejs.org`;
    findings.fail(`Node ${version} is too old`, todo);
  }
}

/** Room for files on the disk of a folder, which need not be there yet. */
export function checkSpace(findings: Findings, folder: string): void {
  const place = nearestFolder(folder);
  const { bavail, bsize, ffree, files } = statfsSync(place);
  const free_bytes = bavail * bsize;
  const what = `${sizeText(free_bytes)} free on the disk of ${place}`;
  const todo = "free space on this disk, or move the site's folder to a larger one";
  if (free_bytes < spaceFail_bytes) findings.fail(what, todo);
  else if (free_bytes < spaceWarn_bytes) findings.warn(what, todo);
  else findings.ok(what);
  // Some file systems count no files and say 0 of 0.
  if (files > 0 && ffree < filesWarn) {
    findings.warn(`room for ${ffree} more files only on the disk of ${place}`, todo);
  }
}

/** When the disk is full at the growth of the last week, where a site has grown for long enough to tell. */
export async function checkGrowth(
  findings: Findings,
  options: { folder: string; clock: Clock },
): Promise<void> {
  if (!existsSync(options.folder)) return;
  const { disk } = await siteUsage({ ...options, limits: { ...limitsDefault, free_bytes: 0 } });
  const { growthPerDay_bytes, left_d, warning } = disk;
  if (growthPerDay_bytes === null || left_d === null) return;
  const growth = `the site grows by ${sizeText(growthPerDay_bytes)} a day`;
  const what = `${growth}: its disk is full in ${Math.floor(left_d)} days`;
  const todo = "see voltfog ledger du; set blocksKept, samplesKept_d or framesKept_d, or add room";
  if (warning === null) findings.ok(what);
  else findings.warn(what, todo);
}

/** Writes and syncs, as every acknowledgement does. Leaves nothing behind. */
export function checkWriting(findings: Findings, options: { folder: string; clock: Clock }): void {
  const { clock } = options;
  const place = nearestFolder(options.folder);
  const path = join(place, `.doctor-${process.pid}`);
  const took_ms: number[] = [];
  try {
    const file = openSync(path, "w", 0o600);
    try {
      for (let i = 0; i < probes; i++) {
        const start_ms = clock.monotonic_ms();
        writeSync(file, new Uint8Array(probe_bytes));
        fsyncSync(file);
        took_ms.push(clock.monotonic_ms() - start_ms);
      }
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    const reason = String((thrown as { code?: unknown }).code ?? thrown);
    const todo = "make the folder writable for this user, or free space on its disk";
    findings.fail(`cannot write in ${place}: ${reason}`, todo);
    return;
  } finally {
    rmSync(path, { force: true });
  }
  const median_ms = took_ms.sort((a, b) => a - b)[Math.floor(probes / 2)] ?? 0;
  const what = `writing and syncing takes ${median_ms.toFixed(1)} ms in ${place}`;
  const todo = "every acknowledgement waits for this: use a faster disk for the site's folder";
  if (median_ms > syncWarn_ms) findings.warn(what, todo);
  else findings.ok(what);
}

interface Component {
  readonly name: string;
  /** Any of these programs. */
  readonly programs: readonly string[];
  readonly without: string;
  readonly install: string;
}

const components: readonly Component[] = [
  {
    name: "chromium",
    programs: ["chromium", "chromium-browser", "google-chrome"],
    without: "tests of the pages are left out",
    install: "apt-get install chromium",
  },
  {
    name: "mosquitto",
    programs: ["mosquitto"],
    without: "voltfog bench ingest has one peer less",
    install: "apt-get install mosquitto",
  },
  {
    name: "faketime",
    programs: ["faketime"],
    without: "tests with a jumping clock are left out",
    install: "apt-get install faketime",
  },
  {
    name: "influxd",
    programs: ["influxd"],
    without: "tests of the store in InfluxDB are left out",
    install: "apt-get install influxdb",
  },
  {
    name: "nats-server",
    programs: ["nats-server"],
    without: "the test of the backbone over NATS is left out",
    install: "apt-get install nats-server",
  },
];

/** What the product does without, but tests and experiments use. */
export function checkComponents(findings: Findings, path: string): void {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ""), "/usr/sbin"];
  const isThere = (program: string): boolean =>
    folders.some((folder) => existsSync(join(folder, program)));
  const present = components.filter(({ programs }) => programs.some(isThere));
  if (present.length > 0) findings.ok(present.map(({ name }) => name).join(", "));
  for (const { name, without, install } of components.filter((one) => !present.includes(one))) {
    findings.warn(`${name} is not installed: ${without}`, `nothing, or ${install}`);
  }
}

function nearestFolder(folder: string): string {
  let place = resolve(folder);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return place;
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { keyIdOf } from "@voltfog/ledger";
import { type Clock, toHex } from "@voltfog/runtime";
import {
  addErasureOrder,
  erasureOrdersFile,
  type FrameErasure,
  nodeCrypto,
} from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import type { ProgressStep } from "../progress-text.ts";
import { sitePaths } from "../site/site-folder.ts";
import { readEnrolled } from "../site/site-record.ts";
import { readUpFile } from "../supervisor/up-file.ts";
import { pause } from "../up/pause.ts";

/** Which frames are to go; all of the vehicle where no number is named. */
export interface ErasureRequest {
  readonly vehicle: string;
  readonly stream: FrameErasure["stream"];
  readonly range: { readonly from: number; readonly to: number } | undefined;
  readonly by: string;
  readonly reason: string;
}

/** What became of an order at one process. */
export interface ErasureOutcome {
  readonly id: string;
  readonly role: string;
  /** Waiting where the process does not run, or did not come back in time: it erases before it opens anything. */
  readonly state: "erased" | "waiting";
}

/** Who holds frames, in the order in which they give them away: nobody gets one back from who is asked later. */
const holders = ["edge", "rsu", "cloud"] as const;
const comeBackMax_ms = 120_000;
const poll_ms = 200;

/**
 * Puts the order into the folder of every process that holds frames, durably, and only then has them start
 * anew, one after the other: each erases before it opens anything. VEHICLE_UNKNOWN, and what the disk says.
 */
export async function orderErasure(
  root: string,
  request: ErasureRequest,
  { clock, progress }: { clock: Clock; progress: (step: ProgressStep) => void },
): Promise<readonly ErasureOutcome[]> {
  const order = orderOf(root, request, clock);
  const processes = processesOf(root);
  for (const { dataDir } of processes) addErasureOrder(dataDir, order);
  const outcomes: ErasureOutcome[] = [];
  for (const role of holders) {
    for (const { id, pid, dataDir } of processes.filter((one) => one.role === role)) {
      progress({ done: outcomes.length, total: processes.length, doing: `${id} erases` });
      // Asked again: what waited for its next start may have started meanwhile, with the order.
      const isDue = pid !== null && existsSync(join(dataDir, erasureOrdersFile));
      if (isDue) process.kill(pid, "SIGTERM");
      const isDone = await isErased(dataDir, { isAwaited: pid !== null, clock });
      outcomes.push({ id, role, state: isDone ? "erased" : "waiting" });
    }
  }
  return outcomes;
}

function orderOf(root: string, request: ErasureRequest, clock: Clock): FrameErasure {
  const { vehicle, stream, range, by, reason } = request;
  const enrolled = readEnrolled(sitePaths(root).enrolled).find(({ id }) => id === vehicle);
  if (enrolled === undefined) {
    throw complaint({
      code: "VEHICLE_UNKNOWN",
      what: `no vehicle ${vehicle} is enrolled`,
      remedy: "voltfog status lists the vehicles",
    });
  }
  return {
    vehicleId: vehicle,
    keyIds: [enrolled.key, ...enrolled.earlier].map((key) => toHex(keyIdOf(key, nodeCrypto))),
    stream,
    ...(range ?? { from: 1, to: Number.MAX_SAFE_INTEGER }),
    isWhole: range === undefined,
    by,
    reason,
    ordered_ms: clock.wall_ms(),
  };
}

interface Holder {
  readonly id: string;
  readonly role: string;
  readonly pid: number | null;
  readonly dataDir: string;
}

/** What runs; where nothing does, the folders that the site's processes would open. */
function processesOf(root: string): readonly Holder[] {
  const up = readUpFile(root);
  if (up !== undefined) {
    return up.processes.filter(({ role }) => holders.some((one) => one === role));
  }
  const paths = sitePaths(root);
  const unit = (number: number): string => join(root, `unit-${number}`);
  const units: Holder[] = [];
  for (let number = 1; existsSync(unit(number)); number++) {
    units.push({ id: `unit-${number}`, role: "rsu", pid: null, dataDir: unit(number) });
  }
  const fleet = { id: "fleet", role: "edge", pid: null, dataDir: paths.fleet };
  const cloud = { id: "cloud", role: "cloud", pid: null, dataDir: join(root, "cloud") };
  return [fleet, ...units, cloud].filter(({ dataDir }) => existsSync(dataDir));
}

/** A process takes its order away once it is carried out. */
async function isErased(
  dataDir: string,
  o: { isAwaited: boolean; clock: Clock },
): Promise<boolean> {
  const until_ms = o.clock.monotonic_ms() + (o.isAwaited ? comeBackMax_ms : 0);
  const waits = (): boolean => existsSync(join(dataDir, erasureOrdersFile));
  while (waits() && o.clock.monotonic_ms() < until_ms) await pause(poll_ms);
  return !waits();
}

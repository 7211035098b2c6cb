import { type Random, toHex } from "@voltfog/runtime";
import { bundleFromDisk, type SiteRecord } from "../site/site-record.ts";
import { judgeBundle } from "../verification/judge-bundle.ts";
import type { SentFrame } from "./read-journals.ts";

/** Frames that are drawn where there are as many. */
export const framesVerified = 500;

export interface VerifiedCount {
  readonly checked: number;
  readonly failed: number;
  /** How many failed with each code. */
  readonly codes: Readonly<Record<string, number>>;
  /** The first few reasons. */
  readonly reasons: readonly string[];
}

/**
 * Draws frames at random from all that the fleet cut, assembles the bundle of each from the disk, and
 * verifies it with the genesis file alone. A frame that has no bundle counts as failed.
 */
export async function verifySample(options: {
  record: SiteRecord;
  frames: readonly SentFrame[];
  random: Random;
}): Promise<VerifiedCount> {
  const { record } = options;
  const drawn = draw(options.frames, options.random);
  const reasons: string[] = [];
  const codes: Record<string, number> = {};
  for (const frame of drawn) {
    const code = await failure(record, frame);
    if (code === undefined) continue;
    codes[code] = (codes[code] ?? 0) + 1;
    reasons.push(`frame ${frame.sequence} (${frame.stream}) of ${frame.vehicleId}: ${code}`);
  }
  return { checked: drawn.length, failed: reasons.length, codes, reasons: reasons.slice(0, 5) };
}

async function failure(record: SiteRecord, frame: SentFrame): Promise<string | undefined> {
  const bundle = await bundleFromDisk(record, frame);
  if (!bundle.ok) return bundle.problem.code;
  const verdict = judgeBundle({
    bytes: bundle.value,
    genesisBytes: record.genesis.bytes,
    genesisName: "genesis.json",
  });
  if (!verdict.ok) return verdict.problem.code;
  const isSame = toHex(verdict.value.frame.commitment) === frame.commitment;
  return isSame ? undefined : "ANOTHER_FRAME";
}

/** A uniform draw without repetition (Fisher and Yates); all of them where there are fewer. */
function draw(frames: readonly SentFrame[], random: Random): readonly SentFrame[] {
  const pool = [...frames];
  const count = Math.min(framesVerified, pool.length);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random.uniform() * (pool.length - i));
    const [a, b] = [pool[i], pool[j]];
    if (a === undefined || b === undefined) continue;
    pool[i] = b;
    pool[j] = a;
  }
  return pool.slice(0, count);
}

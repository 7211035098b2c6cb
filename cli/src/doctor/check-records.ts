import { existsSync } from "node:fs";
import { join } from "node:path";
import { openStoreReader } from "@voltfog/cloud";
import { verifyDatasets } from "@voltfog/datasets";
import { newVoteKeyFile, restoredValidatorMark } from "@voltfog/fog-rsu";
import { type Chain, type Genesis, logOrigin } from "@voltfog/ledger";
import { fsckLog, openBlockReader, openLogReader, restoredMark } from "@voltfog/ledger/node";
import { equalBytes, messageOf } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { SitePaths } from "../site/site-folder.ts";
import { longestChain } from "../site/site-record.ts";
import type { UpFile } from "../supervisor/up-file.ts";
import { getJson } from "../up/http-json.ts";
import { decidingSet, seatEndedAt, validatorsIn } from "../validators/site-validators.ts";
import type { Findings } from "./verdict.ts";

/** Blocks come every second; who is this far behind does not keep up. */
const lagWarn = 10;
/** A log up to this size is checked byte by byte in about a second. */
const wholeCheckMax = 100_000;

export async function checkDatasets(findings: Findings, root: string): Promise<void> {
  const { files, faults } = await verifyDatasets({ root });
  for (const { dataset, file, code, detail } of faults) {
    const todo = "check the files out again, or name their folder with VOLTFOG_DATASETS";
    findings.fail(`${code} ${dataset}/${file}: ${detail}`, todo);
  }
  if (faults.length === 0) findings.ok(`${files} files in ${root} are unchanged`);
}

interface SiteParts {
  readonly paths: SitePaths;
  readonly genesis: Genesis;
}

/**
 * Opens each unit's log as the unit would: key, tree, and in full what is not published. A small one is
 * checked byte by byte, with the events beside it.
 */
export async function checkLogs(findings: Findings, { paths, genesis }: SiteParts): Promise<void> {
  for (const { id, key } of genesis.units) {
    const folder = join(paths.root, id);
    if (!existsSync(join(folder, "log"))) {
      findings.ok(`${id} has no log yet`);
      continue;
    }
    const origin = logOrigin({ chain: genesis.chain, unitId: id, hash: genesis.logHash });
    const fault = await checkLog(findings, { folder, id, origin, key }).catch(messageOf);
    if (fault === undefined) continue;
    const todo = `voltfog log fsck ${folder} shows more; keep the folder as evidence and restore the unit from a backup`;
    findings.fail(`${id}: ${fault}`, todo);
  }
}

/** What is wrong with the log; undefined where it is sound. */
async function checkLog(
  findings: Findings,
  options: { folder: string; id: string; origin: string; key: Uint8Array },
): Promise<string | undefined> {
  const { folder, id, origin, key } = options;
  const log = await openLogReader(join(folder, "log"));
  const isNamed = log.key.name === origin || log.key.name.startsWith(`${origin}/`);
  if (!isNamed || !equalBytes(log.key.publicKey, key)) return `holds the log ${log.key.name}`;
  const isSmall = log.size <= wholeCheckMax;
  const { problem } = isSmall ? await fsckLog(folder) : {};
  if (problem !== undefined) {
    const { file, offset } = problem.place;
    return `${problem.code} in ${file} at byte ${offset}: ${problem.detail}`;
  }
  const isRestored = existsSync(join(folder, restoredMark.file));
  const notes = [
    `${log.size} entries, ${log.published.size} published`,
    isSmall ? "every byte checked" : "voltfog log fsck checks every byte",
    ...(isRestored ? ["restored: the unit will keep it and open a new one"] : []),
  ];
  findings.ok(`${id}: ${notes.join("; ")}`);
  return undefined;
}

interface Height {
  readonly id: string;
  readonly height: number;
  /** Of the block at that height, in hex, where it is known. */
  readonly hash?: string;
}

/**
 * Who decides by the chain itself, and how far each validator of this folder is: asked while the site runs,
 * else read from its blocks. Who was voted out is behind for good.
 */
export async function checkValidators(
  findings: Findings,
  options: SiteParts & { up: UpFile | undefined },
): Promise<void> {
  const { paths, genesis, up } = options;
  const chain = await longestChain({ paths, genesis, problems: [] });
  const ids = validatorsIn(paths, genesis);
  sayWhoDecides(findings, { chain, ids });
  const heights: Height[] = [];
  for (const id of ids) {
    const endedAt = seatEndedAt(chain, id);
    if (endedAt !== undefined) {
      sayFormer(findings, { id, endedAt, isRunning: isRunning(up, id) });
      continue;
    }
    try {
      const found = await heightOf({ ...options, id, up });
      heights.push(found);
      checkVotes(findings, { ...options, ...found });
    } catch (thrown) {
      findings.fail(`${id}: ${messageOf(thrown)}`, "see its log and voltfog status");
    }
  }
  compareHeights(findings, heights);
}

/** By the chain whose certificates were all verified, not by the genesis file. */
function sayWhoDecides(
  findings: Findings,
  { chain, ids }: { chain: Chain; ids: readonly string[] },
): void {
  const { validators, epoch, height } = decidingSet(chain);
  const elsewhere = validators.filter((id) => !ids.includes(id));
  const source = height === 0 ? "the genesis file" : `block ${height} of the longest chain here`;
  const notes = elsewhere.length === 0 ? "" : `; ${elsewhere.join(", ")} elsewhere`;
  findings.ok(
    `${validators.length} validators decide in epoch ${epoch}, by ${source}: ${validators.join(", ")}${notes}`,
  );
}

function sayFormer(
  findings: Findings,
  former: { id: string; endedAt: number; isRunning: boolean },
): void {
  const { id, endedAt } = former;
  const what = `${id} was voted out by block ${endedAt}`;
  if (!former.isRunning) findings.ok(`${what}; its folder is of use to nobody but as a record`);
  else findings.warn(`${what} and still runs`, "stop it: the others let it in no more");
}

function isRunning(up: UpFile | undefined, id: string): boolean {
  return up?.processes.some((process) => process.id === id && process.pid !== null) === true;
}

function compareHeights(findings: Findings, heights: readonly Height[]): void {
  const highest = Math.max(0, ...heights.map(({ height }) => height));
  for (const { id, height, hash } of heights) {
    const twin = heights.find((other) => other.height === height && other.hash !== hash);
    if (twin !== undefined) {
      const what = `${id} and ${twin.id} hold different blocks at height ${height}`;
      findings.fail(what, "stop both and keep their folders as evidence: the chain has split");
    } else if (highest - height > lagWarn) {
      const what = `${id} is at block ${height}, the highest at ${highest}`;
      findings.warn(what, "it catches up once it is connected; else see its log");
    }
  }
  const list = heights.map(({ id, height }) => `${id} ${height}`).join(", ");
  if (heights.length > 0) findings.ok(`heights: ${list}`);
}

function checkVotes(findings: Findings, options: SiteParts & Height): void {
  const { id, height } = options;
  const folder = join(options.paths.root, id);
  const mark = join(folder, restoredValidatorMark.file);
  if (existsSync(mark)) {
    findings.fail(`${id} was restored from a backup and does not start`, `see ${mark}`);
  } else if (height > 0 && !existsSync(join(folder, "votes", "votes"))) {
    if (existsSync(join(folder, newVoteKeyFile))) {
      findings.ok(`${id} was restored; the chain takes its new vote key once the site runs`);
      return;
    }
    const todo = `put votes/votes back, or restore it: voltfog restore <archive> --data ${options.paths.root} --member ${id}`;
    findings.fail(`${id} has blocks and no votes, so it does not start`, todo);
  }
}

async function heightOf(
  options: SiteParts & { id: string; up: UpFile | undefined },
): Promise<Height> {
  const { id, up, paths } = options;
  const running = up?.processes.find((process) => process.id === id);
  if (running !== undefined) {
    const status = await getJson(`http://127.0.0.1:${running.ports.http}/v1/status`);
    const { height, hash } = status as { height: number; hash: string };
    return { id, height, hash };
  }
  const folder = join(paths.root, id, "blocks");
  const { height } = await openBlockReader({ folder, crypto: nodeCrypto });
  return { id, height };
}

/** The store of a stopped site; a running cloud has it to itself and answers for it. */
export async function checkStore(findings: Findings, paths: SitePaths): Promise<void> {
  const folder = join(paths.root, "cloud");
  if (!existsSync(join(folder, "telemetry.duckdb"))) {
    findings.ok("no store yet; the cloud makes it from the logs");
    return;
  }
  const todo = `move ${folder} away: the cloud makes the store again from the units' logs`;
  try {
    const store = await openStoreReader(folder);
    const samples = await store.samplesStored();
    await store.close();
    findings.ok(`${samples} samples in the store`);
  } catch (thrown) {
    findings.fail(messageOf(thrown), todo);
  }
}

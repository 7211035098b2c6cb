import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Genesis, logId, logOrigin, parseLogOrigin, verifyConsistency } from "@voltfog/ledger";
import { fsckLog, openLogReader } from "@voltfog/ledger/node";
import { CodedError, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { type SitePaths, sitePaths } from "../site/site-folder.ts";
import { longestChain, readGenesis } from "../site/site-record.ts";
import type { BackupManifest } from "./manifest.ts";

/** What one unit's restored log turned out to be. */
export interface RestoredLog {
  readonly id: string;
  readonly ok: boolean;
  readonly entries: number;
  /** Hex. */
  readonly root: string;
  /** Entries that the restored chain has made final. */
  readonly finalSize: number;
  /** Why it is not ok. */
  readonly problem: string | null;
}

export interface RestoredSite {
  readonly genesis: Genesis;
  /** Of the restored chain, executed again. */
  readonly height: number;
  readonly logs: readonly RestoredLog[];
  /** What could not be read of the chain. */
  readonly problems: readonly string[];
}

/**
 * Checks an unpacked site by what its members signed: each log in full, the chain by its certificates,
 * and that the chain's final checkpoints are of these logs. The archive's own sums only show that it
 * came back as it was written. MANIFEST_MISMATCH where the genesis file is another site's.
 */
export async function checkRestored(options: {
  root: string;
  manifest: BackupManifest;
  progress: (what: string) => void;
}): Promise<RestoredSite> {
  const { manifest, progress } = options;
  const paths = sitePaths(options.root);
  const genesis = readGenesis(paths.genesis);
  if (toHex(genesis.chainId) !== manifest.chainId) {
    throw new CodedError({
      code: "MANIFEST_MISMATCH",
      message: "the archive's genesis.json is not of the chain that its manifest names",
    });
  }
  progress("checking the chain");
  const problems: string[] = [];
  const chain = await longestChain({ paths, genesis, problems });
  const logs: RestoredLog[] = [];
  for (const { id, key } of genesis.units) {
    if (!existsSync(join(paths.root, id, "log"))) continue;
    progress(`checking the log of ${id}`);
    const origin = await originOf({
      folder: join(paths.root, id, "log"),
      chain: genesis.chain,
      hash: genesis.logHash,
      id,
    });
    const final = chain.logState(logId({ origin, publicKey: key, crypto }));
    logs.push(await checkLog({ paths, id, final }));
  }
  return { genesis, height: chain.height, logs, problems };
}

/** Of the log that the unit wrote; its first where the folder says nothing that can be believed. */
async function originOf(o: {
  folder: string;
  chain: string;
  hash: "sm3" | undefined;
  id: string;
}): Promise<string> {
  const { chain, hash, id: unitId } = o;
  const first = logOrigin({ chain, unitId, hash });
  const name = await openLogReader(o.folder).then(
    ({ key }) => key.name,
    () => first,
  );
  return parseLogOrigin(name, chain)?.unitId === unitId ? name : first;
}

async function checkLog(options: {
  paths: SitePaths;
  id: string;
  final: { size: number; root: Uint8Array } | undefined;
}): Promise<RestoredLog> {
  const { id, final } = options;
  const folder = join(options.paths.root, id);
  const report = await fsckLog(folder);
  const { entries, root } = report;
  const finalSize = final?.size ?? 0;
  const fault = report.problem;
  if (fault !== undefined) {
    const problem = `${fault.code} in ${id}/${fault.place.file} at byte ${fault.place.offset}: ${fault.detail}`;
    return { id, ok: false, entries, root, finalSize, problem };
  }
  const isFinal = final === undefined || (await holds(join(folder, "log"), final));
  const problem = isFinal
    ? null
    : `the log is not the one that the chain made final at ${finalSize}`;
  return { id, ok: isFinal, entries, root, finalSize, problem };
}

/** Whether the log begins with the tree that became final. */
async function holds(folder: string, final: { size: number; root: Uint8Array }): Promise<boolean> {
  const log = await openLogReader(folder);
  if (log.size < final.size) return false;
  const path = await log.consistencyPath({ from: final.size, to: log.size });
  return verifyConsistency({ from: final, to: log, path, crypto });
}

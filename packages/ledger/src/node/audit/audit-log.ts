import { join } from "node:path";
import { type Crypto, equalBytes } from "@voltfog/runtime";
import { CompactRange } from "../../log/compact-range.ts";
import type { LogHash } from "../../log/log-hash.ts";
import { readErasures } from "../log/erasure-file.ts";
import { fsckLog } from "../log/fsck.ts";
import { journalFolder } from "../log/log-files.ts";
import type { FsckProblem } from "../log/log-types.ts";
import { type TreeHashing, treeHashing } from "../log/tree-hasher.ts";
import { exactFindings, placeRecords } from "./align-records.ts";
import type { AuditFinding, AuditReport, FinalRoot } from "./audit-types.ts";
import { judgeUnknown } from "./judge-unknown.ts";
import { ClaimedHashes, claimsInTiles } from "./known-hashes.ts";
import { type ProvenLeaves, proveLeaves } from "./prove-leaves.ts";
import { type SalvagedRecord, salvageJournal } from "./salvage-journal.ts";

/** Findings that are listed; where there are more, the last one says so. */
const findingsMax = 1000;

/**
 * Holds a log's folder against every checkpoint of it that the chain made final, and says what was
 * altered, deleted or cut off since, entry by entry where the folder still holds one true copy of the
 * hashes. Reads everything; changes nothing. The finals are of this log, in the chain's order.
 */
export async function auditLog(o: {
  folder: string;
  finals: readonly FinalRoot[];
  /** What its tree is hashed with; SHA-256 unless told. */
  hash?: LogHash;
  crypto: Crypto;
}): Promise<AuditReport> {
  const { folder, crypto } = o;
  const hash = o.hash ?? "sha256";
  const tree = treeHashing(hash, crypto);
  const from = { folder: join(folder, journalFolder), crypto, treeCrypto: tree.crypto };
  const records = [...salvageJournal(from)];
  const claims = (): ClaimedHashes[] => claimsInTiles(folder, tree.crypto);
  const orders = readErasures(folder)?.orders ?? [];
  const audited = { finals: o.finals, records, claims, tree };
  const report = { ...auditRecords(audited), erasures: orders };
  const { problem } = report.ok ? await fsckLog(folder, { crypto }) : {};
  if (problem === undefined) return report;
  return { ...report, ok: false, findings: [fileFinding(problem)] };
}

/** What a log holds, from wherever it was read, against its final checkpoints. */
export interface AuditedRecords {
  readonly finals: readonly FinalRoot[];
  readonly records: readonly SalvagedRecord[];
  /** What else is claimed of the tree; asked only where the records do not give it. */
  readonly claims: () => readonly ClaimedHashes[];
  readonly tree: TreeHashing;
}

/** The same for records that were read elsewhere. */
export function auditRecords(audited: AuditedRecords): AuditReport {
  const { records, finals } = audited;
  const final = finals.at(-1);
  const findings = contentFindings(audited);
  return {
    ok: findings.length === 0,
    entries: records.length,
    final: { size: final?.size ?? 0, height: final?.height ?? 0, checkpoints: finals.length },
    notFinal: Math.max(0, records.length - (final?.size ?? 0)),
    erased: indexesOf(records),
    erasures: [],
    findings: listed(findings),
  };
}

function indexesOf(records: readonly SalvagedRecord[]): number[] {
  return records.flatMap(({ frame, claimedIndex }, i) =>
    frame === "erased" ? [claimedIndex ?? i] : [],
  );
}

function contentFindings(audited: AuditedRecords): AuditFinding[] {
  const { finals, records, tree } = audited;
  const { crypto } = tree;
  const final = finals.at(-1);
  const failed = firstFailed(audited);
  const isQuiet = records.every(({ isSound, frame }) => isSound && frame !== "differs");
  if (failed === undefined && isQuiet) return [];
  const inOrder = new ClaimedHashes({ level: 0, hashes: records.map(({ leaf }) => leaf), crypto });
  const claimed: (Uint8Array | undefined)[] = [];
  for (const { claimedIndex, leaf } of records) {
    if (claimedIndex !== undefined && claimedIndex < (final?.size ?? 0))
      claimed[claimedIndex] = leaf;
  }
  const asClaimed = new ClaimedHashes({ level: 0, hashes: claimed, crypto });
  const claims = [inOrder, asClaimed, ...audited.claims()];
  const agreed = failed === undefined ? final : finals[finals.indexOf(failed) - 1];
  const proven = merged(
    [agreed, failed, final]
      .filter((one) => one !== undefined)
      .map(({ size, root }) => proveLeaves({ size, root, claims, crypto })),
    final?.size ?? 0,
  );
  const placed = placeRecords(records, proven);
  const exact = exactFindings(placed, proven);
  const isWhole = proven.hashes.every((hash) => hash !== undefined);
  if (isWhole || failed === undefined || final === undefined) return exact;
  const isExplained = exact.some(
    ({ entries }) => entries !== undefined && entries.first < failed.size,
  );
  if (isExplained) return exact;
  return [...exact, judgeUnknown({ placed, entries: records.length, agreed, failed, final })];
}

/** The first final checkpoint that the journal's entries, in their order, do not give. */
function firstFailed({ finals, records, tree }: AuditedRecords): FinalRoot | undefined {
  const range = new CompactRange(tree);
  let next = 0;
  for (const final of finals) {
    while (range.size < final.size) {
      const leaf = records[next++]?.leaf;
      if (leaf === undefined) return final;
      range.append(leaf);
    }
    if (!equalBytes(range.root(), final.root)) return final;
  }
  return undefined;
}

/** What any of several roots proves. */
function merged(parts: readonly ProvenLeaves[], size: number): ProvenLeaves {
  const hashes = Array.from({ length: size }, (_, index) => {
    return parts.find((part) => part.hashes[index] !== undefined)?.hashes[index];
  });
  return { hashes };
}

const kindOfFault: Partial<Record<FsckProblem["code"], AuditFinding["kind"]>> = {
  MISSING_FILE: "deleted",
  UNFINISHED_TAIL: "truncated",
};

/** The entries are the chain's, but a file of the folder is not what it must be. */
function fileFinding({ code, detail, place }: FsckProblem): AuditFinding {
  const kind = kindOfFault[code] ?? "altered";
  return { kind, isExact: true, detail: `${code}: ${detail}; no entry is concerned`, place };
}

function listed(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  if (findings.length <= findingsMax) return findings;
  const more = findings.length - findingsMax;
  const detail = `${more} findings more`;
  return [...findings.slice(0, findingsMax), { kind: "altered", isExact: false, detail }];
}

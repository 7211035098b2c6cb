import type { Crypto } from "@voltfog/runtime";
import { decodeEntry } from "../../log/entry.ts";
import { decodeEntryBundle } from "../../log/entry-bundle.ts";
import type { LogHash } from "../../log/log-hash.ts";
import { type TileName, tilePath, tilesOf } from "../../log/tiles.ts";
import { leafHash } from "../../log/tree-hash.ts";
import { treeHashing } from "../log/tree-hasher.ts";
import { auditRecords } from "./audit-log.ts";
import type { AuditReport, FinalRoot } from "./audit-types.ts";
import { claimsInFiles } from "./known-hashes.ts";
import type { SalvagedRecord } from "./salvage-journal.ts";

/** Tiles that are asked for at a time. */
const asksMax = 8;

/**
 * The audit of a log that is served as C2SP tlog-tiles, of the tree size that its checkpoint states:
 * entries and hashes only, since tiles carry no frames. `fetchTile` gives undefined for a tile that is
 * not served, which counts as gone.
 */
export async function auditServedLog(o: {
  size: number;
  fetchTile: (path: string) => Promise<Uint8Array | undefined>;
  finals: readonly FinalRoot[];
  /** What its tree is hashed with; SHA-256 unless told. */
  hash?: LogHash;
  crypto: Crypto;
}): Promise<AuditReport> {
  const tree = treeHashing(o.hash ?? "sha256", o.crypto);
  const { crypto } = tree;
  const files: { path: string; name: TileName; bytes: Uint8Array }[] = [];
  const waiting = tilesOf(o.size);
  const ask = async (): Promise<void> => {
    for (const name of waiting) {
      const path = tilePath(name);
      const bytes = await o.fetchTile(path);
      if (bytes !== undefined) files.push({ path, name, bytes });
    }
  };
  await Promise.all(Array.from({ length: asksMax }, ask));
  const bundles = files
    .filter(({ name }) => name.level === "entries")
    .sort((a, b) => a.name.index - b.name.index);
  const records = bundles.flatMap((bundle) => recordsIn(bundle, crypto));
  return auditRecords({
    finals: o.finals,
    records,
    tree,
    claims: () => claimsInFiles(files, crypto),
  });
}

function recordsIn(
  { path, name, bytes }: { path: string; name: TileName; bytes: Uint8Array },
  crypto: Crypto,
): SalvagedRecord[] {
  const bundle = decodeEntryBundle(bytes);
  if (!bundle.ok) return [];
  return bundle.value.map((data, i) => {
    const entry = decodeEntry(data);
    return {
      claimedIndex: name.index * 256 + i,
      leaf: leafHash(data, crypto),
      entry: entry.ok ? entry.value : undefined,
      frame: "none",
      isSound: true,
      file: path,
      offset: 0,
    };
  });
}

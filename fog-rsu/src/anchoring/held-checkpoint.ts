import {
  decodeFinalCheckpoint,
  evidenceItemsMax,
  moduleNumber,
  type ResultProof,
} from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import type { ChainPort } from "./chain-port.ts";

/** Results that are looked through at most: about two days of a site of four units. */
const resultsMax = 262_144;

/**
 * The newest final checkpoint that a restored log still reaches. The chain's last one may speak of
 * entries that were lost with the disk; what lies before it is proven by an older one. Looks back
 * through the chain's results from the newest checkpoint of the log, {@link evidenceItemsMax} at a
 * time. Undefined where none is found. Throws as the chain's port does.
 */
export async function heldCheckpoint(options: {
  chain: ChainPort;
  logId: Uint8Array;
  /** Entries that are held. */
  size: number;
  /** Result of the log's newest final checkpoint. */
  newest: number;
}): Promise<number | undefined> {
  const { chain, newest } = options;
  const lowest = Math.max(0, newest - resultsMax);
  for (let to = newest; to >= lowest; to -= evidenceItemsMax) {
    const from = Math.max(lowest, to - evidenceItemsMax + 1);
    const results = Array.from({ length: to - from + 1 }, (_, at) => to - at);
    const evidence = await chain.evidence({ results, names: [] });
    const found = evidence?.results.find((proof) => reaches(proof, options));
    if (found !== undefined) return found.index;
  }
  return undefined;
}

function reaches(
  { result }: ResultProof,
  { logId, size }: { logId: Uint8Array; size: number },
): boolean {
  if (result.module !== moduleNumber.checkpoints || result.code !== "OK") return false;
  const data = decodeFinalCheckpoint(result.data);
  return data.ok && equalBytes(data.value.logId, logId) && data.value.size <= size;
}

import { type Chain, type ChainEvidence, decodeResult } from "@voltfog/ledger";
import type { ChainReader } from "../store/chain-reader.ts";

/** Evidence by the newest block for one result and some names; undefined where there is none yet. */
export async function evidenceOf(
  chain: Chain | undefined,
  o: { index: number; names: readonly string[]; store: Pick<ChainReader, "result"> },
): Promise<ChainEvidence | undefined> {
  const { index, names, store } = o;
  const stored = await store.result(index);
  const result = stored && decodeResult(stored.bytes);
  if (chain === undefined || !result?.ok) return undefined;
  return chain.evidence({ results: [index], names, known: new Map([[index, result.value]]) });
}

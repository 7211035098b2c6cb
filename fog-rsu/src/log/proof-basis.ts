import { decodeLogState, logName } from "@voltfog/ledger";
import type { Crypto } from "@voltfog/runtime";
import type { ChainPort } from "../anchoring/chain-port.ts";
import { heldCheckpoint } from "../anchoring/held-checkpoint.ts";
import type { UnitIdentity } from "../unit-identity.ts";
import type { EarlierLog, UnitLogView } from "./earlier-logs.ts";
import { logOf } from "./settle-log.ts";

/**
 * Says by which checkpoint an entry of a log is proven: undefined, which is the last final one, except
 * for an earlier log that came back shorter than the chain knows it. Each log is looked up once, since
 * nothing of an earlier log becomes final any more.
 */
export function proofBasis(options: {
  chain: ChainPort;
  identity: UnitIdentity;
  crypto: Crypto;
}): (log: UnitLogView | EarlierLog) => Promise<number | undefined> {
  const { chain } = options;
  const found = new Map<number, number | undefined>();
  return async (log) => {
    if (!("note" in log)) return undefined;
    if (found.has(log.number)) return found.get(log.number);
    const { logId } = logOf(options, log.number);
    const evidence = await chain.evidence({ results: [], names: [logName(logId)] });
    const value = evidence?.names[0]?.value;
    const state = value && decodeLogState(value);
    if (!state?.ok) return undefined;
    const { size } = log.view;
    const newest = state.value.resultIndex;
    const basis =
      state.value.size <= size ? newest : await heldCheckpoint({ chain, logId, size, newest });
    found.set(log.number, basis);
    return basis;
  };
}

import type { Certificate } from "@voltfog/ledger";
import type { Decision } from "./engine.ts";

/** A decision in the ledger's words, for a set of this many voters. */
export function certificateOf(options: { decision: Decision; voters: number }): Certificate {
  const { form, height, round, digest, seals } = options.decision;
  return {
    form,
    height,
    round,
    blockHash: digest,
    validators: options.voters,
    signatures: seals.map(({ voter, delay_ms, signature }) => ({
      validator: voter,
      delay_ms,
      signature,
    })),
  };
}

import { type EngineChoice, type Validator, verifyCertificate } from "@voltfog/ledger";
import { certificateOf } from "../certificate-of.ts";
import type { Decision, VoterSet } from "../engine.ts";
import { simulatedCrypto } from "./keyed-hash.ts";

/** The simulated chain's name and engine, who starts it and who may join it. */
export interface Consortium {
  readonly engine: EngineChoice;
  readonly chainId: Uint8Array;
  /** Seats 0 to here vote from the first height on. */
  readonly voters: number;
  /** All machines; those beyond the voters follow the chain until a change of the set lets them vote. */
  readonly seats: number;
}

export const simulatedChainId: Uint8Array = new Uint8Array(32).fill(7);

export function consortiumOf(options: {
  engine: EngineChoice;
  voters: number;
  spares: number;
}): Consortium {
  const { engine, voters, spares } = options;
  return { engine, chainId: simulatedChainId, voters, seats: voters + spares };
}

/** What the ledger says of a decision's seals: undefined where they make a certificate of these voters. */
export function sealProblem(options: {
  consortium: Consortium;
  voterSet: VoterSet;
  decision: Decision;
}): string | undefined {
  const { consortium, voterSet, decision } = options;
  const validators: Validator[] = voterSet.voters.map(({ key }, i) => ({
    id: `validator-${i + 1}`,
    organisation: "simulated",
    voteKey: key,
  }));
  const verified = verifyCertificate({
    certificate: certificateOf({ decision, voters: validators.length }),
    engine: consortium.engine,
    chainId: consortium.chainId,
    epoch: voterSet.epoch,
    height: decision.height,
    blockHash: decision.digest,
    validators,
    crypto: simulatedCrypto,
  });
  return verified.ok ? undefined : verified.problem.code;
}

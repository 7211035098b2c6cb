import { type Validator, verifyCertificate } from "@voltfog/ledger";
import { certificateOf } from "../certificate-of.ts";
import type { Decision, VoterSet } from "../engine.ts";
import { simulatedCrypto, simulatedSigner } from "./keyed-hash.ts";

/** The simulated chain's name and voters. */
export interface Consortium {
  readonly chainId: Uint8Array;
  readonly voterSet: VoterSet;
}

export function consortiumOf(voterCount: number): Consortium {
  const voters = Array.from({ length: voterCount }, (_, voter) => ({
    key: simulatedSigner(voter).publicKey,
    weight: 1,
  }));
  return { chainId: new Uint8Array(32).fill(7), voterSet: { epoch: 0, voters } };
}

/** What the ledger says of a decision's seals: undefined where they make a certificate. */
export function sealProblem(consortium: Consortium, decision: Decision): string | undefined {
  const { chainId, voterSet } = consortium;
  const validators: Validator[] = voterSet.voters.map(({ key }, i) => ({
    id: `validator-${i + 1}`,
    organisation: "simulated",
    voteKey: key,
  }));
  const verified = verifyCertificate({
    certificate: certificateOf({ decision, voters: validators.length }),
    chainId,
    epoch: voterSet.epoch,
    height: decision.height,
    blockHash: decision.digest,
    validators,
    crypto: simulatedCrypto,
  });
  return verified.ok ? undefined : verified.problem.code;
}

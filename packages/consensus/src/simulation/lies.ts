import type { Crypto, Random, Signer } from "@voltfog/runtime";
import type { PoaMessage, Proposal } from "../poa/message.ts";
import { type PoaRules, qbftRules } from "../poa/rules.ts";
import { Signing } from "../poa/signing.ts";
import type { Consortium } from "./consortium.ts";
import { decodeLightBlock, encodeLightBlock, lightDigestOf } from "./light-application.ts";

/** What becomes of a message on its way out: correct voters send just that. */
export type Tamper = (message: PoaMessage) => readonly PoaMessage[];

export const honest: Tamper = (message) => [message];

/** A liar's own rules: it states at a round change that it holds nothing prepared. */
export const forgetfulRules: PoaRules = { ...qbftRules, claimedAtRoundChange: () => undefined };

/**
 * Where it should propose the prepared block again, a usurper signs a block of its own, with all the
 * proof it has, and votes for it in both phases at once.
 */
export function usurping(options: {
  consortium: Consortium;
  signer: Signer;
  crypto: Crypto;
  random: Random;
}): Tamper {
  const { chainId, voterSet } = options.consortium;
  const signing = new Signing({ ...options, chainId });
  return (message) => {
    if (message.type !== "proposal" || message.round === 0) return [message];
    const block = otherBlock(message, options.random);
    const digest = block && lightDigestOf(block);
    if (block === undefined || digest === undefined) return [message];
    const { height, round, voter } = message;
    const vote = { height, round, voter, digest };
    return [
      signing.signProposal(voterSet.epoch, { ...message, block, digest }),
      signing.signPrepare(voterSet.epoch, vote),
      signing.signCommit(voterSet.epoch, { ...vote, delay_ms: 0 }),
    ];
  };
}

function otherBlock(proposal: Proposal, random: Random): Uint8Array | undefined {
  const block = decodeLightBlock(proposal.block);
  if (block === undefined) return undefined;
  const salt = Math.floor(random.uniform() * 0xffffffff);
  return encodeLightBlock({ ...block, builder: proposal.voter, salt });
}

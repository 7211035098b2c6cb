import type { Random } from "@voltfog/runtime";
import type { Proposal } from "../voting/message.ts";
import type { Signing } from "../voting/signing.ts";
import { decodeLightBlock, encodeLightBlock, lightDigestOf } from "./light-block.ts";

export interface OtherBlock {
  readonly block: Uint8Array;
  readonly digest: Uint8Array;
}

/** A block like the proposed one that nobody has seen; undefined where the proposed one does not read. */
export function otherBlock(
  proposal: Proposal,
  options: { builder?: number; random: Random },
): OtherBlock | undefined {
  const read = decodeLightBlock(proposal.block);
  if (read === undefined) return undefined;
  const salt = Math.floor(options.random.uniform() * 0xffffffff);
  const block = encodeLightBlock({ ...read, builder: options.builder ?? read.builder, salt });
  const digest = lightDigestOf(block);
  return digest && { block, digest };
}

/** The proposal, changed like this and signed again; with the proposer's own PREPARE where it had one. */
export function proposalLike(
  proposal: Proposal,
  options: {
    readonly change: OtherBlock & Partial<Pick<Proposal, "claims">>;
    readonly signing: Signing;
    readonly epoch: number;
  },
): Proposal {
  const { change, signing, epoch } = options;
  const changed = { ...proposal, ...change };
  const { height, round, voter, digest } = changed;
  const { signature: prepare } = signing.signPrepare(epoch, { height, round, voter, digest });
  return signing.signProposal(epoch, {
    ...changed,
    ...(proposal.prepare === undefined ? {} : { prepare }),
  });
}

import type { Proposal, RoundChange } from "../voting/message.ts";
import { Signing } from "../voting/signing.ts";
import { otherBlock } from "./other-proposal.ts";
import { honest, type LiarOptions, type Voice } from "./voice.ts";

/**
 * Gives its shares, and at a round change denies them, or claims to have given the last one for a block that
 * nobody saw, or for one that came to nothing in an earlier round. Where it is the first to propose, it may let
 * one voter alone have the block that it will come back to.
 */
export function turning(options: LiarOptions): Voice {
  const { chainId } = options.consortium;
  const signing = new Signing({ ...options, chainId });
  const { random } = options;
  /** What was proposed at the height at hand, in order. */
  let heard: Proposal[] = [];

  function claimed(round: number): { round: number; digest: Uint8Array } | undefined {
    const way = round === 1 ? 0 : Math.floor(4 * random.uniform());
    const [first] = heard;
    if (way === 0 || first === undefined) return undefined;
    const digest = way < 3 ? first.digest : otherBlock(first, { random })?.digest;
    return digest && { round: round - 1, digest };
  }

  function turned(message: RoundChange): RoundChange {
    const { fast: _, ...claim } = message.claim;
    const fast = claimed(claim.round);
    const lie = fast === undefined ? claim : { ...claim, fast };
    const { epoch } = options.voterSet();
    return { ...message, claim: signing.signClaim(epoch, lie), block: undefined };
  }

  return {
    ...honest,
    says({ message, to }) {
      if (message.type === "proposal" && message.round === 0) {
        this.hears(message);
        const first = Math.floor(to.length * random.uniform());
        return [{ message, to: random.uniform() < 0.5 ? to : to.slice(first, first + 1) }];
      }
      return [{ to, message: message.type === "round-change" ? turned(message) : message }];
    },
    hears(message) {
      if (message.type !== "proposal") return;
      if (message.height !== heard[0]?.height) heard = [];
      heard.push(message);
    },
  };
}

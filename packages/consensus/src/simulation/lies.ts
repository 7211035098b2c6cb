import { quorumOf } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import { isSigned, type Proposal, type RoundChange } from "../voting/message.ts";
import type { VotingRules } from "../voting/rules.ts";
import { highestPrepared } from "../voting/safe-block.ts";
import { Signing } from "../voting/signing.ts";
import { counterfeiting, favouring, hoarding, mute } from "./collector-lies.ts";
import type { FaultyStyle } from "./fault-plan.ts";
import { otherBlock, proposalLike } from "./other-proposal.ts";
import { turning } from "./share-lies.ts";
import { honest, type LiarOptions, type Voice } from "./voice.ts";

/**
 * The rules that a liar's engine follows, some of which state at a round change that nothing is held
 * prepared; its voice may bend what comes out of them.
 */
export function liarsRules(style: FaultyStyle, rules: VotingRules): VotingRules {
  const isForgetful = style === "forgetful" || style === "deserter";
  return isForgetful ? { ...rules, claimedAtRoundChange: () => undefined } : rules;
}

export function voiceOf(style: FaultyStyle | undefined, options: LiarOptions): Voice {
  switch (style) {
    case "usurper":
      return usurping(options);
    case "forger":
      return forging(options);
    case "deserter":
      return deserting(options);
    case "flooder":
      return flooding(options);
    case "slanderer":
      return slandering(options);
    case "mute":
      return mute;
    case "hoarder":
      return hoarding;
    case "favourer":
      return favouring(options.random);
    case "counterfeiter":
      return counterfeiting(options);
    case "turncoat":
      return turning(options);
    default:
      return honest;
  }
}

/**
 * Where it should propose the prepared block again, a usurper signs a block of its own, with all the
 * proof it has, and votes for it in both phases at once.
 */
function usurping(options: LiarOptions): Voice {
  const { chainId } = options.consortium;
  const signing = new Signing({ ...options, chainId });
  return {
    ...honest,
    says(said) {
      const { message, to } = said;
      if (message.type !== "proposal" || message.round === 0) return [said];
      const { random } = options;
      const change = otherBlock(message, { builder: message.voter, random });
      if (change === undefined) return [said];
      const { height, round, voter } = message;
      const { epoch } = options.voterSet();
      const vote = { height, round, voter, digest: change.digest };
      return [
        { to, message: proposalLike(message, { change, signing, epoch }) },
        { to, message: signing.signPrepare(epoch, vote) },
        { to, message: signing.signCommit(epoch, { ...vote, delay_ms: 0 }) },
      ];
    },
  };
}

/**
 * Says its COMMIT to one voter only, so that this one may decide alone; and claims at a round change that
 * a block of its own was prepared, with the PREPAREs for another block where it has them, else with such
 * as it could sign only one of.
 */
function forging(options: LiarOptions): Voice {
  const { chainId } = options.consortium;
  const signing = new Signing({ ...options, chainId });
  const { random } = options;
  let heard: Proposal | undefined;
  const forged = ({ claim, prepares: held }: RoundChange): RoundChange | undefined => {
    if (heard === undefined || heard.height !== claim.height) return undefined;
    const other = otherBlock(heard, { random });
    if (other === undefined) return undefined;
    const { block, digest } = other;
    const { height, voter } = claim;
    const round = claim.prepared?.round ?? claim.round - 1;
    const { epoch, voters } = options.voterSet();
    const own = signing.signPrepare(epoch, { height, round, voter, digest });
    const made = [...voters.keys()].map((each) => ({ ...own, voter: each }));
    const prepares = held.length > 0 ? held : made;
    const lie = signing.signClaim(epoch, { ...claim, prepared: { round, digest } });
    return { type: "round-change", claim: lie, prepares, block };
  };
  /** A proof for one block under another, which the forger claims to hold of the same round. */
  const stolen = (proposal: Proposal): Proposal | undefined => {
    const round = highestPrepared(proposal.claims);
    const other = otherBlock(proposal, { random });
    if (round === undefined || other === undefined) return undefined;
    const { digest } = other;
    const { epoch } = options.voterSet();
    const claims = proposal.claims.map((claim) =>
      claim.voter === proposal.voter
        ? signing.signClaim(epoch, { ...claim, prepared: { round, digest } })
        : claim,
    );
    return proposalLike(proposal, { change: { ...other, claims }, signing, epoch });
  };
  return {
    says({ message, to }) {
      if (message.type === "commit") return [{ message, to: to.slice(0, 1) }];
      if (message.type === "proposal") return [{ to, message: stolen(message) ?? message }];
      return [
        { to, message: message.type === "round-change" ? (forged(message) ?? message) : message },
      ];
    },
    hears(message) {
      if (message.type === "proposal") heard = message;
    },
  };
}

/**
 * Lets one voter alone hold a block prepared: just a quorum hears its proposal, and one of these its PREPARE.
 * It hides at the round change what it knows, helps to prepare another block, and then falls silent for
 * ever, so that the one who holds the first block is needed for everything from there on.
 */
function deserting({ consortium, voterSet }: LiarOptions): Voice {
  let first: Proposal | undefined;
  let isGone = false;
  return {
    ...honest,
    says({ message, to }) {
      if (isGone) return [];
      if (message.type === "proposal" && message.round === 0) {
        first = message;
        const enough = quorumOf(consortium.engine, voterSet().voters.length) - 1;
        return [{ message, to: to.slice(0, enough) }];
      }
      if (message.type !== "prepare" || message.height !== first?.height) return [{ message, to }];
      if (equalBytes(message.digest, first.digest)) return [{ message, to: to.slice(0, 1) }];
      isGone = true;
      return [{ message, to }];
    },
  };
}

const floodMessages = 6;
const floodHeights = 400;

/** Signs votes for heights far ahead, several with each message. */
function flooding(options: LiarOptions): Voice {
  const { chainId } = options.consortium;
  const signing = new Signing({ ...options, chainId });
  const { random } = options;
  return {
    ...honest,
    says(said) {
      const { message, to } = said;
      if (message.type === "round-change" || !isSigned(message)) return [said];
      const { height, voter, digest } = message;
      const flood = Array.from({ length: floodMessages }, () => ({
        to,
        message: signing.signPrepare(options.voterSet().epoch, {
          ...{ voter, digest, round: Math.floor(4 * random.uniform()) },
          height: height + 1 + Math.floor(floodHeights * random.uniform() ** 3),
        }),
      }));
      return [said, ...flood];
    },
  };
}

/** With each PREPARE of its own it says another in a neighbour's name, for a block that nobody proposed. */
function slandering(options: LiarOptions): Voice {
  const { chainId } = options.consortium;
  const signing = new Signing({ ...options, chainId });
  return {
    ...honest,
    says(said) {
      const { message, to } = said;
      if (message.type !== "prepare") return [said];
      const { epoch, voters } = options.voterSet();
      const voter = (message.voter + 1) % voters.length;
      const digest = message.digest.map((byte) => byte ^ 1);
      const slander = signing.signPrepare(epoch, { ...message, voter, digest });
      return [said, { to, message: slander }];
    },
  };
}

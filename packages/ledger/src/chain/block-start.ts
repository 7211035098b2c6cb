import { assert, equalBytes } from "@voltfog/runtime";
import { sealsNeeded, sharesTurns } from "../genesis/engine-choice.ts";
import { engineOf, type Genesis } from "../genesis/genesis.ts";
import { encodeMembership } from "../modules/consortium-records.ts";
import { proposerPolicyIn } from "../modules/consortium-rules.ts";
import { encodeQuality, qualityAfter } from "../modules/quality.ts";
import { isMoneyPolicy, withTermWeights } from "../modules/term-weights.ts";
import { withReward } from "../modules/union-rewards.ts";
import { electorateName, membershipName, qualityName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { Certificate } from "./certificate.ts";
import type { Electorate } from "./electorate.ts";
import { encodeEpochStep, type SetChange } from "./epoch-step.ts";
import type { BlockHeader } from "./header.ts";
import { isTermEnd, qualityIn } from "./seat-turns.ts";

/** What a block begins with, before its transactions: everything in it is final. */
export interface BlockStart {
  readonly genesis: Genesis;
  /** The state that the parent left. */
  readonly state: StateTree;
  readonly parent: BlockHeader;
  /** The parent's certificate as this block carries it; undefined at height 1. */
  readonly parentCertificate: Certificate | undefined;
  /** At the parent: `head` decided it, `next` decides this block. */
  readonly electorate: Electorate;
}

/**
 * The state in which a block's transactions begin. The first block of a set that was voted for records
 * how it came to be: the parent's header, which names it, with a quorum of the set before. The union
 * rewards the parent's proposer.
 */
export function startBlock(start: BlockStart): StateTree {
  const rewarded = withReward(withSetChange(start), proposerOf(start));
  return withMoneyWeights(withQuality(rewarded, start), start);
}

/** Where turns are shared out by deposits or delegations, the end of a term looks at them. */
function withMoneyWeights(
  state: StateTree,
  { genesis, electorate, parent }: BlockStart,
): StateTree {
  if (!isTermEnd(genesis, parent.height + 1)) return state;
  const policy = proposerPolicyIn(state);
  return isMoneyPolicy(policy) ? withTermWeights(state, policy, electorate.next) : state;
}

/** The organisation whose validator proposed the parent, which is final now; undefined for the genesis block. */
function proposerOf({ electorate, parent }: BlockStart): string | undefined {
  return electorate.head.find(({ voteKey }) => equalBytes(voteKey, parent.proposer))?.organisation;
}

function withSetChange(start: BlockStart): StateTree {
  const { genesis, state, electorate, parent, parentCertificate } = start;
  const height = parent.height + 1;
  const { pending } = electorate;
  if (pending === undefined || height !== pending.decidedHeight + 2) return state;
  assert(parentCertificate !== undefined, "only the first block's parent has no certificate");
  const { form, round, validators, signatures } = parentCertificate;
  const step: SetChange = {
    kind: "set-change",
    header: parent,
    form,
    round,
    validators,
    signatures: signatures.slice(0, sealsNeeded(engineOf(genesis), parentCertificate)),
    change: changeOf(electorate, pending.id),
  };
  return state
    .with(electorateName(electorate.epoch), encodeEpochStep(step))
    .with(membershipName, encodeMembership({ height, pending: undefined }));
}

/** How the validators serve the chain, one certificate later. */
function withQuality(state: StateTree, start: BlockStart): StateTree {
  const { genesis, electorate, parent, parentCertificate } = start;
  const height = parent.height + 1;
  if (genesis.termBlocks === undefined) return state;
  const records = qualityAfter({
    records: qualityIn(state),
    parent: parentCertificate && {
      height: parent.height,
      round: parentCertificate.round,
      seals: parentCertificate.signatures,
      ...builderOf(start),
    },
    seats: electorate.next.map(({ id, weight, rank }) => ({ id, turns: weight, rank })),
    isTermEnd: isTermEnd(genesis, height),
    blockInterval_ms: genesis.blockInterval_ms,
  });
  return state.with(qualityName, encodeQuality(records));
}

/** The cycle shares out the turns of `poa` alone. */
function builderOf({ genesis, electorate, parent }: BlockStart): { builder?: number } {
  if (sharesTurns(engineOf(genesis))) return {};
  return {
    builder: electorate.head.findIndex(({ voteKey }) => equalBytes(voteKey, parent.proposer)),
  };
}

function changeOf({ head, next }: Electorate, id: string): SetChange["change"] {
  const place = head.findIndex((seat) => seat.id === id);
  if (place >= 0) return { removed: place };
  const admitted = next.find((seat) => seat.id === id);
  assert(admitted !== undefined, "who is admitted decides the block that records it");
  return { admitted: admitted.voteKey };
}

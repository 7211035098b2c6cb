import { equalBytes } from "@voltfog/runtime";
import type { Decision, VoterSet } from "../engine.ts";
import type {
  Commit,
  CommitCertificate,
  FastVote,
  Prepare,
  PrepareCertificate,
  Proposal,
  RoundChange,
  RoundChangeClaim,
  VoteMessage,
} from "./message.ts";
import type { VoteRecord } from "./vote-record.ts";
import { freshOutlook, type WaitOutlook } from "./wait-outlook.ts";

/** A block with the proof that a quorum accepted it in one round. */
export interface Prepared {
  readonly round: number;
  readonly digest: Uint8Array;
  readonly block: Uint8Array;
  readonly prepares: readonly Prepare[];
}

/** A block that this voter gave its share for. */
export type Shared = Omit<Prepared, "prepares">;

/** What the voters said in one round; the first valid message of each voter and kind is kept. */
export interface RoundVotes {
  readonly proposal: Proposal | undefined;
  /** What the application says of the proposal's block. */
  readonly verdict: "unasked" | "asked" | "valid" | "invalid";
  readonly proposalDelay_ms: number;
  readonly prepares: ReadonlyMap<number, Prepare>;
  readonly commits: ReadonlyMap<number, Commit>;
  /** Shares of a fast certificate. */
  readonly shares: ReadonlyMap<number, FastVote>;
  /** Whether the collector gives shares time before the slow path. */
  readonly fastWait: "none" | "running" | "over";
  readonly roundChanges: ReadonlyMap<number, RoundChange>;
  /** What this voter showed as the round's collector. */
  readonly shownPrepares: PrepareCertificate | undefined;
  readonly shownCommits: CommitCertificate | undefined;
}

export const noVotes: RoundVotes = {
  proposal: undefined,
  verdict: "unasked",
  proposalDelay_ms: 0,
  prepares: new Map(),
  commits: new Map(),
  shares: new Map(),
  fastWait: "none",
  roundChanges: new Map(),
  shownPrepares: undefined,
  shownCommits: undefined,
};

/** The engine's whole memory. A step returns a new one; nothing in it is ever changed in place. */
export interface VotingState {
  /** The height being voted on; 0 before the first height-started. */
  readonly height: number;
  readonly voterSet: VoterSet;
  /** Who built the last final block, by its place in the set; 0 where it has none. */
  readonly leader: number;
  /** This voter's index, undefined where it only watches. */
  readonly self: number | undefined;
  readonly round: number;
  /** Whether the round's timer runs: in round 0 only once there is something to decide. */
  readonly due: boolean;
  readonly due_ms: number;
  /** Whether the round's time has begun: above round 0 only once a quorum is there. */
  readonly isTimed: boolean;
  /** Whether the block time T has passed. */
  readonly ripe: boolean;
  readonly transactionsWaiting: boolean;
  /** Rounds near the current one; see roundsKept. */
  readonly rounds: ReadonlyMap<number, RoundVotes>;
  /** The highest round change of each voter beyond the rounds kept. */
  readonly farChanges: ReadonlyMap<number, RoundChange>;
  readonly prepared: Prepared | undefined;
  /** Of the highest round in which this voter gave a share. */
  readonly shared: Shared | undefined;
  /** Of the rounds that this voter gathers shares in, over all heights. */
  readonly outlook: WaitOutlook;
  /** Digests this voter proposed, by round; after a restart the block itself may be gone. */
  readonly proposed: ReadonlyMap<number, Uint8Array>;
  /** The round a proposal was asked of the application for. */
  readonly building: number | undefined;
  /** Set once the block of this height is decided; voting then rests until the next height starts. */
  readonly decision: Decision | undefined;
  readonly parent: ParentDecision | undefined;
  /** What decided the last block, as its collector; held back for this voter's next proposal. */
  readonly unshown: CommitCertificate | undefined;
  /** Messages of coming heights, their signatures verified, by voter. */
  readonly future: ReadonlyMap<number, readonly VoteMessage[]>;
  /** Votes from disk for this and later heights. */
  readonly restored: readonly VoteRecord[];
}

export interface ParentDecision {
  readonly decision: Decision;
  readonly voterSet: VoterSet;
}

/** Bounds of what a faulty voter can make others remember. */
export const limits = {
  roundsBehind: 4,
  roundsAhead: 8,
  heightsAhead: 2,
  futureMessagesPerVoter: 24,
  futureBlocksPerVoter_bytes: 8_388_608,
} as const;

export function initialState(restored: readonly VoteRecord[]): VotingState {
  return {
    height: 0,
    voterSet: { epoch: 0, voters: [] },
    leader: 0,
    self: undefined,
    round: 0,
    due: false,
    due_ms: 0,
    isTimed: false,
    ripe: false,
    transactionsWaiting: false,
    rounds: new Map(),
    farChanges: new Map(),
    prepared: undefined,
    shared: undefined,
    outlook: freshOutlook,
    proposed: new Map(),
    building: undefined,
    decision: undefined,
    parent: undefined,
    unshown: undefined,
    future: new Map(),
    restored,
  };
}

/** A block of this height that the application found valid. */
export function validBlock(state: VotingState, digest: Uint8Array): Uint8Array | undefined {
  for (const { proposal, verdict } of state.rounds.values()) {
    if (verdict === "valid" && proposal !== undefined && equalBytes(proposal.digest, digest)) {
      return proposal.block;
    }
  }
  return undefined;
}

export function votesOf(state: VotingState, round: number): RoundVotes {
  return state.rounds.get(round) ?? noVotes;
}

/** The claims of a round's changes, sorted by voter. */
export function claimsOf(changes: Iterable<RoundChange>): RoundChangeClaim[] {
  return [...changes].map(({ claim }) => claim).sort((a, b) => a.voter - b.voter);
}

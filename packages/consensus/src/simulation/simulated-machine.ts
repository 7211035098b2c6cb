import type { BlockRequest } from "../catch-up.ts";
import type { Decision, Engine, VoterSet } from "../engine.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { VotingState } from "../voting/state.ts";
import type { Consortium } from "./consortium.ts";
import type { EventQueue } from "./event-queue.ts";
import type { SimulationEvent } from "./events.ts";
import type { ElectorateMistakes } from "./light-electorate.ts";
import type { Voice } from "./voice.ts";

export interface FinalBlock {
  readonly block: Uint8Array;
  readonly decision: Decision;
}

/** What voters send each other: votes, and what catching up needs. */
export type Packet =
  | { readonly type: "vote"; readonly message: VoteMessage }
  | { readonly type: "height"; readonly height: number }
  | { readonly type: "request"; readonly request: BlockRequest }
  | { readonly type: "blocks"; readonly blocks: readonly FinalBlock[] };

export interface SimulatedVoterOptions {
  /** Its seat: its place among all machines, whoever votes. */
  readonly index: number;
  readonly seed: number;
  readonly consortium: Consortium;
  readonly engine: Engine<VotingState, VoteMessage>;
  readonly queue: EventQueue;
  /** How far its wall clock is off now. */
  readonly clockOffset_ms: () => number;
  /** A fault for the checkers to find: votes are written, but not read again after a crash. */
  readonly forgetsVotes: boolean;
  /** Another one: a transaction goes into a block as often as it is sent. */
  readonly takesReplays: boolean;
  /** And another: a vote goes out before it is on disk. */
  readonly sendsUnwritten: boolean;
  /** And others: it has its own idea of who votes, or of whose turn it is. */
  readonly mistakes: ElectorateMistakes;
  /** What it says, given who votes now. */
  readonly voice: (voterSet: () => VoterSet) => Voice;
  readonly send: (to: number, packet: Packet) => void;
  /** Lets every machine have the transaction that accuses this seat. */
  readonly accuse: (seat: number) => void;
  readonly observe: (event: SimulationEvent) => void;
}

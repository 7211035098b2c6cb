import type { EngineName } from "@voltfog/ledger";
import type { VoterSet } from "../engine.ts";
import { proposerAmong } from "../proposer.ts";

/** Where a vote is cast. */
export interface Place {
  readonly voterSet: VoterSet;
  readonly height: number;
  readonly round: number;
  /** Who built the last final block, by its place in this set; 0 where it has none. */
  readonly leader: number;
}

/**
 * Who speaks to whom. The machine of heights, rounds and votes is one for all engines, and with it all that
 * safety rests on; a flow only names the proposer and the voters that hear and show the votes. Whatever a
 * flow says, a repeated vote goes to everybody, so a collector that fails costs time and no more.
 */
export interface Flow {
  readonly name: EngineName;
  /** Whose proposal of this round counts; the same voter for everybody who is at this place. O(1). */
  proposer(place: Place): number;
  /** Who gathers the round's PREPAREs and shows a quorum of them; undefined where all hear them. */
  prepareCollector(place: Place): number | undefined;
  /** Who gathers the round's COMMITs and shows what decides; undefined where all hear them. */
  commitCollector(place: Place): number | undefined;
  /** Whether the proposer's PREPARE travels inside its proposal. */
  readonly isPrepareProposed: boolean;
  /** Whether what decided a block travels inside the next height's proposal, where one voter makes both. */
  readonly isDecisionProposed: boolean;
}

const poa: Flow = {
  name: "poa",
  proposer: (place) => proposerAmong(place.voterSet, place),
  prepareCollector: () => undefined,
  commitCollector: () => undefined,
  isPrepareProposed: false,
  isDecisionProposed: false,
};

/** Castro and Liskov, OSDI 1999: the leader stays until a round is changed. */
const pbft: Flow = {
  name: "pbft",
  proposer: ({ voterSet, leader, round }) => turnAfter(voterSet, leader, round),
  prepareCollector: () => undefined,
  commitCollector: () => undefined,
  isPrepareProposed: true,
  isDecisionProposed: false,
};

const proposerAfterLeader = pbft.proposer;

/** The round's proposer gathers the votes and shows them, as in SBFT (Gueta and others, DSN 2019) without its fast path. */
const linear: Flow = {
  name: "linear",
  proposer: proposerAfterLeader,
  prepareCollector: proposerAfterLeader,
  commitCollector: proposerAfterLeader,
  isPrepareProposed: false,
  isDecisionProposed: false,
};

/**
 * HotStuff (Yin and others, PODC 2019) with two phases and without its pipeline: a height is two views, the
 * block's and the one that carries its certificate. Votes go to the next view's leader. The blocks' views and
 * the certificates' have each voter in turn, the latter two voters on: with one turn for all views, half of an
 * even number of voters would never propose. After a change of round its proposer gathers the votes itself, so
 * that one correct leader is enough, and round 1 has the first voter that round 0 did not need.
 */
const hotstuff: Flow = {
  name: "hotstuff",
  proposer: (place) => voterAfter(place, place.round === 0 ? 0 : 2 + place.round),
  prepareCollector: (place) => voterAfter(place, 2 + place.round),
  commitCollector: (place) => voterAfter(place, place.round === 0 ? 1 : 2 + place.round),
  isPrepareProposed: false,
  isDecisionProposed: true,
};

/** So many voters after the one whose turn it is to propose at this height. */
function voterAfter({ voterSet, height }: Place, voters: number): number {
  return turnAfter(voterSet, 0, height + voters);
}

const flows: Readonly<Record<EngineName, Flow>> = {
  poa,
  pbft,
  linear,
  sbft: { ...linear, name: "sbft" },
  hotstuff,
};

/** The flow of an engine. */
export function flowOf(name: EngineName): Flow {
  return flows[name];
}

const seatsWithTurns = new WeakMap<VoterSet, readonly number[]>();

/** So many turns after the first voter from `start` on that has turns; a weight of 0 means none. */
function turnAfter(voterSet: VoterSet, start: number, turns: number): number {
  const seats = seatsWithTurns.get(voterSet) ?? drawSeats(voterSet);
  const first = seats.findIndex((seat) => seat >= start);
  return seats[(Math.max(first, 0) + turns) % seats.length] ?? 0;
}

function drawSeats(voterSet: VoterSet): readonly number[] {
  const seats = [...voterSet.voters.keys()].filter(
    (seat) => (voterSet.voters[seat]?.weight ?? 0) > 0,
  );
  seatsWithTurns.set(voterSet, seats);
  return seats;
}

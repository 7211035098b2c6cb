import { clampedWeights, faultTolerance } from "@voltfog/ledger";
import type { Decision, VoterSet } from "../engine.ts";
import { simulatedSigner } from "./keyed-hash.ts";
import type { LightBlock } from "./light-block.ts";

/** What a light transaction asks for, told from its number. Every other number is a plain transaction. */
export type Order = "join" | "leave" | "accuse";

const firstOf: Readonly<Record<Order, number>> = {
  join: 0x1000_0000,
  leave: 0x2000_0000,
  accuse: 0x3000_0000,
};
const seatsMax = 256;

/** The transaction that asks for this; each can be included once. */
export function orderFor(order: Order, seat: number): number {
  return firstOf[order] + seat;
}

function seatOfOrder(transaction: number, order: Order): number | undefined {
  const seat = transaction - firstOf[order];
  return seat >= 0 && seat < seatsMax ? seat : undefined;
}

/** The seat that a voter's key belongs to: a voter's index changes with the set, its seat never does. */
export function seatOf(voterSet: VoterSet, voter: number): number | undefined {
  const key = voterSet.voters[voter]?.key;
  return key?.[0] === undefined ? undefined : key[0] - 1;
}

/** Mistakes for the checkers to find. */
export interface ElectorateMistakes {
  /** A change of the set takes effect in the next block already. */
  readonly isEarly?: boolean;
  /** Signatures say nothing of the epoch. */
  readonly hasNoEpochs?: boolean;
  /** Nothing limits the share of the turns that a few voters own. */
  readonly isUnclamped?: boolean;
  /** Weights come from the seals that this voter saw, not from those that the next block names. */
  readonly trustsOwnView?: boolean;
}

/** Blocks between two changes of the weights; a thousand in the product. */
export const termLength = 8;
/** The set never has fewer voters than at the start, so that f never falls below the number of liars. */
const joinedMax = 2;
const fullQuality = 1024;
const weightMax = 16;

const keys = Array.from({ length: seatsMax - 1 }, (_, seat) => simulatedSigner(seat).publicKey);

/**
 * Who votes and with which turns, from final blocks alone: joins and leaves take effect two heights after
 * their block, weights follow the seals that blocks name and change at the end of a term.
 */
export class LightElectorate {
  readonly #mistakes: ElectorateMistakes;
  readonly #least: number;
  /** Seats of the last final block's height, of the one being voted on, and of the one after it. */
  #parentSeats: readonly number[] = [];
  #seats: readonly number[];
  #nextSeats: readonly number[];
  #builderSeat = 0;
  #epoch = 0;
  #nextEpoch = 0;
  readonly #quality = new Map<number, number>();
  #weights = new Map<number, number>();
  readonly #quarantined = new Set<number>();
  #ownSeals: Decision | undefined;
  #voterSet: VoterSet;

  constructor(options: { voters: number; mistakes?: ElectorateMistakes }) {
    this.#mistakes = options.mistakes ?? {};
    this.#least = options.voters;
    this.#seats = Array.from({ length: options.voters }, (_, seat) => seat);
    this.#nextSeats = this.#seats;
    this.#voterSet = this.#newVoterSet();
  }

  /** Of the height after the last final one. */
  get voterSet(): VoterSet {
    return this.#voterSet;
  }

  /** Who built the last final block, by its place in the set of the next height; 0 where it has none. */
  get leader(): number {
    return Math.max(0, this.#seats.indexOf(this.#builderSeat));
  }

  /** How many voters the last final block's height had; 0 before the first. */
  get parentVoters(): number {
    return this.#parentSeats.length;
  }

  finalise(block: LightBlock, decision: Decision): void {
    this.#countSeals(block);
    this.#ownSeals = decision;
    const isPending = this.#nextEpoch !== this.#epoch;
    const changed = isPending ? undefined : this.#changedSeats(block.transactions);
    this.#parentSeats = this.#seats;
    this.#builderSeat = this.#seats[block.builder] ?? 0;
    this.#seats = this.#nextSeats;
    this.#epoch = this.#nextEpoch;
    if (changed !== undefined) {
      this.#nextSeats = changed;
      this.#nextEpoch++;
    }
    if (this.#mistakes.isEarly === true) {
      this.#seats = this.#nextSeats;
      this.#epoch = this.#nextEpoch;
    }
    if (block.height % termLength === 0) this.#endTerm();
    this.#voterSet = this.#newVoterSet();
  }

  /** Participation: the share of blocks whose certificate, as the next block names it, has the voter's seal. */
  #countSeals({ sealedBy }: LightBlock): void {
    const own = this.#ownSeals?.seals ?? [];
    for (const [voter, seat] of this.#parentSeats.entries()) {
      const hasSealed =
        this.#mistakes.trustsOwnView === true
          ? own.some((seal) => seal.voter === voter)
          : (sealedBy & (1 << voter)) !== 0;
      const before = this.#quality.get(seat) ?? fullQuality;
      this.#quality.set(seat, (7 * before + (hasSealed ? fullQuality : 0)) >> 3);
    }
  }

  #endTerm(): void {
    this.#weights = new Map(
      [...this.#quality].map(([seat, quality]) => [
        seat,
        Math.max(1, Math.floor((weightMax * quality) / fullQuality)),
      ]),
    );
  }

  /** The seats after the first change of this block that can be made; undefined where there is none. */
  #changedSeats(transactions: readonly number[]): readonly number[] | undefined {
    let changed: readonly number[] | undefined;
    for (const transaction of transactions) {
      const accused = seatOfOrder(transaction, "accuse");
      if (accused !== undefined) this.#quarantined.add(accused);
      changed ??= this.#joined(transaction) ?? this.#left(transaction);
    }
    return changed;
  }

  #joined(transaction: number): readonly number[] | undefined {
    const seat = seatOfOrder(transaction, "join");
    const hasRoom = this.#nextSeats.length < this.#least + joinedMax;
    if (seat === undefined || !hasRoom || this.#nextSeats.includes(seat)) return undefined;
    return [...this.#nextSeats, seat];
  }

  #left(transaction: number): readonly number[] | undefined {
    const seat = seatOfOrder(transaction, "leave");
    const isEnough = this.#nextSeats.length > this.#least;
    if (seat === undefined || !isEnough || !this.#nextSeats.includes(seat)) return undefined;
    return this.#nextSeats.filter((each) => each !== seat);
  }

  #newVoterSet(): VoterSet {
    const free = this.#seats.map((seat) => this.#weights.get(seat) ?? 1);
    const quarantined = this.#seats.map((seat) => this.#quarantined.has(seat));
    const faulty = faultTolerance(free.length);
    const weights =
      this.#mistakes.isUnclamped === true
        ? free
        : clampedWeights({ weights: free, quarantined, faulty });
    return {
      epoch: this.#mistakes.hasNoEpochs === true ? 0 : this.#epoch,
      voters: this.#seats.map((seat, voter) => ({
        key: keys[seat] ?? new Uint8Array(32),
        weight: weights[voter] ?? 1,
      })),
    };
  }
}

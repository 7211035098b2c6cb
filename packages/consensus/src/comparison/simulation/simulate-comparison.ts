import { SeededRandom } from "@voltfog/runtime";
import { EventQueue } from "../../simulation/event-queue.ts";
import { mix } from "../../simulation/keyed-hash.ts";
import type { MachineEffect } from "../machine.ts";
import type { ComparisonMessage } from "../message.ts";
import { record_bytes } from "../signed-record.ts";
import type { Contestant } from "./contestant.ts";
import type { Checker, Observed } from "./observed.ts";
import { SimulatedSeat } from "./simulated-seat.ts";
import { arrivals_ms, type Storm, stormOf } from "./storm.ts";

export interface ComparisonSimulation {
  readonly seed: number;
  readonly contestant: Contestant;
  readonly replicas: number;
  /** A replica that runs twice with the same keys, each one in touch with a part of the others. */
  readonly twin?: number;
  /** A mistake in what every machine asks for. */
  readonly spoil?: (effects: readonly MachineEffect[]) => readonly MachineEffect[];
  /** Nothing fails from the beginning. */
  readonly isCalm?: boolean;
}

/** What one run showed. */
export interface ComparisonRun {
  readonly violations: readonly { readonly checker: string; readonly detail: string }[];
  /** The same for the same seed. */
  readonly trace: number;
  readonly messages: number;
  readonly crashes: number;
  /** Told by honest replicas, all together. */
  readonly joined: number;
  readonly left: number;
  readonly finals: number;
  /** Final blocks that left a chain again. */
  readonly finalsUndone: number;
}

const recordEvery_ms = 100;
/** Ten times what the busiest run needs. */
const messagesMax = 200_000;

/** One run on virtual time: a storm, a calm, and the checkers' word. */
export function simulateComparison(options: ComparisonSimulation): ComparisonRun {
  return new Run(options).run();
}

class Run {
  readonly #o: ComparisonSimulation;
  readonly #queue = new EventQueue();
  readonly #random: SeededRandom;
  readonly #storm: Storm;
  readonly #seats: readonly SimulatedSeat[];
  /** The replica of each seat; a twin's second seat is the last. */
  readonly #replicaOf: readonly number[];
  readonly #liars: ReadonlySet<number>;
  readonly #checkers: readonly Checker[];
  readonly #finals = new Map<number, number>();
  readonly #violations = new Map<string, string>();
  #trace = 0;
  readonly #counts = { messages: 0, crashes: 0, joined: 0, left: 0, finals: 0, finalsUndone: 0 };

  constructor(options: ComparisonSimulation) {
    this.#o = options;
    const { contestant, replicas, seed, twin } = options;
    this.#random = new SeededRandom(seed);
    const all = Array.from({ length: replicas }, (_, i) => i);
    this.#replicaOf = twin === undefined ? all : [...all, twin];
    const seats = this.#replicaOf.length;
    const end_ms = options.isCalm === true ? 0 : contestant.storm_ms;
    this.#storm = stormOf({ ...contestant, random: this.#random, seats, end_ms });
    const ofSeat = (seat: number) => ({ replica: this.#replicaOf[seat] ?? 0, replicas, seed });
    this.#liars = new Set(
      this.#replicaOf
        .map((_, seat) => seat)
        .filter((seat) => this.#replicaOf[seat] === twin || contestant.isLiar(ofSeat(seat))),
    );
    const honest = all.filter((seat) => !this.#liars.has(seat));
    this.#checkers = contestant.checkers({ replicas, honest });
    this.#seats = this.#replicaOf.map(
      (_, seat) =>
        new SimulatedSeat({
          seat,
          of: ofSeat(seat),
          contestant,
          queue: this.#queue,
          random: this.#random,
          clockOffset_ms: this.#storm.clockOffsets_ms[seat] ?? 0,
          spoil: options.spoil ?? ((effects) => effects),
          send: (to, message) => this.#carry(seat, to, message),
          observe: (observed) => this.#observe(observed),
        }),
    );
  }

  run(): ComparisonRun {
    const { contestant } = this.#o;
    const end_ms = this.#storm.end_ms + contestant.calm_ms;
    for (const seat of this.#seats) seat.start();
    for (const fault of this.#storm.faults) {
      if (fault.type !== "crash") continue;
      this.#queue.after(fault.at_ms, () => this.#seats[fault.seat]?.crashSoon(fault.for_ms));
    }
    this.#queue.after(this.#storm.end_ms, () =>
      this.#observe({ type: "calm", now_ms: this.#queue.now_ms }),
    );
    this.#feed(end_ms, 0);
    while (this.#queue.now_ms < end_ms && this.#counts.messages < messagesMax) {
      this.#queue.runNext();
    }
    if (this.#counts.messages >= messagesMax) {
      this.#violations.set("bounded-traffic", `${messagesMax} messages before the end`);
    }
    this.#observe({ type: "end", now_ms: this.#queue.now_ms });
    const violations = [...this.#violations].map(([checker, detail]) => ({ checker, detail }));
    return { violations, trace: this.#trace, ...this.#counts };
  }

  /** Clients give every replica a record again and again. */
  #feed(end_ms: number, number: number): void {
    const record = new Uint8Array(record_bytes);
    new DataView(record.buffer).setUint32(0, number);
    for (const seat of this.#seats) seat.submit(record);
    if (this.#queue.now_ms + recordEvery_ms >= end_ms) return;
    this.#queue.after(recordEvery_ms, () => this.#feed(end_ms, number + 1));
  }

  /** Both seats of a twin hear what is said to it. */
  #carry(from: number, to: number, message: ComparisonMessage): void {
    this.#counts.messages++;
    const sender = this.#replicaOf[from] ?? from;
    for (const [seat, replica] of this.#replicaOf.entries()) {
      if (replica !== to || seat === from) continue;
      const now_ms = this.#queue.now_ms;
      for (const delay_ms of arrivals_ms(this.#storm, {
        from,
        to: seat,
        now_ms,
        random: this.#random,
      })) {
        this.#queue.after(delay_ms, () => this.#seats[seat]?.receive(sender, message));
      }
    }
  }

  #observe(observed: Observed): void {
    this.#trace = mix(this.#trace, Math.round(1000 * observed.now_ms));
    if ("seat" in observed) {
      this.#trace = mix(this.#trace, observed.seat);
      if (observed.type === "crashed") this.#counts.crashes++;
      if (this.#liars.has(observed.seat)) return;
      this.#count(observed);
    }
    for (const checker of this.#checkers) {
      const detail = checker.see(observed);
      if (detail !== undefined && !this.#violations.has(checker.name)) {
        this.#violations.set(checker.name, detail);
      }
    }
  }

  #count(observed: Extract<Observed, { seat: number }>): void {
    const { seat } = observed;
    if (observed.type === "joined") this.#counts.joined++;
    if (observed.type === "crashed") this.#finals.delete(seat);
    if (observed.type === "final") {
      this.#counts.finals++;
      this.#finals.set(seat, observed.block.height);
    }
    if (observed.type !== "left") return;
    this.#counts.left++;
    if (observed.block.height > (this.#finals.get(seat) ?? 0)) return;
    this.#counts.finalsUndone++;
    this.#finals.set(seat, observed.block.height - 1);
  }
}

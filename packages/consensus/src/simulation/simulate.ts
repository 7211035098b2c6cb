import { defaultEngine, type EngineChoice, faultyMaxOf } from "@voltfog/ledger";
import { type Random, SeededRandom } from "@voltfog/runtime";
import type { Engine } from "../engine.ts";
import { slotOf, type VoteMessage } from "../voting/message.ts";
import { rulesOf } from "../voting/rules.ts";
import type { VotingState } from "../voting/state.ts";
import { createEngine } from "../voting/voting-engine.ts";
import { accusations } from "./accusations.ts";
import { agreement } from "./agreement.ts";
import { boundedMemory } from "./bounded-memory.ts";
import { certificates } from "./certificates.ts";
import { type Consortium, consortiumOf } from "./consortium.ts";
import { EventQueue } from "./event-queue.ts";
import type { Checker, SimulationEvent } from "./events.ts";
import { evidenceFollowed } from "./evidence-followed.ts";
import {
  type Fault,
  type FaultPlan,
  type FaultyStyle,
  faultPhase_ms,
  planFaults,
} from "./fault-plan.ts";
import { FaultyNetwork } from "./faulty-network.ts";
import { mix, simulatedCrypto, simulatedSigner } from "./keyed-hash.ts";
import { leaderShare } from "./leader-share.ts";
import { liarsRules, voiceOf } from "./lies.ts";
import { lightDigestOf } from "./light-block.ts";
import { orderFor } from "./light-electorate.ts";
import { heightsAfterHealing, livenessAfterHealing } from "./liveness-after-healing.ts";
import type { Mutation } from "./mutation.ts";
import { noContradictingVotes } from "./no-contradicting-votes.ts";
import { preparedByQuorum } from "./prepared-by-quorum.ts";
import type { Packet } from "./simulated-machine.ts";
import { SimulatedVoter } from "./simulated-voter.ts";
import { validity } from "./validity.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** `poa` where not given. */
  readonly engine?: EngineChoice;
  /** By the seed one to four more than one faulty voter asks for where not given: 4 + 2c to 7 + 2c. */
  readonly voters?: number;
  /** A fault in every correct voter, for the checkers to find. */
  readonly mutation?: Omit<Mutation, "caughtBy">;
  /** How the liars lie; by the seed, and not in every run, where not given. */
  readonly faulty?: FaultyStyle;
  /** Machines that join while it runs; none to two by the seed where not given. */
  readonly spares?: number;
  /** Watch only these invariants, to see that one of them alone objects. */
  readonly invariants?: readonly string[];
}

export interface SimulationReport {
  readonly seed: number;
  readonly voters: number;
  /** Lowest final height of the correct voters. */
  readonly height: number;
  readonly messages: number;
  /** How often each fault came: planned ones by kind, liars by style, and what chance did beside them. */
  readonly faults: Readonly<Record<string, number>>;
  /** Of everything that was said and decided, in order: equal for equal seeds. */
  readonly traceHash: string;
  /** Empty where every invariant held. */
  readonly violations: readonly Violation[];
}

/** What a checker objected to. */
export interface Violation {
  readonly invariant: string;
  readonly problem: string;
}

/** A run goes on until each correct voter has at least so many blocks. */
export const heightsMin = 20;
/** What follows from other events. */
const untraced: readonly SimulationEvent["type"][] = ["heard", "turns", "voted"];
/** How long a healed run may take until every correct voter is done. */
const patience_ms = 15_000;

/** Runs real engines on virtual time through one seed's faults, heals, and reports what was violated. */
export function simulate(options: SimulationOptions): SimulationReport {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: Random;
  readonly #queue = new EventQueue();
  readonly #consortium: Consortium;
  readonly #plan: FaultPlan;
  readonly #network: FaultyNetwork;
  /** All machines; twins share a voter's index. */
  readonly #machines: SimulatedVoter[] = [];
  readonly #checkers: readonly Checker[];
  readonly #violations: Violation[] = [];
  readonly #faults: Record<string, number> = {};
  #traceHash = 1;
  #messages = 0;
  #transactions = 0;
  readonly #requested = new Set<number>();
  #isHealed = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new SeededRandom(Math.imul(options.seed + 1, 0x9e3779b1));
    const engine = options.engine ?? defaultEngine;
    const voters = options.voters ?? 4 + 2 * engine.redundant + (options.seed % 4);
    const spares = options.spares ?? Math.max(0, Math.floor(4 * this.#random.uniform()) - 1);
    this.#consortium = consortiumOf({ engine, voters, spares });
    const faultLimit = faultyMaxOf(engine, voters);
    this.#plan = planFaults({
      random: this.#random,
      engine,
      voters,
      seats: voters + spares,
      faultLimit,
      style: options.faulty,
    });
    this.#network = new FaultyNetwork({
      queue: this.#queue,
      random: this.#random,
      plan: this.#plan,
    });
    this.#checkers = [
      agreement(),
      validity(),
      certificates(this.#consortium),
      noContradictingVotes(),
      livenessAfterHealing(),
      boundedMemory(),
      accusations(this.#consortium),
      leaderShare(this.#consortium),
      evidenceFollowed(this.#consortium),
      preparedByQuorum({ consortium: this.#consortium, isLiar: (seat) => this.#isLiar(seat) }),
    ].filter(({ invariant }) => options.invariants?.includes(invariant) ?? true);
    for (let seat = 0; seat < voters + spares; seat++) this.#addMachines(seat);
    for (const { type } of this.#plan.faults) this.#count(type);
    for (const style of this.#plan.faulty.values()) this.#count(style);
    for (const { order } of this.#plan.changes) this.#count(order);
  }

  run(): SimulationReport {
    for (const machine of this.#machines) this.#queue.after(0, () => machine.start());
    for (const fault of this.#plan.faults) {
      if (fault.type === "crash") this.#planCrash(fault);
    }
    for (const { at_ms, order, seat } of this.#plan.changes) {
      this.#queue.after(at_ms, () => this.#request(orderFor(order, seat)));
    }
    this.#submitSometimes();
    this.#queue.after(faultPhase_ms, () => this.#heal());
    let target = Number.POSITIVE_INFINITY;
    while (this.#violations.length === 0 && this.#queue.now_ms < faultPhase_ms + patience_ms) {
      if (!this.#queue.runNext()) break;
      if (!this.#isHealed) continue;
      if (target === Number.POSITIVE_INFINITY) {
        target = Math.max(heightsMin, this.#highest() + heightsAfterHealing);
      }
      if (this.#heights().every((height) => height >= target)) break;
    }
    this.#observe({ type: "ended", heights: this.#heights() });
    return this.#report();
  }

  #report(): SimulationReport {
    const { voters } = this.#consortium;
    const { seed } = this.#options;
    return {
      seed,
      voters,
      height: Math.min(...this.#heights()),
      messages: this.#messages,
      faults: { ...this.#faults, ...this.#network.counts },
      traceHash: this.#traceHash.toString(16).padStart(8, "0"),
      violations: this.#violations,
    };
  }

  #addMachines(voter: number): void {
    const style = this.#plan.faulty.get(voter);
    const count = style === "twins" ? 2 : 1;
    for (let twin = 0; twin < count; twin++) this.#machines.push(this.#machine(voter));
  }

  #machine(voter: number): SimulatedVoter {
    const style = this.#plan.faulty.get(voter);
    const mutation = this.#mutationOf(voter);
    const consortium = this.#consortium;
    const signer = simulatedSigner(voter);
    const crypto = simulatedCrypto;
    const random = this.#random;
    const machine: SimulatedVoter = new SimulatedVoter({
      index: voter,
      seed: Math.floor(this.#random.uniform() * 0xffffffff),
      consortium,
      engine: this.#engine(voter),
      queue: this.#queue,
      clockOffset_ms: () => this.#clockOffset_ms(voter),
      forgetsVotes: mutation.forgetsVotes === true,
      takesReplays: mutation.takesReplays === true,
      sendsUnwritten: mutation.sendsUnwritten === true,
      mistakes: mutation.mistakes ?? {},
      voice: (voterSet) => voiceOf(style, { consortium, voterSet, signer, crypto, random }),
      send: (to, packet) => this.#send({ machine, to, packet }),
      accuse: (seat) => {
        if (style === undefined) this.#request(orderFor("accuse", seat));
      },
      observe: (event) => {
        if (style === undefined) this.#observe(event);
      },
    });
    return machine;
  }

  #engine(voter: number): Engine<VotingState, VoteMessage> {
    const style = this.#plan.faulty.get(voter);
    const mutation = this.#mutationOf(voter);
    const choice = this.#consortium.engine;
    const rules = rulesOf(choice);
    const engine = createEngine({
      chainId: this.#consortium.chainId,
      crypto: simulatedCrypto,
      signer: simulatedSigner(voter),
      timing: { roundTimeout_ms: 120, roundTimeoutMax_ms: 1000, resend_ms: 100 },
      digestOf: lightDigestOf,
      engine: choice,
      rules:
        style === undefined ? (mutation.rules?.(rules, choice) ?? rules) : liarsRules(style, rules),
    });
    return mutation.engine?.(engine) ?? engine;
  }

  /** Liars make no other mistakes. */
  #mutationOf(seat: number): Omit<Mutation, "caughtBy"> {
    const { mutation = {} } = this.#options;
    const isSpared = mutation.isOfSome === true && seat % 2 === 0;
    return this.#plan.faulty.has(seat) || isSpared ? {} : mutation;
  }

  #send(options: { machine: SimulatedVoter; to: number; packet: Packet }): void {
    const from = options.machine.index;
    for (const [i, other] of this.#machines.entries()) {
      if (other.index !== options.to || !this.#reaches(options.machine, other, i)) continue;
      const { packet } = options;
      this.#messages++;
      this.#network.carry({
        from,
        to: options.to,
        packet,
        arrive: () => other.receive(from, packet),
      });
    }
  }

  /** A twin talks to the even or the odd voters only, so that the two can tell different stories. */
  #reaches(from: SimulatedVoter, to: SimulatedVoter, place: number): boolean {
    const isTwin = (voter: number): boolean => this.#plan.faulty.get(voter) === "twins";
    if (this.#isHealed || isTwin(from.index) === isTwin(to.index)) return true;
    const twin = isTwin(from.index) ? this.#machines.indexOf(from) : place;
    const single = isTwin(from.index) ? to.index : from.index;
    return (twin + single) % 2 === 0;
  }

  #planCrash(fault: Extract<Fault, { type: "crash" }>): void {
    const machine = this.#machines.find(({ index }) => index === fault.voter);
    if (machine === undefined) return;
    const comeBack = (): void => this.#queue.after(fault.for_ms, () => this.#restart(machine));
    this.#queue.after(fault.at_ms, () => {
      if (fault.moment !== "now") {
        machine.crashAt(fault.moment, comeBack);
      } else {
        machine.crash();
        comeBack();
      }
    });
  }

  #restart(machine: SimulatedVoter): void {
    if (machine.isUp) return;
    machine.start();
    for (const other of this.#machines) {
      if (other.index !== machine.index) other.connected(machine.index);
    }
  }

  #clockOffset_ms(voter: number): number {
    let offset_ms = this.#plan.clockSkews_ms[voter] ?? 0;
    if (this.#isHealed) return offset_ms;
    for (const fault of this.#network.active()) {
      if (fault.type === "clock" && fault.voter === voter) offset_ms += fault.offset_ms;
    }
    return offset_ms;
  }

  #heal(): void {
    this.#isHealed = true;
    this.#network.heal();
    for (const machine of this.#machines) {
      machine.calmDown();
      this.#restart(machine);
    }
    this.#observe({ type: "healed", heights: this.#heights() });
  }

  #submitSometimes(): void {
    const transaction = this.#transactions++;
    this.#observe({ type: "submitted", transaction });
    this.#submit(transaction);
    if (this.#network.active().some(({ type }) => type === "replay")) {
      this.#submit(Math.floor(this.#random.uniform() * transaction));
    }
    this.#queue.after(20 + 160 * this.#random.uniform(), () => this.#submitSometimes());
  }

  /** Sent once; every machine hears of it sooner or later. */
  #request(transaction: number): void {
    if (this.#requested.has(transaction)) return;
    this.#requested.add(transaction);
    this.#observe({ type: "submitted", transaction });
    for (const machine of this.#machines) {
      this.#queue.after(30 * this.#random.uniform(), () => machine.submit(transaction));
    }
  }

  #submit(transaction: number): void {
    for (const machine of this.#machines) {
      if (this.#random.uniform() < 0.1) continue;
      this.#queue.after(30 * this.#random.uniform(), () => machine.submit(transaction));
    }
  }

  #isLiar(seat: number): boolean {
    return this.#plan.faulty.has(seat);
  }

  #count(fault: string): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
  }

  #correct(): SimulatedVoter[] {
    return this.#machines.filter(({ index }) => !this.#plan.faulty.has(index));
  }

  #heights(): number[] {
    return this.#correct().map(({ height }) => height);
  }

  #highest(): number {
    return Math.max(...this.#heights());
  }

  #observe(event: SimulationEvent): void {
    if (!untraced.includes(event.type)) this.#trace(event);
    if (event.type === "crashed" && event.lostWrite) this.#count("lost-write");
    if (event.type === "accused") this.#count("accusation");
    for (const { invariant, observe } of this.#checkers) {
      const problem = observe(event);
      if (problem !== undefined) this.#violations.push({ invariant, problem });
    }
  }

  #trace(event: SimulationEvent): void {
    let hash = mix(this.#traceHash, event.type.length * 31 + Math.round(this.#queue.now_ms * 1000));
    if (event.type === "sent") {
      const { height, round } = slotOf(event.message);
      hash = mix(mix(hash, event.voter), height * 64 + round);
    } else if (event.type === "final") {
      for (const byte of event.decision.digest.subarray(0, 8)) hash = mix(hash, byte);
    }
    this.#traceHash = hash;
  }
}

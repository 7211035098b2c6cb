import { faultTolerance } from "@voltfog/ledger";
import { type Random, SeededRandom } from "@voltfog/runtime";
import type { Engine } from "../engine.ts";
import { type PoaMessage, slotOf } from "../poa/message.ts";
import { createPoaEngine } from "../poa/poa-engine.ts";
import { type PoaRules, qbftRules } from "../poa/rules.ts";
import type { PoaState } from "../poa/state.ts";
import { agreement } from "./agreement.ts";
import { certificates } from "./certificates.ts";
import { type Consortium, consortiumOf } from "./consortium.ts";
import { EventQueue } from "./event-queue.ts";
import type { Checker, SimulationEvent } from "./events.ts";
import { type FaultPlan, type FaultyStyle, faultPhase_ms, planFaults } from "./fault-plan.ts";
import { FaultyNetwork } from "./faulty-network.ts";
import { mix, simulatedCrypto, simulatedSigner } from "./keyed-hash.ts";
import { forgetfulRules, honest, usurping } from "./lies.ts";
import { lightDigestOf } from "./light-application.ts";
import { heightsAfterHealing, livenessAfterHealing } from "./liveness-after-healing.ts";
import { noContradictingVotes } from "./no-contradicting-votes.ts";
import { type Packet, SimulatedVoter } from "./simulated-voter.ts";
import { validity } from "./validity.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Four to seven by the seed where not given. */
  readonly voters?: number;
  /** A fault in every correct voter, for the checkers to find. */
  readonly mutation?: { readonly rules?: PoaRules; readonly forgetsVotes?: boolean };
  /** How the liars lie; by the seed, and not in every run, where not given. */
  readonly faulty?: FaultyStyle;
  /** Watch only these invariants, to see that one of them alone objects. */
  readonly invariants?: readonly string[];
}

export interface SimulationReport {
  readonly seed: number;
  readonly voters: number;
  /** Lowest final height of the correct voters. */
  readonly height: number;
  readonly messages: number;
  readonly faults: number;
  /** Of everything that was said and decided, in order: equal for equal seeds. */
  readonly traceHash: string;
  /** Empty where every invariant held; each names its invariant. */
  readonly violations: readonly string[];
  /** The command that runs this seed again. */
  readonly replay: string;
}

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
  readonly #violations: string[] = [];
  #traceHash = 1;
  #messages = 0;
  #transactions = 0;
  #isHealed = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new SeededRandom(Math.imul(options.seed + 1, 0x9e3779b1));
    const voters = options.voters ?? 4 + (options.seed % 4);
    this.#consortium = consortiumOf(voters);
    const faultLimit = faultTolerance(voters);
    this.#plan = planFaults({
      random: this.#random,
      voters,
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
    ].filter(({ invariant }) => options.invariants?.includes(invariant) ?? true);
    for (let voter = 0; voter < voters; voter++) this.#addMachines(voter);
  }

  run(): SimulationReport {
    for (const machine of this.#machines) this.#queue.after(0, () => machine.start());
    for (const fault of this.#plan.faults) {
      if (fault.type === "crash") this.#planCrash(fault);
    }
    this.#submitSometimes();
    this.#queue.after(faultPhase_ms, () => this.#heal());
    let target = Number.POSITIVE_INFINITY;
    while (this.#violations.length === 0 && this.#queue.now_ms < faultPhase_ms + patience_ms) {
      if (!this.#queue.runNext()) break;
      if (!this.#isHealed) continue;
      if (target === Number.POSITIVE_INFINITY) target = this.#highest() + heightsAfterHealing;
      if (this.#heights().every((height) => height >= target)) break;
    }
    this.#observe({ type: "ended", heights: this.#heights() });
    return this.#report();
  }

  #report(): SimulationReport {
    const voters = this.#consortium.voterSet.voters.length;
    const { seed } = this.#options;
    return {
      seed,
      voters,
      height: Math.min(...this.#heights()),
      messages: this.#messages,
      faults: this.#plan.faults.length,
      traceHash: this.#traceHash.toString(16).padStart(8, "0"),
      violations: this.#violations,
      replay: `npm run simulate -w @voltfog/consensus -- --seed ${seed} --voters ${voters}`,
    };
  }

  #addMachines(voter: number): void {
    const style = this.#plan.faulty.get(voter);
    const count = style === "twins" ? 2 : 1;
    for (let twin = 0; twin < count; twin++) this.#machines.push(this.#machine(voter));
  }

  #machine(voter: number): SimulatedVoter {
    const style = this.#plan.faulty.get(voter);
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
      clockSkew_ms: this.#plan.clockSkews_ms[voter] ?? 0,
      forgetsVotes: style === undefined && this.#options.mutation?.forgetsVotes === true,
      tamper: style === "usurper" ? usurping({ consortium, signer, crypto, random }) : honest,
      send: (to, packet) => this.#send({ machine, to, packet }),
      observe: (event) => {
        if (style === undefined) this.#observe(event);
      },
    });
    return machine;
  }

  #engine(voter: number): Engine<PoaState, PoaMessage> {
    const correct = this.#options.mutation?.rules ?? qbftRules;
    const style = this.#plan.faulty.get(voter);
    return createPoaEngine({
      chainId: this.#consortium.chainId,
      crypto: simulatedCrypto,
      signer: simulatedSigner(voter),
      timing: { roundTimeout_ms: 120, roundTimeoutMax_ms: 1000, resend_ms: 100 },
      digestOf: lightDigestOf,
      rules: style === "forgetful" ? forgetfulRules : correct,
    });
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

  #planCrash(fault: { at_ms: number; for_ms: number; voter: number; afterVote: boolean }): void {
    const machine = this.#machines.find(({ index }) => index === fault.voter);
    if (machine === undefined) return;
    const comeBack = (): void => this.#queue.after(fault.for_ms, () => this.#restart(machine));
    this.#queue.after(fault.at_ms, () => {
      if (fault.afterVote) {
        machine.crashAfterVote(comeBack);
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
    for (const machine of this.#machines) {
      if (this.#random.uniform() < 0.1) continue;
      this.#queue.after(30 * this.#random.uniform(), () => machine.submit(transaction));
    }
    this.#queue.after(20 + 160 * this.#random.uniform(), () => this.#submitSometimes());
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
    this.#trace(event);
    for (const checker of this.#checkers) {
      const problem = checker.observe(event);
      if (problem !== undefined) this.#violations.push(`${checker.invariant}: ${problem}`);
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

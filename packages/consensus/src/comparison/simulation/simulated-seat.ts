import type { Random } from "@voltfog/runtime";
import type { EventQueue } from "../../simulation/event-queue.ts";
import { simulatedCrypto as crypto } from "../../simulation/keyed-hash.ts";
import { blockId, type ChainBlock } from "../block.ts";
import type { MachineEffect, MachineInput } from "../machine.ts";
import type { ComparisonMessage } from "../message.ts";
import { isMined } from "../proof-of-work.ts";
import { recordName } from "../signed-record.ts";
import type { Booted, Contestant, SeatOptions } from "./contestant.ts";
import type { Observed } from "./observed.ts";

const recordsPerBlock = 5;
const hashesPerBlock = 8;

export interface SimulatedSeatOptions {
  readonly seat: number;
  readonly of: SeatOptions;
  readonly contestant: Contestant;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly clockOffset_ms: number;
  /** A mistake for the checkers to find, made in what the machine asks for. */
  readonly spoil: (effects: readonly MachineEffect[]) => readonly MachineEffect[];
  readonly send: (to: number, message: ComparisonMessage) => void;
  readonly observe: (observed: Observed) => void;
}

/** One replica on virtual time: its machine, its disk, its timers, its records and its luck in mining. */
export class SimulatedSeat {
  readonly #o: SimulatedSeatOptions;
  #machine: Booted | undefined;
  readonly #disk: Uint8Array[] = [];
  #waiting = new Map<string, Uint8Array>();
  readonly #timers = new Map<string, number>();
  #life = 0;
  #timerCount = 0;
  #search = 0;
  #term: number | undefined;
  /** Effects that it still performs before it crashes; undefined where no crash is near. */
  #effectsLeft: number | undefined;
  #downFor_ms = 0;

  constructor(options: SimulatedSeatOptions) {
    this.#o = options;
  }

  get isUp(): boolean {
    return this.#machine !== undefined;
  }

  start(): void {
    const { contestant, of, observe, queue, seat } = this.#o;
    const isAgain = this.#life > 0;
    this.#life++;
    this.#machine = contestant.boot(of, [...this.#disk]);
    this.take({ type: "started", now_ms: this.#now_ms });
    if (isAgain && this.isUp) observe({ type: "restarted", seat, now_ms: queue.now_ms });
  }

  /** It crashes in the middle of one of its next steps, and comes back after a while. */
  crashSoon(down_ms: number): void {
    this.#downFor_ms = down_ms;
    this.#effectsLeft = Math.floor(6 * this.#o.random.uniform());
  }

  submit(record: Uint8Array): void {
    if (!this.isUp) return;
    this.#waiting.set(recordName(record), record);
    this.take({ type: "records-waiting", now_ms: this.#now_ms });
  }

  receive(from: number, message: ComparisonMessage): void {
    this.take({ type: "message", now_ms: this.#now_ms, from, message });
  }

  take(input: MachineInput): void {
    const machine = this.#machine;
    if (machine === undefined) return;
    const effects = this.#o.spoil(machine.step(input));
    this.#observeRole(machine.leads());
    for (const effect of effects) {
      if (this.#effectsLeft === 0) {
        this.#crash();
        return;
      }
      if (this.#effectsLeft !== undefined) this.#effectsLeft--;
      this.#perform(effect);
      if (this.#machine !== machine) return;
    }
  }

  get #now_ms(): number {
    return Math.max(0, this.#o.queue.now_ms + this.#o.clockOffset_ms);
  }

  #observeRole(term: number | undefined): void {
    if (term === this.#term) return;
    this.#term = term;
    const { seat, queue, observe } = this.#o;
    if (term === undefined) observe({ type: "follows", seat, now_ms: queue.now_ms });
    else observe({ type: "leads", seat, now_ms: queue.now_ms, term });
  }

  #crash(): void {
    const { seat, queue, observe } = this.#o;
    this.#machine = undefined;
    this.#effectsLeft = undefined;
    this.#term = undefined;
    this.#waiting = new Map();
    this.#timers.clear();
    this.#search++;
    observe({ type: "crashed", seat, now_ms: queue.now_ms });
    queue.after(this.#downFor_ms, () => this.start());
  }

  #perform(effect: MachineEffect): void {
    const { seat, queue, observe, send } = this.#o;
    switch (effect.type) {
      case "persist":
        this.#disk.push(effect.record);
        return;
      case "send":
        for (const to of effect.to) send(to, effect.message);
        return;
      case "set-timer":
        this.#setTimer(effect.timer, effect.delay_ms);
        return;
      case "cancel-timer":
        this.#timers.delete(effect.timer);
        return;
      case "gather": {
        const records = [...this.#waiting.values()].slice(0, recordsPerBlock);
        this.take({ type: "gathered", now_ms: this.#now_ms, ask: effect.ask, records });
        return;
      }
      case "mine":
        this.#mine(effect.block);
        return;
      case "chain-changed":
        this.#change(effect);
        return;
      case "final":
        observe({ type: "final", seat, now_ms: queue.now_ms, block: effect.block });
    }
  }

  #change({ removed, added }: Extract<MachineEffect, { type: "chain-changed" }>): void {
    const { seat, queue, observe } = this.#o;
    for (const block of removed) {
      for (const record of block.records) this.#waiting.set(recordName(record), record);
      observe({ type: "left", seat, now_ms: queue.now_ms, block });
    }
    for (const block of added) {
      for (const record of block.records) this.#waiting.delete(recordName(record));
      observe({ type: "joined", seat, now_ms: queue.now_ms, block });
    }
  }

  #setTimer(timer: string, delay_ms: number): void {
    const id = ++this.#timerCount;
    const life = this.#life;
    this.#timers.set(timer, id);
    this.#o.queue.after(delay_ms, () => {
      if (life !== this.#life || this.#timers.get(timer) !== id) return;
      this.#timers.delete(timer);
      this.take({ type: "timer", now_ms: this.#now_ms, timer });
    });
  }

  /** Exponential, as the search is; the nonce itself is then found by trying, for the others check it. */
  #mine(block: ChainBlock): void {
    const { contestant, of, random, queue } = this.#o;
    const search = ++this.#search;
    const life = this.#life;
    const mean_ms = contestant.miningMean_ms?.(of) ?? 0;
    queue.after(-mean_ms * Math.log(1 - random.uniform()), () => {
      if (search !== this.#search || life !== this.#life) return;
      let nonce = 0;
      const isWorker = !contestant.isLiar(of);
      while (isWorker && !isMined(blockId({ ...block, nonce }, crypto), hashesPerBlock)) nonce++;
      this.take({ type: "mined", now_ms: this.#now_ms, block: { ...block, nonce } });
    });
  }
}

import { assert, ByteWriter, type Random, SeededRandom } from "@voltfog/runtime";
import { EventQueue } from "../simulation/event-queue.ts";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { type TimedLink, TimedLinks } from "../simulation/timed-links.ts";
import type { ChainBlock } from "./block.ts";
import {
  type MachineEffect,
  type MachineInput,
  type RunningMachine,
  runMachine,
} from "./machine.ts";
import { createProofOfWork, majorityDepth } from "./proof-of-work.ts";
import { createPublishedAuthority } from "./published-authority.ts";
import { record_bytes } from "./signed-record.ts";

export interface TimedChainOptions {
  readonly engine: "pow" | "poa-published";
  readonly replicas: number;
  readonly link: TimedLink;
  /** pow: the mean time until somebody finds a block; poa-published: a slot. */
  readonly blockInterval_ms: number;
  /** Height at which the run ends. */
  readonly blocks: number;
  readonly seed: number;
}

/** One record's times at the observer, for records whose block stands in its last chain. */
export interface TimedRecord {
  readonly included_ms: number;
  readonly final_ms: number;
  readonly buried_ms: number;
}

export interface TimedChainRun {
  readonly records: readonly TimedRecord[];
  /** Blocks that left the observer's chain again, and of those how many it had called final. */
  readonly removed: number;
  readonly removedFinal: number;
  /** Of blocks, in all, one for each receiver, over the height reached. */
  readonly messagesPerBlock: number;
}

/** The published committee: three roadside units (D5.3, §5.1.3, figure 5). */
const committee = 3;
const buriedBy = 6;
const recordsPerInterval = 9.7;
const edge = 12;

/**
 * The engines to compare with on virtual time: as timedRun of the simulation, for chains that change their mind. Nobody
 * hashes: whoever searches finds a block after a time drawn from the exponential distribution, all alike.
 */
export function timedChainRun(options: TimedChainOptions): TimedChainRun {
  return new ChainRun(options).run();
}

class ChainRun {
  readonly #options: TimedChainOptions;
  readonly #queue = new EventQueue();
  readonly #links: TimedLinks;
  readonly #random: Random;
  readonly #machines: RunningMachine[];
  /** Records that each replica knows and has in no block of its chain. */
  readonly #waiting: Map<number, Uint8Array>[];
  readonly #searches: number[];
  readonly #timers = new Map<string, number>();
  #timerCount = 0;
  readonly #submitted_ms: number[] = [];
  readonly #chain: { readonly block: ChainBlock; readonly at_ms: number; final_ms: number }[] = [];
  readonly #firstSeen_ms = new Map<number, number>();
  #removed = 0;
  #removedFinal = 0;
  #blockMessages = 0;

  constructor(options: TimedChainOptions) {
    this.#options = options;
    const { link, seed, replicas } = options;
    this.#links = new TimedLinks({ link, queue: this.#queue, seed });
    this.#random = new SeededRandom(seed + 1);
    const all = Array.from({ length: replicas }, (_, self) => self);
    this.#machines = all.map((self) => this.#newMachine(self));
    this.#waiting = all.map(() => new Map());
    this.#searches = all.map(() => 0);
  }

  run(): TimedChainRun {
    const { blocks, blockInterval_ms } = this.#options;
    const end_ms = 100 * blocks * blockInterval_ms;
    for (const self of this.#machines.keys()) this.#give(self, { type: "started", now_ms: 0 });
    this.#submit(0);
    while (this.#chain.length < blocks) {
      assert(this.#queue.runNext() && this.#queue.now_ms < end_ms, "blocks go on");
    }
    return {
      records: this.#timedRecords(),
      removed: this.#removed,
      removedFinal: this.#removedFinal,
      messagesPerBlock: this.#blockMessages / this.#chain.length,
    };
  }

  get #observer(): number {
    return this.#machines.length - 1;
  }

  #newMachine(self: number): RunningMachine {
    const { engine, replicas, blockInterval_ms } = this.#options;
    const common = { crypto: simulatedCrypto, self, announce_ms: 10 * blockInterval_ms };
    if (engine === "pow") {
      const refresh_ms = blockInterval_ms / 10;
      return runMachine(
        createProofOfWork({ ...common, replicas, hashesPerBlock: 1, refresh_ms }),
        [],
      );
    }
    const signers = Array.from({ length: replicas }, (_, replica) => simulatedSigner(replica));
    return runMachine(
      createPublishedAuthority({
        ...common,
        keys: signers.map(({ publicKey }) => publicKey),
        signer: simulatedSigner(self),
        ...{ committee, start_ms: 0, blockInterval_ms, epochSlots: 20, finalDepth: 0 },
      }),
      [],
    );
  }

  #give(self: number, input: MachineInput): void {
    for (const effect of this.#machines[self]?.(input) ?? []) this.#perform(self, effect);
  }

  #perform(self: number, effect: MachineEffect): void {
    const now_ms = this.#queue.now_ms;
    switch (effect.type) {
      case "send":
        this.#send(self, effect);
        break;
      case "set-timer":
        this.#setTimer(self, effect);
        break;
      case "gather": {
        const records = [...(this.#waiting[self]?.values() ?? [])];
        this.#give(self, { type: "gathered", now_ms, ask: effect.ask, records });
        break;
      }
      case "mine":
        this.#search(self, effect.block);
        break;
      case "chain-changed":
        this.#changeChain(self, effect);
        break;
      case "final":
        this.#finalise(self, effect.block);
        break;
      default: // Nothing is written; no timer of these engines is cancelled.
        break;
    }
  }

  /** One timer of each name: a new one takes the place of the one before. */
  #setTimer(self: number, { timer, delay_ms }: { timer: string; delay_ms: number }): void {
    const id = this.#timerCount++;
    const name = `${self} ${timer}`;
    this.#timers.set(name, id);
    this.#queue.after(delay_ms, () => {
      if (this.#timers.get(name) !== id) return;
      this.#give(self, { type: "timer", now_ms: this.#queue.now_ms, timer });
    });
  }

  #send(from: number, effect: Extract<MachineEffect, { type: "send" }>): void {
    const { to, message } = effect;
    if (message.type === "block") this.#blockMessages += to.length;
    for (const receiver of to) {
      this.#links.send({
        ...{ from, to: receiver },
        arrive: () =>
          this.#give(receiver, { type: "message", now_ms: this.#queue.now_ms, from, message }),
      });
    }
  }

  /** A new search ends the one before; that loses nothing, since a search has no memory. */
  #search(self: number, block: ChainBlock): void {
    const search = (this.#searches[self] ?? 0) + 1;
    this.#searches[self] = search;
    const mean_ms = this.#options.blockInterval_ms * this.#options.replicas;
    const wait_ms = -mean_ms * Math.log(1 - this.#random.uniform());
    this.#queue.after(wait_ms, () => {
      if (this.#searches[self] !== search) return;
      this.#give(self, { type: "mined", now_ms: this.#queue.now_ms, block });
    });
  }

  #changeChain(
    self: number,
    change: { removed: readonly ChainBlock[]; added: readonly ChainBlock[] },
  ): void {
    const waiting = this.#waiting[self];
    for (const { records } of change.removed) {
      for (const record of records) waiting?.set(numberOf(record), record);
    }
    for (const { records } of change.added) {
      for (const record of records) waiting?.delete(numberOf(record));
    }
    if (self === this.#observer) this.#observe(change);
  }

  #observe(change: { removed: readonly ChainBlock[]; added: readonly ChainBlock[] }): void {
    const left = this.#chain.splice(this.#chain.length - change.removed.length);
    this.#removed += left.length;
    this.#removedFinal += left.filter(({ final_ms }) => Number.isFinite(final_ms)).length;
    const at_ms = this.#queue.now_ms;
    for (const block of change.added) {
      this.#chain.push({ block, at_ms, final_ms: Number.POSITIVE_INFINITY });
      for (const record of block.records) {
        const number = numberOf(record);
        if (!this.#firstSeen_ms.has(number)) this.#firstSeen_ms.set(number, at_ms);
      }
    }
  }

  #finalise(self: number, { height }: ChainBlock): void {
    const own = this.#chain[height - 1];
    if (self !== this.#observer || own === undefined) return;
    own.final_ms = Math.min(own.final_ms, this.#queue.now_ms);
  }

  /** To every replica by turns, which tells the others. */
  #submit(number: number): void {
    const record = new Uint8Array(record_bytes);
    record.set(new ByteWriter().u32(number).finish());
    const first = number % this.#machines.length;
    this.#submitted_ms[number] = this.#queue.now_ms;
    for (const to of this.#machines.keys()) {
      const arrive = (): void => {
        this.#waiting[to]?.set(number, record);
      };
      if (to === first) arrive();
      else this.#links.send({ from: first, to, arrive });
    }
    const next_ms = this.#options.blockInterval_ms / recordsPerInterval;
    this.#queue.after(next_ms, () => this.#submit(number + 1));
  }

  /** Without the first blocks, and without the last, whose fate is open. */
  #timedRecords(): TimedRecord[] {
    const depth = Math.max(edge, majorityDepth(this.#options.replicas) + 1);
    return this.#chain.flatMap(({ block, final_ms }, i) => {
      const above = this.#chain[i + buriedBy];
      if (i < edge || i >= this.#chain.length - depth || above === undefined) return [];
      return block.records.map((record) => {
        const number = numberOf(record);
        const from_ms = this.#submitted_ms[number] ?? 0;
        return {
          included_ms: (this.#firstSeen_ms.get(number) ?? 0) - from_ms,
          final_ms: final_ms - from_ms,
          buried_ms: above.at_ms - from_ms,
        };
      });
    });
  }
}

function numberOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset, 4).getUint32(0);
}

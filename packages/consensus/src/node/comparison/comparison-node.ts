import { BoundedQueue, type Clock, type Crypto, type Logger, messageOf } from "@voltfog/runtime";
import { blockId, type ChainBlock } from "../../comparison/block.ts";
import type { MachineEffect, MachineInput, RunningMachine } from "../../comparison/machine.ts";
import {
  type ComparisonMessage,
  type ComparisonPacket,
  decodePacket,
  encodePacket,
  recordsPerMessage,
} from "../../comparison/message.ts";
import type { Transport } from "../../transport.ts";
import { EngineTimers } from "../engine-timers.ts";
import { type ComparisonEngine, startEngine } from "./comparison-engine.ts";
import type { Journal } from "./journal.ts";
import { NonceSearch } from "./nonce-search.ts";
import { RecordPool, type RecordProblem } from "./record-pool.ts";
import { type KindTraffic, Traffic, type TrafficKind } from "./traffic.ts";

export interface ComparisonNodeOptions {
  readonly engine: ComparisonEngine;
  /** All replicas by their ids; a replica's place is its number. */
  readonly replicas: readonly string[];
  /** This replica's number. */
  readonly self: number;
  readonly transport: Transport;
  readonly journal: Journal;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Most records of a block, up to 4,096. */
  readonly recordsPerBlock: number;
  /** Records that may wait; further ones are refused. */
  readonly recordsWaitingMax: number;
}

/**
 * What became of a block here: it joined the own chain, the engine called it final, or it left the chain
 * again ("reorganised"), which may happen to final ones too unless the engine is raft.
 */
export interface BlockNotice {
  readonly change: "included" | "final" | "reorganised";
  readonly height: number;
  readonly id: Uint8Array;
  readonly author: number;
  /** Blocks of the own chain that stand on it; for a reorganised one those that did. */
  readonly depth: number;
  /** Whether the engine had called a reorganised block final. */
  readonly wasFinal: boolean;
  /** By the block's order; a reorganised one's records wait again. */
  readonly records: readonly Uint8Array[];
}

/** Since the start; retries count as what they repeat. */
export interface ComparisonStats {
  readonly height: number;
  readonly finalHeight: number;
  /** Blocks that left the own chain, and those of them that had been final. */
  readonly reorganised: number;
  readonly reorganisedFinal: number;
  /** How often the own chain switched to another branch, and how many blocks its deepest switch undid. */
  readonly switches: number;
  readonly deepestSwitch: number;
  readonly traffic: ReadonlyMap<TrafficKind, KindTraffic>;
  readonly hashes: number;
  /** Of clients' records, and of authorities' blocks where the engine has such. */
  readonly signaturesVerified: number;
  readonly syncs: number;
  readonly waiting: number;
  /** Messages that were lost because too much waited. */
  readonly dropped: number;
}

/** Messages that may wait; beyond it they are lost, as on a bad network. */
const inputsMax = 8192;
/** Inputs of one turn, which share one write and one sync. */
const inputsPerTurn = 256;

/**
 * One replica of a comparison engine over the product's transport. What it says about a block it says
 * after the block is on disk. For benchmarks: it has no admission, no snapshots and no evidence.
 */
export class ComparisonNode {
  readonly #options: ComparisonNodeOptions;
  readonly #pool: RecordPool;
  readonly #traffic = new Traffic();
  readonly #timers: EngineTimers;
  readonly #search: NonceSearch;
  readonly #inputs = new BoundedQueue<MachineInput>({ limit: inputsMax });
  readonly #listeners: ((notice: BlockNotice) => void)[] = [];
  readonly #news: Uint8Array[] = [];
  #machine: RunningMachine | undefined;
  #pumping: Promise<void> | undefined;
  #isStopped = false;
  #height = 0;
  #finalHeight = 0;
  #reorganised = 0;
  #reorganisedFinal = 0;
  #switches = 0;
  #deepestSwitch = 0;
  #dropped = 0;
  #verified = 0;

  constructor(options: ComparisonNodeOptions) {
    const { clock, engine } = options;
    const crypto: Crypto = {
      sha256: (...parts) => options.crypto.sha256(...parts),
      verify: (signed) => {
        this.#verified++;
        return options.crypto.verify(signed);
      },
    };
    this.#options = { ...options, crypto };
    this.#pool = new RecordPool({ crypto, limit: options.recordsWaitingMax });
    this.#timers = new EngineTimers({
      clock,
      over: (timer) => this.#offer({ type: "timer", now_ms: clock.wall_ms(), timer }),
    });
    this.#search = new NonceSearch({
      hashesPerBlock: engine.name === "pow" ? engine.hashesPerBlock : 1,
      hashesPerSecond: engine.name === "pow" ? engine.hashesPerSecond : undefined,
      clock,
      found: (block) => this.#offer({ type: "mined", now_ms: clock.wall_ms(), block }),
    });
  }

  /** Reads the journal, connects and takes part; resolves with the port. */
  async start(): Promise<number> {
    const { journal, clock } = this.#options;
    this.#machine = startEngine(this.#options, await journal.read());
    const port = await this.#options.transport.start({
      connected: (peer) => this.#greet(peer),
      disconnected: () => {},
      received: (peer, bytes) => this.#receive(peer, bytes),
    });
    this.#offer({ type: "started", now_ms: clock.wall_ms() });
    return port;
  }

  /** Takes a client's record and lets every other replica have it; the problem where it is not taken. */
  submit(record: Uint8Array): RecordProblem | undefined {
    const problem = this.#pool.offer(record);
    if (problem !== undefined) return problem;
    this.#news.push(record);
    this.#offer({ type: "records-waiting", now_ms: this.#options.clock.wall_ms() });
    return undefined;
  }

  /** Told in order, after the block is on this replica's disk. Listeners stand before start. */
  onBlock(listener: (notice: BlockNotice) => void): void {
    this.#listeners.push(listener);
  }

  stats(): ComparisonStats {
    return {
      height: this.#height,
      finalHeight: this.#finalHeight,
      reorganised: this.#reorganised,
      reorganisedFinal: this.#reorganisedFinal,
      switches: this.#switches,
      deepestSwitch: this.#deepestSwitch,
      traffic: this.#traffic.kinds,
      hashes: this.#search.hashes,
      signaturesVerified: this.#verified,
      syncs: this.#options.journal.syncs,
      waiting: this.#pool.size,
      dropped: this.#dropped,
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#search.stop();
    this.#timers.cancelAll();
    await this.#pumping;
    await this.#options.transport.stop();
    await this.#options.journal.close();
  }

  /** What waits here may have been sent before there was a connection, and be lost. */
  #greet(peer: number): void {
    const { replicas, transport, recordsWaitingMax } = this.#options;
    const replica = replicas.indexOf(transport.idOf(peer) ?? "");
    const waiting = this.#pool.gather(recordsWaitingMax);
    for (let at = 0; replica >= 0 && at < waiting.length; at += recordsPerMessage) {
      const records = waiting.slice(at, at + recordsPerMessage);
      this.#send([replica], { type: "records", records });
    }
  }

  #receive(peer: number, bytes: Uint8Array): void {
    const { transport, replicas, clock } = this.#options;
    const from = replicas.indexOf(transport.idOf(peer) ?? "");
    const packet = decodePacket(bytes);
    if (from < 0 || !packet.ok) return;
    if (packet.value.type !== "records") {
      this.#offer({ type: "message", now_ms: clock.wall_ms(), from, message: packet.value });
      return;
    }
    let taken = 0;
    for (const record of packet.value.records) {
      if (this.#pool.offer(record) === undefined) taken++;
    }
    if (taken > 0) this.#offer({ type: "records-waiting", now_ms: clock.wall_ms() });
  }

  #offer(input: MachineInput): void {
    if (this.#isStopped) return;
    if (!this.#inputs.offer(input)) this.#dropped++;
    this.#pumping ??= this.#pump()
      .catch((thrown: unknown) => {
        this.#isStopped = true;
        this.#options.logger.error("comparison replica stopped", { reason: messageOf(thrown) });
      })
      .finally(() => {
        this.#pumping = undefined;
      });
  }

  async #pump(): Promise<void> {
    // One turn of the loop later, so that what comes together is one write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#inputs.size > 0 && !this.#isStopped) {
      this.#spread();
      await this.#perform(this.#turn());
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** New records of own clients, on their way to every other pool. */
  #spread(): void {
    const others = this.#options.replicas.map((_, i) => i).filter((i) => i !== this.#options.self);
    while (this.#news.length > 0) {
      const records = this.#news.splice(0, recordsPerMessage);
      this.#send(others, { type: "records", records });
    }
  }

  #turn(): readonly MachineEffect[] {
    const effects: MachineEffect[] = [];
    for (let done = 0; done < inputsPerTurn; done++) {
      const input = this.#inputs.poll();
      if (input === undefined) break;
      if (input.type === "message" && !this.#areRecordsSigned(input.message)) continue;
      this.#step(input, effects);
    }
    return effects;
  }

  #step(input: MachineInput, effects: MachineEffect[]): void {
    const pending = [...(this.#machine?.(input) ?? [])];
    for (const effect of pending) {
      if (effect.type === "gather") this.#answer(effect.ask, effects);
      else if (effect.type === "chain-changed") {
        // At once: what is gathered next must not repeat it.
        for (const block of effect.removed) this.#pool.leave(block);
        for (const block of effect.added) this.#pool.join(block);
        effects.push(effect);
      } else effects.push(effect);
    }
  }

  #answer(ask: number, effects: MachineEffect[]): void {
    const records = this.#pool.gather(this.#options.recordsPerBlock);
    const now_ms = this.#options.clock.wall_ms();
    this.#step({ type: "gathered", now_ms, ask, records }, effects);
  }

  async #perform(effects: readonly MachineEffect[]): Promise<void> {
    let written: Uint8Array[] = [];
    for (const effect of effects) {
      const isSaid = effect.type === "send" || effect.type === "chain-changed";
      if (effect.type === "persist") written.push(effect.record);
      else if ((isSaid || effect.type === "final") && written.length > 0) {
        await this.#options.journal.append(written);
        written = [];
      }
      this.#performOne(effect);
    }
    if (written.length > 0) await this.#options.journal.append(written);
  }

  #performOne(effect: MachineEffect): void {
    switch (effect.type) {
      case "send":
        this.#send(effect.to, effect.message);
        return;
      case "set-timer":
        this.#timers.set(effect);
        return;
      case "cancel-timer":
        this.#timers.cancel(effect.timer);
        return;
      case "mine":
        this.#search.search(effect.block);
        return;
      case "chain-changed":
        this.#change(effect);
        return;
      case "final":
        this.#finalHeight = effect.block.height;
        this.#tell(effect.block, "final", { wasFinal: false });
        return;
      default:
    }
  }

  #change({
    removed,
    added,
  }: {
    removed: readonly ChainBlock[];
    added: readonly ChainBlock[];
  }): void {
    for (const block of removed) {
      const wasFinal = block.height <= this.#finalHeight;
      this.#reorganised++;
      if (wasFinal) this.#reorganisedFinal++;
      this.#tell(block, "reorganised", { wasFinal });
    }
    if (removed.length > 0) {
      this.#switches++;
      this.#deepestSwitch = Math.max(this.#deepestSwitch, removed.length);
      this.#height -= removed.length;
      this.#finalHeight = Math.min(this.#finalHeight, this.#height);
    }
    for (const block of added) {
      this.#height = block.height;
      this.#tell(block, "included", { wasFinal: false });
    }
  }

  #tell(
    block: ChainBlock,
    change: BlockNotice["change"],
    { wasFinal }: { wasFinal: boolean },
  ): void {
    const { height, author, records } = block;
    const notice: BlockNotice = {
      change,
      height,
      id: blockId(block, this.#options.crypto),
      author,
      depth: Math.max(0, this.#height - height),
      wasFinal,
      records,
    };
    for (const listener of this.#listeners) listener(notice);
  }

  #areRecordsSigned(message: ComparisonMessage): boolean {
    if (message.type === "block") return this.#pool.areSigned(message.block);
    if (message.type !== "blocks" && message.type !== "append") return true;
    return message.blocks.every((block) => this.#pool.areSigned(block));
  }

  #send(to: readonly number[], packet: ComparisonPacket): void {
    const { transport, replicas } = this.#options;
    const bytes = encodePacket(packet);
    for (const replica of to) {
      const peer = transport.numberOf(replicas[replica] ?? "");
      if (peer === undefined || !transport.send(peer, bytes)) continue;
      this.#traffic.count(packet, bytes.length);
    }
  }
}

import { setImmediate } from "node:timers/promises";
import { assert, CodedError, type Crypto, equalBytes, type Signer } from "@voltfog/runtime";
import { signCheckpoint } from "../../log/checkpoint.ts";
import { entryFault } from "../../log/entry.ts";
import { logSizeMax } from "./entry-index.ts";
import { GroupBuffer } from "./group-buffer.ts";
import { segmentHeader_bytes } from "./journal-format.ts";
import { idBytes, type JournalItem } from "./journal-record.ts";
import type { JournalWriter } from "./journal-writer.ts";
import { LevelHashes, type LogState } from "./log-state.ts";
import type { LogAppend, LogReceipt } from "./log-types.ts";

/**
 * A group takes no more appends once its records are this large. Small enough that under load some
 * writers' entries are hashed while the disk has those of others, large enough to hide its latency.
 */
const groupMax_bytes = 1024 * 1024;
const spareBuffersMax = 2;

interface Waiting {
  /** Place of the call's first item in the group. */
  readonly offset: number;
  readonly resolve: (receipt: LogReceipt) => void;
  readonly reject: (reason: unknown) => void;
}

interface OpenGroup {
  readonly buffer: GroupBuffer;
  readonly waiting: Waiting[];
}

/**
 * Joins concurrent appends into groups and makes each group durable with one write and one fdatasync.
 * While the disk works, the next group is encoded and leaf-hashed.
 */
export class GroupCommit {
  readonly #state: LogState;
  readonly #writer: JournalWriter;
  readonly #signer: Signer;
  readonly #backlogMax_bytes: number;
  /** Called before a group is written; when it rejects, so does the group. */
  readonly #beforeGroup: () => Promise<void>;
  #groups: OpenGroup[] = [];
  #spare: GroupBuffer[] = [];
  #pending = 0;
  #pending_bytes = 0;
  #draining: Promise<void> | undefined;

  constructor(o: {
    state: LogState;
    writer: JournalWriter;
    signer: Signer;
    backlogMax_bytes: number;
    beforeGroup: () => Promise<void>;
  }) {
    this.#state = o.state;
    this.#writer = o.writer;
    this.#signer = o.signer;
    this.#backlogMax_bytes = o.backlogMax_bytes;
    this.#beforeGroup = o.beforeGroup;
  }

  /** The first entry of a log that replaces another; the log must be empty and nothing wait. */
  open(opening: JournalItem): Promise<LogReceipt> {
    assert(this.#state.size + this.#pending === 0, "an opening is a log's first entry");
    return this.#add([opening]);
  }

  append(items: readonly LogAppend[]): Promise<LogReceipt> {
    const refusal = this.#refusal(items);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (items.length === 0) {
      const checkpoint = this.#state.note ?? this.#state.published.note;
      return Promise.resolve({ firstIndex: this.#state.size, checkpoint });
    }
    return this.#add(items);
  }

  #add(items: readonly JournalItem[]): Promise<LogReceipt> {
    const { buffer, waiting } = this.#openGroup();
    const before_bytes = buffer.records_bytes;
    const offset = buffer.count;
    for (const item of items) buffer.add(item);
    this.#pending += items.length;
    this.#pending_bytes += buffer.records_bytes - before_bytes;
    return new Promise((resolve, reject) => {
      waiting.push({ offset, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  #refusal(items: readonly LogAppend[]): CodedError | undefined {
    if (this.#pending_bytes > this.#backlogMax_bytes) {
      const message = "too many entries wait for the disk";
      return new CodedError({ code: "LOG_BACKLOG", message, remedy: "append again later" });
    }
    if (this.#state.size + this.#pending + items.length > logSizeMax) {
      return new CodedError({ code: "LOG_FULL", message: `a log holds ${logSizeMax} entries` });
    }
    for (const item of items) {
      const message = itemFault(item, this.#state.crypto);
      if (message !== undefined) return new CodedError({ code: "ENTRY_INVALID", message });
    }
    return undefined;
  }

  #openGroup(): OpenGroup {
    const last = this.#groups.at(-1);
    if (last !== undefined && last.buffer.records_bytes < groupMax_bytes) return last;
    const group = { buffer: this.#spare.pop() ?? new GroupBuffer(this.#state.tree), waiting: [] };
    this.#groups.push(group);
    return group;
  }

  async #drain(): Promise<void> {
    while (this.#groups.length > 0) {
      // Lets everything that arrived in this turn of the event loop join the group.
      await setImmediate();
      const group = this.#groups.shift();
      if (group !== undefined) await this.#commit(group);
    }
    this.#draining = undefined;
  }

  async #commit(group: OpenGroup): Promise<void> {
    const { buffer, waiting } = group;
    const firstIndex = this.#state.size;
    let checkpoint = "";
    try {
      await this.#beforeGroup();
      checkpoint = await this.#write(buffer);
    } catch (thrown) {
      for (const { reject } of waiting) reject(thrown);
    }
    this.#pending -= buffer.count;
    this.#pending_bytes -= buffer.records_bytes;
    if (this.#spare.length < spareBuffersMax) this.#spare.push(buffer);
    buffer.clear();
    if (checkpoint === "") return;
    for (const { offset, resolve } of waiting) {
      resolve({ firstIndex: firstIndex + offset, checkpoint });
    }
  }

  /** Makes the group durable and then part of the state; the state is untouched when it fails. */
  async #write(buffer: GroupBuffer): Promise<string> {
    const state = this.#state;
    const { segment, at_bytes } = await this.#writer.place(state.size);
    const range = state.range.clone();
    const hashes = new LevelHashes();
    range.appendAll(buffer.leaves, hashes.sink);
    const note = signCheckpoint({
      origin: state.key.name,
      size: range.size,
      root: range.root(),
      signer: this.#signer,
      crypto: state.crypto,
    });
    const sealed = buffer.seal({
      firstIndex: state.size,
      note,
      before: state.chain,
      newSegment: at_bytes === 0,
      signer: this.#signer,
      crypto: state.crypto,
    });
    await this.#writer.write(sealed.bytes);
    const firstIndex = state.size;
    buffer.addTo(state, firstIndex);
    const place = {
      firstIndex,
      count: buffer.count,
      segment,
      at_bytes: at_bytes === 0 ? segmentHeader_bytes : at_bytes,
      records_bytes: buffer.records_bytes,
    };
    const length_bytes = sealed.bytes.length - sealed.groupStart;
    state.commit({ place, length_bytes, range, hashes, chain: sealed.chain, note });
    return note;
  }
}

function itemFault(item: LogAppend, crypto: Crypto): string | undefined {
  if (!Number.isSafeInteger(item.accepted_ms) || item.accepted_ms < 0) {
    return "accepted_ms is not a whole number of milliseconds";
  }
  const { vehicleId, frame } = item;
  if (vehicleId !== undefined && (vehicleId === "" || idBytes(vehicleId).length > 255)) {
    return "the vehicle id is not 1 to 255 bytes";
  }
  const fault = entryFault(item.entry);
  if (fault !== undefined || frame === undefined) return fault;
  const committed = equalBytes(crypto.sha256(frame), item.entry.commitment);
  return committed ? undefined : "the entry does not commit to its frame";
}

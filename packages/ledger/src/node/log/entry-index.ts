import { entryKindNumber, type LogStream } from "../../log/entry.ts";
import { readU64 } from "./journal-format.ts";
import type { ChainEnd, EntryKey } from "./log-types.ts";

/** Indexes are kept in 32 bits: 4 bytes an entry instead of 8. */
export const logSizeMax: number = 2 ** 32 - 1;

/** Consecutive sequence numbers and where each was logged. */
interface Run {
  readonly firstSequence: number;
  indexes: Uint32Array;
  count: number;
}

/** One device's stream. */
interface Chain {
  readonly keyId: Uint8Array;
  readonly urgent: boolean;
  /** By sequence; a vehicle that stays has one. */
  readonly runs: Run[];
  /** First refused entry of a sequence that has no accepted one, or had none then. */
  readonly refused: Map<number, number>;
  /** 0 before the first one. */
  lastSequence: number;
  readonly lastCommitment: Uint8Array;
}

/** Finds entries by key, stream and sequence. About 4 bytes an entry while sequences are consecutive. */
export class EntryIndex {
  /** By the first 31 bits of the key id, so that a look-up makes no string. */
  readonly #chains = new Map<number, Chain[]>();

  /** Takes in the encoded entry at `at`. Entries must come in order of their index. */
  add(o: { bytes: Uint8Array; view: DataView; at: number; index: number }): void {
    const { bytes, view, at } = o;
    if (bytes[at + 1] === entryKindNumber["log-opened"]) return;
    const urgent = bytes[at + 2] === 1;
    const chain = this.#chain(bytes, at + 8, urgent);
    const sequence = readU64(view, at + 24);
    const isRefused = bytes[at + 1] === entryKindNumber.refused;
    const unlinked = bytes[at + 3] === 1;
    if (isRefused) {
      if (!chain.refused.has(sequence)) chain.refused.set(sequence, o.index);
    } else {
      addToRuns(chain.runs, sequence, o.index);
    }
    if (sequence <= chain.lastSequence || (isRefused && unlinked)) return;
    chain.lastSequence = sequence;
    for (let i = 0; i < 32; i++) chain.lastCommitment[i] = bytes[at + 32 + i] as number;
  }

  find(key: EntryKey): number | undefined {
    const chain = this.#known(key.keyId, 0, key.stream === "urgent");
    if (chain === undefined) return undefined;
    return findInRuns(chain.runs, key.sequence) ?? chain.refused.get(key.sequence);
  }

  lastOf(keyId: Uint8Array, stream: LogStream): ChainEnd | undefined {
    const chain = this.#known(keyId, 0, stream === "urgent");
    if (chain === undefined || chain.lastSequence === 0) return undefined;
    return { sequence: chain.lastSequence, commitment: chain.lastCommitment.slice() };
  }

  #known(bytes: Uint8Array, at: number, urgent: boolean): Chain | undefined {
    return this.#chains
      .get(shortKey(bytes, at))
      ?.find((chain) => chain.urgent === urgent && sameKey(chain.keyId, bytes, at));
  }

  #chain(bytes: Uint8Array, at: number, urgent: boolean): Chain {
    const known = this.#known(bytes, at, urgent);
    if (known !== undefined) return known;
    const chain: Chain = {
      keyId: bytes.slice(at, at + 16),
      urgent,
      runs: [],
      refused: new Map(),
      lastCommitment: new Uint8Array(32),
      lastSequence: 0,
    };
    const short = shortKey(bytes, at);
    this.#chains.set(short, [...(this.#chains.get(short) ?? []), chain]);
    return chain;
  }
}

function shortKey(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a & 63) << 24) | (b << 16) | (c << 8) | d;
}

function sameKey(keyId: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i++) if (keyId[i] !== bytes[at + i]) return false;
  return true;
}

function addToRuns(runs: Run[], sequence: number, index: number): void {
  const place = placeOf(runs, sequence);
  const run = runs[place];
  if (run !== undefined && sequence < run.firstSequence + run.count) return; // The first one counts.
  if (run !== undefined && sequence === run.firstSequence + run.count) {
    if (run.count === run.indexes.length) {
      const larger = new Uint32Array(run.count * 2);
      larger.set(run.indexes);
      run.indexes = larger;
    }
    run.indexes[run.count++] = index;
    return;
  }
  const fresh = { firstSequence: sequence, indexes: Uint32Array.of(index), count: 1 };
  runs.splice(place + 1, 0, fresh);
}

function findInRuns(runs: readonly Run[], sequence: number): number | undefined {
  const run = runs[placeOf(runs, sequence)];
  if (run === undefined || sequence >= run.firstSequence + run.count) return undefined;
  return run.indexes[sequence - run.firstSequence];
}

/** The last run that starts at or before the sequence; −1 where there is none. */
function placeOf(runs: readonly Run[], sequence: number): number {
  let low = 0;
  let high = runs.length;
  if (high > 0 && (runs[high - 1] as Run).firstSequence <= sequence) return high - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle] as Run).firstSequence <= sequence) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

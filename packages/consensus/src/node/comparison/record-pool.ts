import { type Crypto, equalBytes } from "@voltfog/runtime";
import type { ChainBlock } from "../../comparison/block.ts";
import { isRecordSigned, record_bytes, recordName } from "../../comparison/signed-record.ts";

/** Why a replica does not take a record. */
export type RecordProblem = "MALFORMED" | "UNSIGNED" | "KNOWN" | "POOL_FULL" | "CHAIN_FULL";

/** Records of one run that a replica remembers, so that none counts twice; it takes no more after them. */
const remembered = 2_000_000;

/** A record of the own chain, and how often it stands there. */
interface Standing {
  readonly record: Uint8Array;
  readonly count: number;
}

/** Signed records that wait for a block, and the names of those that have one in the own chain. */
export class RecordPool {
  readonly #crypto: Crypto;
  readonly #limit: number;
  readonly #waiting = new Map<string, Uint8Array>();
  readonly #inChain = new Map<string, Standing>();

  constructor(options: { crypto: Crypto; limit: number }) {
    this.#crypto = options.crypto;
    this.#limit = options.limit;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a record whose signature holds; the problem where it does not. */
  offer(record: Uint8Array): RecordProblem | undefined {
    if (record.length !== record_bytes) return "MALFORMED";
    const name = recordName(record);
    if (this.#waiting.has(name) || this.#inChain.has(name)) return "KNOWN";
    if (this.#waiting.size >= this.#limit) return "POOL_FULL";
    if (this.#inChain.size >= remembered) return "CHAIN_FULL";
    if (!isRecordSigned(record, this.#crypto)) return "UNSIGNED";
    this.#waiting.set(name, record);
    return undefined;
  }

  /** The oldest ones, up to a number. */
  gather(most: number): readonly Uint8Array[] {
    const records: Uint8Array[] = [];
    for (const record of this.#waiting.values()) {
      if (records.length >= most) break;
      records.push(record);
    }
    return records;
  }

  /** Whether every record of a block is signed; those known here were verified when they came. */
  areSigned({ records }: ChainBlock): boolean {
    return records.every((record) => {
      const name = recordName(record);
      const known = this.#waiting.get(name) ?? this.#inChain.get(name)?.record;
      const isKnown = known !== undefined && equalBytes(known, record);
      return isKnown || isRecordSigned(record, this.#crypto);
    });
  }

  /** The block joined the own chain. */
  join({ records }: ChainBlock): void {
    for (const record of records) {
      const name = recordName(record);
      const count = this.#inChain.get(name)?.count ?? 0;
      this.#inChain.set(name, { record, count: count + 1 });
      this.#waiting.delete(name);
    }
  }

  /** The block left the own chain: what stands nowhere else in it waits again. */
  leave({ records }: ChainBlock): void {
    for (const record of records) {
      const name = recordName(record);
      const count = (this.#inChain.get(name)?.count ?? 0) - 1;
      if (count > 0) this.#inChain.set(name, { record, count });
      else {
        this.#inChain.delete(name);
        this.#waiting.set(name, record);
      }
    }
  }
}

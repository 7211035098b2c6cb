import { ByteWriter, decodeBytes } from "@voltfog/runtime";
import { simulatedCrypto } from "./keyed-hash.ts";

/** A block of a timed run: numbered transactions, and as many bytes beside them as was asked for. */
export interface TimedBlock {
  readonly height: number;
  readonly builder: number;
  readonly time_ms: number;
  readonly transactions: readonly number[];
}

const transactionsMax = 65_536;
const padMax_bytes = 4_194_304;

export function encodeTimedBlock(block: TimedBlock, pad_bytes: number): Uint8Array {
  const writer = new ByteWriter().u64(block.height).u16(block.builder).u64(block.time_ms);
  writer.u32(block.transactions.length);
  for (const transaction of block.transactions) writer.u32(transaction);
  return writer.block(new Uint8Array(pad_bytes)).finish();
}

export function decodeTimedBlock(bytes: Uint8Array): TimedBlock | undefined {
  const block = decodeBytes(bytes, (reader) => {
    const [height, builder, time_ms] = [reader.u64(), reader.u16(), reader.u64()];
    const transactions = reader.list({ limit: transactionsMax, read: (each) => each.u32() });
    reader.block(padMax_bytes);
    return { height, builder, time_ms, transactions };
  });
  return block.ok ? block.value : undefined;
}

/** Binds every byte; at the cost of simulated hashes, not of SHA-256. */
export function timedDigestOf(block: Uint8Array): Uint8Array | undefined {
  return simulatedCrypto.sha256(block);
}

import { ByteWriter, decodeBytes } from "@voltfog/runtime";
import { simulatedCrypto } from "./keyed-hash.ts";

export interface LightBlock {
  readonly height: number;
  readonly parent: Uint8Array;
  readonly builder: number;
  readonly time_ms: number;
  /** Differs with every block a voter ever builds, so that two builds are never the same block. */
  readonly salt: number;
  /** Who sealed the parent, one bit for each of its voters. */
  readonly sealedBy: number;
  readonly transactions: readonly number[];
}

export const transactionsMax = 20;

export function encodeLightBlock(block: LightBlock): Uint8Array {
  const writer = new ByteWriter().u64(block.height).raw(block.parent).u16(block.builder);
  writer.u64(block.time_ms).u32(block.salt).u32(block.sealedBy).u32(block.transactions.length);
  for (const transaction of block.transactions) writer.u32(transaction);
  return writer.finish();
}

export function decodeLightBlock(bytes: Uint8Array): LightBlock | undefined {
  const block = decodeBytes(bytes, (reader) => ({
    height: reader.u64(),
    parent: reader.raw(32),
    builder: reader.u16(),
    time_ms: reader.u64(),
    salt: reader.u32(),
    sealedBy: reader.u32(),
    transactions: reader.list({ limit: transactionsMax, read: (inner) => inner.u32() }),
  }));
  return block.ok ? block.value : undefined;
}

export function lightDigestOf(block: Uint8Array): Uint8Array | undefined {
  return decodeLightBlock(block) === undefined ? undefined : simulatedCrypto.sha256(block);
}

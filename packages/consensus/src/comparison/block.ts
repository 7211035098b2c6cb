import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  utf8,
} from "@voltfog/runtime";
import { record_bytes } from "./signed-record.ts";

/** A block of a comparison chain; raft's log entries have the same shape. */
export interface ChainBlock {
  readonly height: number;
  /** Id of the block before it; zeros below height 1. */
  readonly parent: Uint8Array;
  /** The replica that made it. */
  readonly author: number;
  /** raft: the term; poa-published: the slot; pow: 0. */
  readonly round: number;
  /** By its author's wall clock. */
  readonly made_ms: number;
  readonly nonce: number;
  readonly records: readonly Uint8Array[];
  /** poa-published: the author's signature of the id; otherwise empty. */
  readonly signature: Uint8Array;
}

/** Most records of a block: what the published comparison sets as its largest block. */
export const recordsPerBlockMax = 4096;
const domain = utf8("voltfog/comparison-block/1\n");
/** Blocks of one message: so many, and so many records in all, that its bytes stay within the transport's limit. */
export const blocksSent = {
  max: 16,
  hasRoom: (blocks: readonly ChainBlock[]): boolean =>
    blocks.length < blocksSent.max &&
    blocks.reduce((sum, { records }) => sum + records.length, recordsPerBlockMax) <
      5 * recordsPerBlockMax,
};
export const noParent: Uint8Array = new Uint8Array(32);

/** By the list of records, which never changes: a large block is named several times and hashed once. */
const recordHashes = new WeakMap<Crypto, WeakMap<readonly Uint8Array[], Uint8Array>>();

function recordsHash(records: readonly Uint8Array[], crypto: Crypto): Uint8Array {
  const hashes = recordHashes.get(crypto) ?? new WeakMap<readonly Uint8Array[], Uint8Array>();
  recordHashes.set(crypto, hashes);
  const known = hashes.get(records);
  if (known !== undefined) return known;
  const hash = crypto.sha256(...records);
  hashes.set(records, hash);
  return hash;
}

/** What stands before the nonce: a search for one hashes it again and again. */
export function headerBytes(block: ChainBlock, crypto: Crypto): Uint8Array {
  return new ByteWriter()
    .raw(domain)
    .raw(block.parent)
    .u32(block.height)
    .u16(block.author)
    .u32(block.round)
    .u64(block.made_ms)
    .raw(recordsHash(block.records, crypto))
    .finish();
}

/** The hash that names a block: of its header and nonce, so of its records too. */
export function blockId(block: ChainBlock, crypto: Crypto): Uint8Array {
  const nonce = new ByteWriter().u64(block.nonce).finish();
  return crypto.sha256(headerBytes(block, crypto), nonce);
}

export function encodeBlock(block: ChainBlock): Uint8Array {
  const writer = new ByteWriter();
  writeBlock(writer, block);
  return writer.finish();
}

/** Shape only: work, signatures and the chain before it are verified by whoever takes it. */
export function decodeBlock(bytes: Uint8Array): Outcome<ChainBlock, MalformedProblem> {
  return decodeBytes(bytes, readBlock);
}

export function writeBlock(writer: ByteWriter, block: ChainBlock): void {
  writer.u32(block.height).raw(block.parent).u16(block.author).u32(block.round);
  writer.u64(block.made_ms).u64(block.nonce).block(block.signature);
  writer.u32(block.records.length);
  for (const record of block.records) writer.raw(record);
}

export function readBlock(reader: ByteReader): ChainBlock {
  const block = {
    height: reader.u32(),
    parent: reader.raw(32),
    author: reader.u16(),
    round: reader.u32(),
    made_ms: reader.u64(),
    nonce: reader.u64(),
    signature: reader.block(64),
    records: reader.list({
      limit: recordsPerBlockMax,
      read: (each) => each.raw(record_bytes),
    }),
  };
  if (block.signature.length % 64 !== 0) reader.fail("no signature");
  return block;
}

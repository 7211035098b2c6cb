import { blockMax_bytes } from "@voltfog/ledger";
import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { readPrepare, readSorted, writePrepares } from "./codec.ts";
import type { Prepare } from "./message.ts";

/**
 * What a voter must remember of each vote so that it never contradicts itself after a restart. A commit
 * keeps the prepared block with its proof: it is what the voter has to show at every later round change.
 */
export type VoteRecord =
  | {
      readonly type: "proposal";
      readonly height: number;
      readonly round: number;
      readonly digest: Uint8Array;
    }
  | {
      readonly type: "prepare";
      readonly height: number;
      readonly round: number;
      readonly digest: Uint8Array;
      /** What a share of a fast certificate was given for, with the delay that it states. */
      readonly fast?: { readonly delay_ms: number; readonly block: Uint8Array };
    }
  | {
      readonly type: "commit";
      readonly height: number;
      readonly round: number;
      readonly digest: Uint8Array;
      readonly delay_ms: number;
      readonly block: Uint8Array;
      readonly prepares: readonly Prepare[];
    }
  | { readonly type: "round-change"; readonly height: number; readonly round: number };

const version = 1;
const tags = { proposal: 1, prepare: 2, commit: 3, "round-change": 4 } as const;
/** A PREPARE that carried a share. */
const sharedTag = 5;

export function encodeVoteRecord(record: VoteRecord): Uint8Array {
  const shared = record.type === "prepare" ? record.fast : undefined;
  const writer = new ByteWriter().u8(version);
  writer.u8(shared === undefined ? tags[record.type] : sharedTag);
  writer.u64(record.height).u32(record.round);
  if (record.type !== "round-change") writer.raw(record.digest);
  if (shared !== undefined) writer.u32(shared.delay_ms).block(shared.block);
  if (record.type === "commit") {
    writer.u32(record.delay_ms).block(record.block);
    writePrepares(writer, record.prepares);
  }
  return writer.finish();
}

export function decodeVoteRecord(bytes: Uint8Array): Outcome<VoteRecord, MalformedProblem> {
  return decodeBytes(bytes, (reader): VoteRecord => {
    if (reader.u8() !== version) return reader.fail("unknown version");
    const tag = reader.u8();
    const place = { height: reader.u64(), round: reader.u32() };
    switch (tag) {
      case tags.proposal:
        return { type: "proposal", ...place, digest: reader.raw(32) };
      case tags.prepare:
        return { type: "prepare", ...place, digest: reader.raw(32) };
      case sharedTag: {
        const digest = reader.raw(32);
        const fast = { delay_ms: reader.u32(), block: reader.block(blockMax_bytes) };
        return { type: "prepare", ...place, digest, fast };
      }
      case tags.commit:
        return readCommitRecord(reader, place);
      case tags["round-change"]:
        return { type: "round-change", ...place };
      default:
        return reader.fail("unknown vote type");
    }
  });
}

function readCommitRecord(
  reader: ByteReader,
  place: { height: number; round: number },
): VoteRecord {
  const digest = reader.raw(32);
  const delay_ms = reader.u32();
  const block = reader.block(blockMax_bytes);
  return {
    type: "commit",
    ...place,
    digest,
    delay_ms,
    block,
    prepares: readSorted(reader, readPrepare),
  };
}

import { ByteWriter, decodeBytes, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import { blocksSent, type ChainBlock, readBlock, writeBlock } from "../block.ts";

/** What a raft replica must find again after a crash. [Raft, figure 2: persistent state] */
export type RaftRecord =
  | { readonly type: "term"; readonly term: number; readonly votedFor: number | undefined }
  /** Blocks that took their place in the log; what stood from the first one's height on is gone. */
  | { readonly type: "blocks"; readonly blocks: readonly ChainBlock[] };

const nobody = 0xffff;

export function encodeRaftRecord(record: RaftRecord): Uint8Array {
  const writer = new ByteWriter();
  if (record.type === "term") {
    return writer
      .u8(1)
      .u32(record.term)
      .u16(record.votedFor ?? nobody)
      .finish();
  }
  writer.u8(2).u32(record.blocks.length);
  for (const block of record.blocks) writeBlock(writer, block);
  return writer.finish();
}

export function decodeRaftRecord(bytes: Uint8Array): Outcome<RaftRecord, MalformedProblem> {
  return decodeBytes(bytes, (reader): RaftRecord => {
    switch (reader.u8()) {
      case 1: {
        const term = reader.u32();
        const votedFor = reader.u16();
        return { type: "term", term, votedFor: votedFor === nobody ? undefined : votedFor };
      }
      case 2:
        return {
          type: "blocks",
          blocks: reader.list({ limit: blocksSent.max, read: readBlock }),
        };
      default:
        return reader.fail("unknown record");
    }
  });
}

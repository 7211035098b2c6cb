import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { blocksSent, type ChainBlock, readBlock, writeBlock } from "./block.ts";
import { record_bytes } from "./signed-record.ts";

/** What the machines of the replicas say to each other. */
export type ComparisonMessage =
  | { readonly type: "block"; readonly block: ChainBlock }
  /** Asks for the block with this id and for some before it. */
  | { readonly type: "block-request"; readonly id: Uint8Array }
  /** A piece of one chain, oldest first. */
  | { readonly type: "blocks"; readonly blocks: readonly ChainBlock[] }
  /** The sender's last block. */
  | { readonly type: "tip"; readonly id: Uint8Array; readonly height: number }
  | { readonly type: "ping"; readonly number: number }
  | { readonly type: "pong"; readonly number: number }
  /** What the sender measured to every replica, µs; 2³²−1 for one that does not answer. */
  | { readonly type: "latencies"; readonly round: number; readonly row: readonly number[] }
  | {
      readonly type: "vote-request";
      readonly term: number;
      readonly lastHeight: number;
      readonly lastTerm: number;
    }
  | { readonly type: "vote"; readonly term: number; readonly isGranted: boolean }
  | {
      readonly type: "append";
      readonly term: number;
      readonly previousHeight: number;
      readonly previousTerm: number;
      readonly finalHeight: number;
      readonly blocks: readonly ChainBlock[];
    }
  | {
      readonly type: "appended";
      readonly term: number;
      readonly isTaken: boolean;
      /** Taken: the height up to which both logs are equal. Refused: where the leader may try next. */
      readonly height: number;
    };

/** What goes over a connection: the machines' messages, and records on their way to every pool. */
export type ComparisonPacket =
  | ComparisonMessage
  | { readonly type: "records"; readonly records: readonly Uint8Array[] };

export const recordsPerMessage = 64;
export const replicasMax = 64;

const tags = {
  records: 1,
  block: 2,
  "block-request": 3,
  blocks: 4,
  tip: 5,
  ping: 6,
  pong: 7,
  latencies: 8,
  "vote-request": 16,
  vote: 17,
  append: 18,
  appended: 19,
} as const;

export function encodePacket(packet: ComparisonPacket): Uint8Array {
  const writer = new ByteWriter().u8(tags[packet.type]);
  writePacket(writer, packet);
  return writer.finish();
}

function writePacket(writer: ByteWriter, packet: ComparisonPacket): void {
  switch (packet.type) {
    case "records":
      writer.u32(packet.records.length);
      for (const record of packet.records) writer.raw(record);
      return;
    case "block":
      writeBlock(writer, packet.block);
      return;
    case "block-request":
      writer.raw(packet.id);
      return;
    case "blocks":
      writeBlocks(writer, packet.blocks);
      return;
    case "tip":
      writer.raw(packet.id).u32(packet.height);
      return;
    case "ping":
    case "pong":
      writer.u32(packet.number);
      return;
    case "latencies":
      writer.u32(packet.round).u32(packet.row.length);
      for (const latency_us of packet.row) writer.u32(latency_us);
      return;
    default:
      writeRaft(writer, packet);
  }
}

type RaftMessage = Extract<
  ComparisonMessage,
  { readonly type: "vote-request" | "vote" | "append" | "appended" }
>;

function writeRaft(writer: ByteWriter, message: RaftMessage): void {
  writer.u32(message.term);
  switch (message.type) {
    case "vote-request":
      writer.u32(message.lastHeight).u32(message.lastTerm);
      return;
    case "vote":
      writer.u8(message.isGranted ? 1 : 0);
      return;
    case "append":
      writer.u32(message.previousHeight).u32(message.previousTerm).u32(message.finalHeight);
      writeBlocks(writer, message.blocks);
      return;
    case "appended":
      writer.u8(message.isTaken ? 1 : 0).u32(message.height);
  }
}

/** Shape only; what it says is checked by the machine that takes it. */
export function decodePacket(bytes: Uint8Array): Outcome<ComparisonPacket, MalformedProblem> {
  return decodeBytes(bytes, readPacket);
}

function readPacket(reader: ByteReader): ComparisonPacket {
  const tag = reader.u8();
  switch (tag) {
    case tags.records:
      return {
        type: "records",
        records: reader.list({
          limit: recordsPerMessage,
          read: (each) => each.raw(record_bytes),
        }),
      };
    case tags.block:
      return { type: "block", block: readBlock(reader) };
    case tags["block-request"]:
      return { type: "block-request", id: reader.raw(32) };
    case tags.blocks:
      return { type: "blocks", blocks: readBlocks(reader) };
    case tags.tip:
      return { type: "tip", id: reader.raw(32), height: reader.u32() };
    case tags.ping:
      return { type: "ping", number: reader.u32() };
    case tags.pong:
      return { type: "pong", number: reader.u32() };
    case tags.latencies:
      return {
        type: "latencies",
        round: reader.u32(),
        row: reader.list({ limit: replicasMax, read: (each) => each.u32() }),
      };
    default:
      return readRaft(reader, tag);
  }
}

function readRaft(reader: ByteReader, tag: number): RaftMessage {
  switch (tag) {
    case tags["vote-request"]:
      return {
        type: "vote-request",
        term: reader.u32(),
        lastHeight: reader.u32(),
        lastTerm: reader.u32(),
      };
    case tags.vote:
      return { type: "vote", term: reader.u32(), isGranted: readFlag(reader) };
    case tags.append:
      return {
        type: "append",
        term: reader.u32(),
        previousHeight: reader.u32(),
        previousTerm: reader.u32(),
        finalHeight: reader.u32(),
        blocks: readBlocks(reader),
      };
    case tags.appended:
      return {
        type: "appended",
        term: reader.u32(),
        isTaken: readFlag(reader),
        height: reader.u32(),
      };
    default:
      return reader.fail("unknown message");
  }
}

function writeBlocks(writer: ByteWriter, blocks: readonly ChainBlock[]): void {
  writer.u32(blocks.length);
  for (const block of blocks) writeBlock(writer, block);
}

function readBlocks(reader: ByteReader): ChainBlock[] {
  return reader.list({ limit: blocksSent.max, read: readBlock });
}

function readFlag(reader: ByteReader): boolean {
  const flag = reader.u8();
  return flag > 1 ? reader.fail("no flag") : flag === 1;
}

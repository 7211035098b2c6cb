import {
  blockMax_bytes,
  certificateMax_bytes,
  planMax_bytes,
  transactionMax_bytes,
} from "@voltfog/ledger";
import {
  accepted,
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { seatRequestMax_bytes } from "../node/admission-desk.ts";
import { paddingMax_bytes } from "../service/link-measure.ts";
import type { SnapshotPiece } from "../snapshot-fetch.ts";
import { decodeMessage, encodeMessage, messageTypeOf } from "../voting/codec.ts";
import type { VoteMessage } from "../voting/message.ts";

/** A block with what makes it final, as a peer that catches up receives it. */
export interface FinalBytes {
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
}

/** What validators send each other. */
export type PeerMessage =
  | { readonly type: "vote"; readonly message: VoteMessage }
  | { readonly type: "transactions"; readonly transactions: readonly Uint8Array[] }
  /** The sender's last final height. */
  | { readonly type: "height"; readonly height: number }
  | { readonly type: "block-request"; readonly from: number; readonly limit: number }
  | { readonly type: "blocks"; readonly blocks: readonly FinalBytes[] }
  /** The snapshot that the sender gives, by the height after which the chain goes on, and its lowest block. */
  | {
      readonly type: "snapshot-offer";
      readonly id: Uint8Array;
      readonly height: number;
      readonly first: number;
    }
  | { readonly type: "snapshot-request"; readonly id: Uint8Array; readonly piece: SnapshotPiece }
  /** No bytes where the sender has no such piece. */
  | {
      readonly type: "snapshot-part";
      readonly id: Uint8Array;
      readonly piece: SnapshotPiece;
      readonly bytes: Uint8Array;
    }
  /** Asks for a pong of the same number; the padding weighs the link. */
  | { readonly type: "ping"; readonly number: number; readonly padding: Uint8Array }
  | {
      readonly type: "pong";
      readonly number: number;
      /** The answering clock. */
      readonly wall_ms: number;
      /** How long the answering process has not run since its start. */
      readonly paused_ms: number;
    }
  /** The sender has no seat and asks for one: the change that would give it. */
  | { readonly type: "seat-request"; readonly change: Uint8Array };

/** Longest message on the wire. */
export const peerMessageMax_bytes = 8_388_608;
export const transactionsPerMessage = 64;
export const blocksPerMessage = 64;

const tags = {
  vote: 1,
  transactions: 2,
  height: 3,
  "block-request": 4,
  blocks: 5,
  "snapshot-offer": 6,
  "snapshot-request": 7,
  "snapshot-part": 8,
  ping: 16,
  pong: 17,
  "seat-request": 18,
} as const;

export function encodePeerMessage(message: PeerMessage): Uint8Array {
  const writer = new ByteWriter().u8(tags[message.type]);
  switch (message.type) {
    case "vote":
      writer.raw(encodeMessage(message.message));
      break;
    case "transactions":
      writer.u32(message.transactions.length);
      for (const transaction of message.transactions) writer.block(transaction);
      break;
    case "height":
      writer.u64(message.height);
      break;
    case "block-request":
      writer.u64(message.from).u16(message.limit);
      break;
    case "blocks":
      writer.u32(message.blocks.length);
      for (const { block, certificate } of message.blocks) writer.block(block).block(certificate);
      break;
    case "snapshot-offer":
      writer.raw(message.id).u64(message.height).u64(message.first);
      break;
    case "snapshot-request":
      writer.raw(message.id).u32(numberOf(message.piece));
      break;
    case "snapshot-part":
      writer.raw(message.id).u32(numberOf(message.piece)).block(message.bytes);
      break;
    case "ping":
      writer.u32(message.number).block(message.padding);
      break;
    case "pong":
      writer.u32(message.number).u64(message.wall_ms).u64(message.paused_ms);
      break;
    case "seat-request":
      writer.block(message.change);
      break;
  }
  return writer.finish();
}

/** Whether it begins like a message that this version knows. */
export function isKnownType(bytes: Uint8Array): boolean {
  return Object.values(tags).some((tag) => tag === bytes[0]);
}

/** What messages are counted by. */
export type MessageKind = VoteMessage["type"] | "transactions" | "blocks" | "other";

/** By the first bytes, the rest unread. */
export function messageKindOf(bytes: Uint8Array): MessageKind {
  if (bytes[0] === tags.vote) return messageTypeOf(bytes.subarray(1)) ?? "other";
  if (bytes[0] === tags.transactions) return "transactions";
  return bytes[0] === tags.blocks ? "blocks" : "other";
}

/** Shape only; every part is verified by whoever takes it. */
export function decodePeerMessage(bytes: Uint8Array): Outcome<PeerMessage, MalformedProblem> {
  if (bytes[0] === tags.vote) {
    const message = decodeMessage(bytes.subarray(1));
    return message.ok ? accepted({ type: "vote", message: message.value }) : message;
  }
  return decodeBytes(bytes, readMessage);
}

function readMessage(reader: ByteReader): PeerMessage {
  switch (reader.u8()) {
    case tags.transactions:
      return {
        type: "transactions",
        transactions: reader.list({
          limit: transactionsPerMessage,
          read: (each) => each.block(transactionMax_bytes),
        }),
      };
    case tags.height:
      return { type: "height", height: reader.u64() };
    case tags["block-request"]:
      return { type: "block-request", from: reader.u64(), limit: reader.u16() };
    case tags.blocks:
      return {
        type: "blocks",
        blocks: reader.list({
          limit: blocksPerMessage,
          read: (each) => ({
            block: each.block(blockMax_bytes),
            certificate: each.block(certificateMax_bytes),
          }),
        }),
      };
    case tags["snapshot-offer"]:
      return {
        type: "snapshot-offer",
        id: reader.raw(32),
        height: reader.u64(),
        first: reader.u64(),
      };
    case tags["snapshot-request"]:
      return { type: "snapshot-request", id: reader.raw(32), piece: readPiece(reader) };
    case tags["snapshot-part"]:
      return {
        type: "snapshot-part",
        id: reader.raw(32),
        piece: readPiece(reader),
        bytes: reader.block(planMax_bytes),
      };
    case tags.ping:
      return { type: "ping", number: reader.u32(), padding: reader.block(paddingMax_bytes) };
    case tags.pong:
      return {
        type: "pong",
        number: reader.u32(),
        wall_ms: reader.u64(),
        paused_ms: reader.u64(),
      };
    case tags["seat-request"]:
      return { type: "seat-request", change: reader.block(seatRequestMax_bytes) };
    default:
      return reader.fail("unknown message");
  }
}

/** u32: 0 is the plan, any other number the part at the place before it. */
function numberOf(piece: SnapshotPiece): number {
  return piece === "plan" ? 0 : piece + 1;
}

function readPiece(reader: ByteReader): SnapshotPiece {
  const number = reader.u32();
  return number === 0 ? "plan" : number - 1;
}

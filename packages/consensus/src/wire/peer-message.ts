import { blockMax_bytes, certificateMax_bytes, transactionMax_bytes } from "@voltfog/ledger";
import {
  accepted,
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { decodeMessage, encodeMessage } from "../poa/codec.ts";
import type { PoaMessage } from "../poa/message.ts";

/** A block with what makes it final, as a peer that catches up receives it. */
export interface FinalBytes {
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
}

/** What validators send each other. */
export type PeerMessage =
  | { readonly type: "vote"; readonly message: PoaMessage }
  | { readonly type: "transactions"; readonly transactions: readonly Uint8Array[] }
  /** The sender's last final height. */
  | { readonly type: "height"; readonly height: number }
  | { readonly type: "block-request"; readonly from: number; readonly limit: number }
  | { readonly type: "blocks"; readonly blocks: readonly FinalBytes[] };

/** Longest message on the wire. */
export const peerMessageMax_bytes = 8_388_608;
export const transactionsPerMessage = 64;
export const blocksPerMessage = 64;

const tags = { vote: 1, transactions: 2, height: 3, "block-request": 4, blocks: 5 } as const;

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
  }
  return writer.finish();
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
    default:
      return reader.fail("unknown message");
  }
}

import { blockMax_bytes } from "@voltfog/ledger";
import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import type {
  Commit,
  PoaMessage,
  Prepare,
  Proposal,
  RoundChange,
  RoundChangeClaim,
} from "./message.ts";

/** Voters a message may carry proofs of. */
export const voterMax = 256;

const version = 1;
const tags = { proposal: 1, prepare: 2, commit: 3, "round-change": 4 } as const;

/** One canonical encoding; a message with its proofs stays below 8 MiB. */
export function encodeMessage(message: PoaMessage): Uint8Array {
  const writer = new ByteWriter().u8(version).u8(tags[message.type]);
  switch (message.type) {
    case "proposal":
      writeProposal(writer, message);
      break;
    case "prepare":
      writePrepare(writer, message);
      break;
    case "commit":
      writeSeat(writer, message).raw(message.digest).u32(message.delay_ms).raw(message.signature);
      break;
    case "round-change":
      writeRoundChange(writer, message);
      break;
  }
  return writer.finish();
}

/** Shape only: signatures and proofs are checked by the engine. */
export function decodeMessage(bytes: Uint8Array): Outcome<PoaMessage, MalformedProblem> {
  return decodeBytes(bytes, (reader): PoaMessage => {
    if (reader.u8() !== version) return reader.fail("unknown version");
    switch (reader.u8()) {
      case tags.proposal:
        return readProposal(reader);
      case tags.prepare:
        return readPrepare(reader);
      case tags.commit:
        return readCommit(reader);
      case tags["round-change"]:
        return readRoundChange(reader);
      default:
        return reader.fail("unknown message type");
    }
  });
}

interface Seat {
  readonly height: number;
  readonly round: number;
  readonly voter: number;
}

function writeSeat(writer: ByteWriter, seat: Seat): ByteWriter {
  return writer.u64(seat.height).u32(seat.round).u16(seat.voter);
}

function readSeat(reader: ByteReader): Seat {
  return { height: reader.u64(), round: reader.u32(), voter: reader.u16() };
}

function writeProposal(writer: ByteWriter, proposal: Proposal): void {
  writeSeat(writer, proposal).raw(proposal.digest).raw(proposal.signature).block(proposal.block);
  writer.u32(proposal.claims.length);
  for (const claim of proposal.claims) writeClaim(writer, claim);
  writePrepares(writer, proposal.prepares);
}

function readProposal(reader: ByteReader): Proposal {
  const seat = readSeat(reader);
  return {
    type: "proposal",
    ...seat,
    digest: reader.raw(32),
    signature: reader.raw(64),
    block: reader.block(blockMax_bytes),
    claims: readSorted(reader, readClaim),
    prepares: readSorted(reader, readPrepare),
  };
}

export function writePrepare(writer: ByteWriter, prepare: Prepare): void {
  writeSeat(writer, prepare).raw(prepare.digest).raw(prepare.signature);
}

export function readPrepare(reader: ByteReader): Prepare {
  return {
    type: "prepare",
    ...readSeat(reader),
    digest: reader.raw(32),
    signature: reader.raw(64),
  };
}

function readCommit(reader: ByteReader): Commit {
  const seat = readSeat(reader);
  const digest = reader.raw(32);
  return { type: "commit", ...seat, digest, delay_ms: reader.u32(), signature: reader.raw(64) };
}

function writeClaim(writer: ByteWriter, claim: RoundChangeClaim): void {
  writeSeat(writer, claim);
  if (claim.prepared === undefined) writer.u8(0);
  else writer.u8(1).u32(claim.prepared.round).raw(claim.prepared.digest);
  writer.raw(claim.signature);
}

function readClaim(reader: ByteReader): RoundChangeClaim {
  const seat = readSeat(reader);
  const prepared = readFlag(reader) ? { round: reader.u32(), digest: reader.raw(32) } : undefined;
  return { ...seat, prepared, signature: reader.raw(64) };
}

function writeRoundChange(writer: ByteWriter, change: RoundChange): void {
  writeClaim(writer, change.claim);
  writePrepares(writer, change.prepares);
  if (change.block === undefined) writer.u8(0);
  else writer.u8(1).block(change.block);
}

function readRoundChange(reader: ByteReader): RoundChange {
  return {
    type: "round-change",
    claim: readClaim(reader),
    prepares: readSorted(reader, readPrepare),
    block: readFlag(reader) ? reader.block(blockMax_bytes) : undefined,
  };
}

export function writePrepares(writer: ByteWriter, prepares: readonly Prepare[]): void {
  writer.u32(prepares.length);
  for (const prepare of prepares) writePrepare(writer, prepare);
}

/** Sorted by voter, each once: a quorum cannot be padded with one voter's signature. */
export function readSorted<T extends { readonly voter: number }>(
  reader: ByteReader,
  read: (reader: ByteReader) => T,
): readonly T[] {
  let last = -1;
  return reader.list({
    limit: voterMax,
    read: (each) => {
      const item = read(each);
      if (item.voter <= last) return each.fail(`voter ${item.voter} after ${last}`);
      last = item.voter;
      return item;
    },
  });
}

function readFlag(reader: ByteReader): boolean {
  const flag = reader.u8();
  return flag > 1 ? reader.fail(`flag is ${flag}`) : flag === 1;
}

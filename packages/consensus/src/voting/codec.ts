import { blockMax_bytes, type CertificateForm } from "@voltfog/ledger";
import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import type {
  Commit,
  CommitCertificate,
  FastShare,
  Prepare,
  PrepareCertificate,
  Proposal,
  RoundChange,
  RoundChangeClaim,
  VoteMessage,
} from "./message.ts";

/** Voters a message may carry proofs of. */
export const voterMax = 256;

/**
 * What the second version adds are fields of the engines that came after `poa`. A message without them is
 * written in the first, so that validators of a `poa` chain can be changed one by one.
 */
type Version = 1 | 2;
const tags = {
  proposal: 1,
  prepare: 2,
  commit: 3,
  "round-change": 4,
  "prepare-certificate": 5,
  "commit-certificate": 6,
} as const;
const types = Object.keys(tags) as (keyof typeof tags)[];
const forms: readonly CertificateForm[] = ["commit", "fast"];

/** One canonical encoding; a message with its proofs stays below 8 MiB. */
export function encodeMessage(message: VoteMessage): Uint8Array {
  const version = versionOf(message);
  const writer = new ByteWriter().u8(version).u8(tags[message.type]);
  switch (message.type) {
    case "proposal":
      writeProposal(writer, message, version);
      break;
    case "prepare":
      writePrepare(writer, message);
      if (message.fast !== undefined) writeFastShare(writer, message.fast);
      break;
    case "commit":
      writeSeat(writer, message).raw(message.digest).u32(message.delay_ms).raw(message.signature);
      break;
    case "round-change":
      writeRoundChange(writer, message, version);
      break;
    case "prepare-certificate":
      writeSeat(writer, message).raw(message.digest);
      writePrepares(writer, message.prepares);
      break;
    case "commit-certificate":
      writeCommitCertificate(writer, message);
      break;
  }
  return writer.finish();
}

/** Shape only: signatures and proofs are checked by the engine. */
export function decodeMessage(bytes: Uint8Array): Outcome<VoteMessage, MalformedProblem> {
  return decodeBytes(bytes, (reader): VoteMessage => {
    const version = reader.u8();
    if (version !== 1 && version !== 2) return reader.fail("unknown version");
    const message = readMessage(reader, version);
    if (versionOf(message) !== version) return reader.fail("of the other version");
    return message;
  });
}

function readMessage(reader: ByteReader, version: Version): VoteMessage {
  switch (reader.u8()) {
    case tags.proposal:
      return readProposal(reader, version);
    case tags.prepare:
      return version === 1
        ? readPrepare(reader)
        : { ...readPrepare(reader), fast: readFastShare(reader) };
    case tags.commit:
      return readCommit(reader);
    case tags["round-change"]:
      return readRoundChange(reader, version);
    case tags["prepare-certificate"]:
      return readPrepareCertificate(reader);
    case tags["commit-certificate"]:
      return readCommitCertificate(reader);
    default:
      return reader.fail("unknown message type");
  }
}

/** The first version that can say it. */
function versionOf(message: VoteMessage): Version {
  switch (message.type) {
    case "proposal": {
      const { prepare, parent, claims } = message;
      const isFirst = prepare === undefined && parent === undefined && claims.every(isWithoutFast);
      return isFirst ? 1 : 2;
    }
    case "prepare":
      return message.fast === undefined ? 1 : 2;
    case "commit":
      return 1;
    case "round-change":
      return isWithoutFast(message.claim) ? 1 : 2;
    case "prepare-certificate":
    case "commit-certificate":
      return 2;
  }
}

function isWithoutFast({ fast }: RoundChangeClaim): boolean {
  return fast === undefined;
}

/** What a message's first bytes say that it is, the rest unread; undefined where they say nothing known. */
export function messageTypeOf(bytes: Uint8Array): VoteMessage["type"] | undefined {
  if (bytes[0] !== 1 && bytes[0] !== 2) return undefined;
  return types.find((type) => tags[type] === bytes[1]);
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

function writeProposal(writer: ByteWriter, proposal: Proposal, version: Version): void {
  writeSeat(writer, proposal).raw(proposal.digest).raw(proposal.signature).block(proposal.block);
  if (version === 2) {
    writeOptional(writer, proposal.prepare, (each, signature) => each.raw(signature));
    writeOptional(writer, proposal.parent, writeCommitCertificate);
  }
  writer.u32(proposal.claims.length);
  for (const claim of proposal.claims) writeClaim(writer, claim, version);
  writePrepares(writer, proposal.prepares);
}

function readProposal(reader: ByteReader, version: Version): Proposal {
  const seat = readSeat(reader);
  return {
    type: "proposal",
    ...seat,
    digest: reader.raw(32),
    signature: reader.raw(64),
    block: reader.block(blockMax_bytes),
    ...(version === 2 ? readProposed(reader) : {}),
    claims: readSorted(reader, (each) => readClaim(each, version)),
    prepares: readSorted(reader, readPrepare),
  };
}

function readProposed(reader: ByteReader): Pick<Proposal, "prepare" | "parent"> {
  const prepare = readOptional(reader, (each) => each.raw(64));
  const parent = readOptional(reader, readCommitCertificate);
  return { ...optional("prepare", prepare), ...optional("parent", parent) };
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

function writeClaim(writer: ByteWriter, claim: RoundChangeClaim, version: Version): void {
  writeSeat(writer, claim);
  writeOptional(writer, claim.prepared, writeHeld);
  if (version === 2) writeOptional(writer, claim.fast, writeHeld);
  writer.raw(claim.signature);
}

function readClaim(reader: ByteReader, version: Version): RoundChangeClaim {
  const seat = readSeat(reader);
  const prepared = readOptional(reader, readHeld);
  const fast = version === 2 ? optional("fast", readOptional(reader, readHeld)) : {};
  return { ...seat, prepared, ...fast, signature: reader.raw(64) };
}

function writeRoundChange(writer: ByteWriter, change: RoundChange, version: Version): void {
  writeClaim(writer, change.claim, version);
  writePrepares(writer, change.prepares);
  writeOptional(writer, change.block, (each, block) => each.block(block));
}

function readRoundChange(reader: ByteReader, version: Version): RoundChange {
  return {
    type: "round-change",
    claim: readClaim(reader, version),
    prepares: readSorted(reader, readPrepare),
    block: readOptional(reader, (each) => each.block(blockMax_bytes)),
  };
}

function writeFastShare(writer: ByteWriter, share: FastShare): void {
  writer.u32(share.delay_ms).raw(share.signature);
}

function readFastShare(reader: ByteReader): FastShare {
  return { delay_ms: reader.u32(), signature: reader.raw(64) };
}

function readPrepareCertificate(reader: ByteReader): PrepareCertificate {
  const seat = readSeat(reader);
  const digest = reader.raw(32);
  return {
    type: "prepare-certificate",
    ...seat,
    digest,
    prepares: readSorted(reader, readPrepare),
  };
}

function writeCommitCertificate(writer: ByteWriter, message: CommitCertificate): void {
  writeSeat(writer, message).raw(message.digest).u8(forms.indexOf(message.form));
  writer.u32(message.seals.length);
  for (const { voter, delay_ms, signature } of message.seals) {
    writer.u16(voter).u32(delay_ms).raw(signature);
  }
}

function readCommitCertificate(reader: ByteReader): CommitCertificate {
  const seat = readSeat(reader);
  const digest = reader.raw(32);
  const form = forms[reader.u8()] ?? reader.fail("unknown certificate form");
  const seals = readSorted(reader, (each) => ({
    voter: each.u16(),
    delay_ms: each.u32(),
    signature: each.raw(64),
  }));
  return { type: "commit-certificate", ...seat, digest, form, seals };
}

type Held = NonNullable<RoundChangeClaim["prepared"]>;

function writeHeld(writer: ByteWriter, held: Held): void {
  writer.u32(held.round).raw(held.digest);
}

function readHeld(reader: ByteReader): Held {
  return { round: reader.u32(), digest: reader.raw(32) };
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

/** A flag, and what it announces. */
function writeOptional<T>(
  writer: ByteWriter,
  value: T | undefined,
  write: (writer: ByteWriter, value: T) => unknown,
): void {
  writer.u8(value === undefined ? 0 : 1);
  if (value !== undefined) write(writer, value);
}

function readOptional<T>(reader: ByteReader, read: (reader: ByteReader) => T): T | undefined {
  const flag = reader.u8();
  if (flag > 1) return reader.fail(`flag is ${flag}`);
  return flag === 1 ? read(reader) : undefined;
}

/** A key that is there only with a value. */
function optional<Key extends string, T>(
  key: Key,
  value: T | undefined,
): { readonly [Name in Key]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [Name in Key]: T });
}

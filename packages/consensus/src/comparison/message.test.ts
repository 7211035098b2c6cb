import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenLaw } from "../testing/codec-law.ts";
import { type ChainBlock, decodeBlock, encodeBlock } from "./block.ts";
import { type ComparisonPacket, decodePacket, encodePacket } from "./message.ts";
import { decodeRaftRecord, encodeRaftRecord, type RaftRecord } from "./raft/raft-record.ts";
import { record_bytes } from "./signed-record.ts";

const id = fc.uint8Array({ minLength: 32, maxLength: 32 });
const u32 = fc.nat(0xffffffff);
const record = fc.uint8Array({ minLength: record_bytes, maxLength: record_bytes });
const block: fc.Arbitrary<ChainBlock> = fc.record({
  height: u32,
  parent: id,
  author: fc.nat(65_535),
  round: u32,
  made_ms: fc.maxSafeNat(),
  nonce: fc.maxSafeNat(),
  records: fc.array(record, { maxLength: 2 }),
  signature: fc.oneof(
    fc.constant(new Uint8Array()),
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
  ),
});
const packet: fc.Arbitrary<ComparisonPacket> = fc.oneof(
  fc.record({
    type: fc.constant("records" as const),
    records: fc.array(record, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant("block" as const), block }),
  fc.record({ type: fc.constant("block-request" as const), id }),
  fc.record({ type: fc.constant("blocks" as const), blocks: fc.array(block, { maxLength: 2 }) }),
  fc.record({ type: fc.constant("tip" as const), id, height: u32 }),
  fc.record({ type: fc.constantFrom("ping" as const, "pong" as const), number: u32 }),
  fc.record({
    type: fc.constant("latencies" as const),
    round: u32,
    row: fc.array(u32, { maxLength: 7 }),
  }),
  fc.record({
    type: fc.constant("vote-request" as const),
    term: u32,
    lastHeight: u32,
    lastTerm: u32,
  }),
  fc.record({ type: fc.constant("vote" as const), term: u32, isGranted: fc.boolean() }),
  fc.record({
    type: fc.constant("append" as const),
    term: u32,
    previousHeight: u32,
    previousTerm: u32,
    finalHeight: u32,
    blocks: fc.array(block, { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant("appended" as const),
    term: u32,
    isTaken: fc.boolean(),
    height: u32,
  }),
);

test("what replicas of a comparison say has one encoding, and nothing else reads as it", () => {
  fc.assert(
    fc.property(packet, (value) => {
      const bytes = encodePacket(value);
      expect(brokenLaw({ bytes, encode: encodePacket, decode: decodePacket })).toBeUndefined();
    }),
    { numRuns: 60 },
  );
  fc.assert(
    fc.property(block, (value) => {
      const bytes = encodeBlock(value);
      expect(brokenLaw({ bytes, encode: encodeBlock, decode: decodeBlock })).toBeUndefined();
    }),
    { numRuns: 20 },
  );
});

const raftRecord: fc.Arbitrary<RaftRecord> = fc.oneof(
  fc.record({
    type: fc.constant("term" as const),
    term: u32,
    votedFor: fc.option(fc.nat(65_534), { nil: undefined }),
  }),
  fc.record({ type: fc.constant("blocks" as const), blocks: fc.array(block, { maxLength: 2 }) }),
);

test("what a raft replica writes has one encoding, and nothing else reads as it", () => {
  fc.assert(
    fc.property(raftRecord, (value) => {
      const bytes = encodeRaftRecord(value);
      const law = brokenLaw({ bytes, encode: encodeRaftRecord, decode: decodeRaftRecord });
      expect(law).toBeUndefined();
    }),
    { numRuns: 30 },
  );
});

test("any bytes from a replica get a verdict", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (any) => {
      expect(typeof decodePacket(any).ok).toBe("boolean");
      expect(typeof decodeBlock(any).ok).toBe("boolean");
      expect(typeof decodeRaftRecord(any).ok).toBe("boolean");
    }),
  );
});

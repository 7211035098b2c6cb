import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenLaw } from "../testing/codec-law.ts";
import { decodeMessage, encodeMessage } from "./codec.ts";
import type { CommitCertificate, Prepare, RoundChangeClaim, VoteMessage } from "./message.ts";
import { decodeVoteRecord, encodeVoteRecord, type VoteRecord } from "./vote-record.ts";

const raw = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const seat = {
  height: fc.nat(2 ** 40),
  round: fc.nat(0xffff_ffff),
  voter: fc.nat(255),
};
const prepare: fc.Arbitrary<Prepare> = fc.record({
  type: fc.constant("prepare" as const),
  ...seat,
  digest: raw(32),
  signature: raw(64),
});
const share = fc.record({ delay_ms: fc.nat(0xffff_ffff), signature: raw(64) });
const sorted = <T extends { readonly voter: number }>(
  item: fc.Arbitrary<T>,
): fc.Arbitrary<readonly T[]> =>
  fc
    .uniqueArray(item, { maxLength: 4, selector: ({ voter }) => voter })
    .map((items) => items.sort((a, b) => a.voter - b.voter));
const held = fc.record({ round: seat.round, digest: raw(32) });
const claim: fc.Arbitrary<RoundChangeClaim> = fc
  .record({
    ...seat,
    prepared: fc.option(held, { nil: undefined }),
    signature: raw(64),
    fast: fc.option(held),
  })
  .map(({ fast, ...rest }) => (fast === null ? rest : { ...rest, fast }));
const commitCertificate: fc.Arbitrary<CommitCertificate> = fc.record({
  type: fc.constant("commit-certificate" as const),
  ...seat,
  digest: raw(32),
  form: fc.constantFrom("commit" as const, "fast" as const),
  seals: sorted(
    fc.record({ voter: seat.voter, delay_ms: fc.nat(0xffff_ffff), signature: raw(64) }),
  ),
});
const block = fc.uint8Array({ maxLength: 40 });
const message: fc.Arbitrary<VoteMessage> = fc.oneof(
  prepare,
  fc.tuple(prepare, share).map(([vote, fast]) => ({ ...vote, fast })),
  fc.record({
    type: fc.constant("commit" as const),
    ...seat,
    digest: raw(32),
    delay_ms: fc.nat(0xffff_ffff),
    signature: raw(64),
  }),
  fc.record({
    type: fc.constant("prepare-certificate" as const),
    ...seat,
    digest: raw(32),
    prepares: sorted(prepare),
  }),
  commitCertificate,
  fc.record({
    type: fc.constant("round-change" as const),
    claim,
    prepares: sorted(prepare),
    block: fc.option(block, { nil: undefined }),
  }),
  fc
    .record({
      type: fc.constant("proposal" as const),
      ...seat,
      digest: raw(32),
      signature: raw(64),
      block,
      claims: sorted(claim),
      prepares: sorted(prepare),
      prepare: fc.option(raw(64)),
      parent: fc.option(commitCertificate),
    })
    .map(({ prepare: own, parent, ...rest }) => ({
      ...rest,
      ...(own === null ? {} : { prepare: own }),
      ...(parent === null ? {} : { parent }),
    })),
);
const record: fc.Arbitrary<VoteRecord> = fc.oneof(
  fc.record({
    type: fc.constantFrom("proposal" as const, "prepare" as const),
    height: seat.height,
    round: seat.round,
    digest: raw(32),
  }),
  fc.record({ type: fc.constant("round-change" as const), height: seat.height, round: seat.round }),
  fc.record({
    type: fc.constant("prepare" as const),
    height: seat.height,
    round: seat.round,
    digest: raw(32),
    fast: fc.record({ delay_ms: fc.nat(0xffff_ffff), block }),
  }),
  fc.record({
    type: fc.constant("commit" as const),
    height: seat.height,
    round: seat.round,
    digest: raw(32),
    delay_ms: fc.nat(0xffff_ffff),
    block,
    prepares: sorted(prepare),
  }),
);

test("a message has one encoding, and nothing else reads as it", () => {
  const law = (value: VoteMessage): string | undefined =>
    brokenLaw({ bytes: encodeMessage(value), encode: encodeMessage, decode: decodeMessage });
  fc.assert(
    fc.property(message, (value) => {
      expect(law(value)).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});

test("a stored vote has one encoding, and nothing else reads as it", () => {
  const law = (value: VoteRecord): string | undefined =>
    brokenLaw({
      bytes: encodeVoteRecord(value),
      encode: encodeVoteRecord,
      decode: decodeVoteRecord,
    });
  fc.assert(
    fc.property(record, (value) => {
      expect(law(value)).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});

test("what poa says is written as ever, what other engines add in a second version", () => {
  const seat = { height: 1, round: 0, voter: 2 };
  const digest = new Uint8Array(32);
  const signature = new Uint8Array(64).fill(3);
  const plain: Prepare = { type: "prepare", ...seat, digest, signature };
  expect(encodeMessage(plain)[0]).toBe(1);
  expect(encodeMessage(plain)).toHaveLength(2 + 8 + 4 + 2 + 32 + 64);
  const shared = encodeMessage({ ...plain, fast: { delay_ms: 1, signature } });
  expect(shared[0]).toBe(2);
  const relabelled = encodeMessage(plain).slice();
  relabelled[0] = 2;
  expect(decodeMessage(relabelled).ok).toBe(false);
  const certificate: VoteMessage = { type: "prepare-certificate", ...seat, digest, prepares: [] };
  expect(encodeMessage(certificate)[0]).toBe(2);
});

test("any bytes get a verdict", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(typeof decodeMessage(bytes).ok).toBe("boolean");
      expect(typeof decodeVoteRecord(bytes).ok).toBe("boolean");
    }),
  );
});

test("a proof that names one voter twice does not read", () => {
  const one: Prepare = {
    type: "prepare",
    height: 1,
    round: 0,
    voter: 2,
    digest: new Uint8Array(32),
    signature: new Uint8Array(64),
  };
  const padded = encodeMessage({
    type: "round-change",
    claim: {
      height: 1,
      round: 1,
      voter: 0,
      prepared: { round: 0, digest: one.digest },
      signature: new Uint8Array(64),
    },
    prepares: [one, one],
    block: undefined,
  });
  expect(decodeMessage(padded)).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
});

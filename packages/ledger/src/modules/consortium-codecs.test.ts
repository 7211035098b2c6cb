import type { Outcome } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import { decodeEpochStep, encodeEpochStep } from "../chain/epoch-step.ts";
import { electorateName } from "../state/names.ts";
import { codecFault } from "../testing/codec-laws.ts";
import { createConsortium } from "../testing/consortium.ts";
import { VotingSite } from "../testing/members.ts";
import { decodeProposal, decodeVoted, encodeProposal } from "./consortium.ts";
import { type ConsortiumChange, decodeChange, encodeChange } from "./consortium-change.ts";
import {
  decodeChangeRecord,
  decodeKeyOwner,
  decodeMembership,
  decodeModuleVersion,
  decodeOrganisation,
  decodeQuarantine,
  decodeValidator,
  encodeChangeRecord,
  encodeKeyOwner,
  encodeMembership,
  encodeModuleVersion,
  encodeOrganisation,
  encodeQuarantine,
  encodeValidator,
} from "./consortium-records.ts";
import { decodeEquivocation, encodeEquivocation } from "./equivocation.ts";

const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const raw = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const height = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const laterHeight = fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined });
const contact = fc.record({
  cosignerKey: raw(32),
  anchorAddress: raw(20),
  endpoint: fc.constantFrom("127.0.0.1:1", "grid-north.example:30303", "[2001:db8::1]:65535"),
});
const change: fc.Arbitrary<ConsortiumChange> = fc.oneof(
  fc.record({
    kind: fc.constant("admit-organisation" as const),
    id,
    name: fc.stringMatching(/^[A-Za-zäöü ]{1,60}$/),
    certificateHash: raw(32),
  }),
  fc
    .tuple(fc.record({ id, organisation: id, voteKey: raw(32), possession: raw(64) }), contact)
    .map(([seat, rest]) => ({ kind: "admit-validator" as const, ...seat, ...rest })),
  fc.record({
    kind: fc.constantFrom("remove-organisation", "remove-validator", "release"),
    id,
  }),
  fc
    .tuple(id, fc.integer({ min: 1, max: 255 }), fc.nat({ max: 126 }))
    .map(([rule, denominator, less]) => {
      const numerator = Math.max(Math.floor(denominator / 2) + 1, denominator - less);
      return { kind: "rule" as const, rule, numerator, denominator };
    }),
  fc.record({
    kind: fc.constant("module-version" as const),
    module: fc.nat({ max: 255 }),
    version: fc.nat({ max: 255 }),
    height,
  }),
  fc.record({
    kind: fc.constant("proposer-policy" as const),
    policy: fc.constantFrom("quality", "turn", "stake", "delegated"),
  }),
  fc.tuple(id, contact).map(([own, rest]) => ({ kind: "register" as const, id: own, ...rest })),
);

/** A record's decoder as one that says what is wrong. */
function outcomeOf<T>(decode: (bytes: Uint8Array) => T | undefined) {
  return (bytes: Uint8Array): Outcome<T> => {
    const value = decode(bytes);
    if (value === undefined) return { ok: false, problem: { code: "MALFORMED" } };
    return { ok: true, value };
  };
}

function law<T>(
  values: fc.Arbitrary<T>,
  codec: {
    encode: (value: T) => Uint8Array;
    decode: (bytes: Uint8Array) => Outcome<T>;
  },
): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(codecFault({ bytes: codec.encode(value), ...codec })).toBeUndefined();
    }),
    { numRuns: 40 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const decoded = codec.decode(bytes);
      if (decoded.ok) expect(codec.encode(decoded.value)).toEqual(bytes);
    }),
  );
}

describe("what the consortium module reads has one encoding and never throws:", () => {
  it("a change and its proposal", () => {
    law(change, { encode: encodeChange, decode: decodeChange });
    law(change, { encode: encodeProposal, decode: decodeProposal });
  });

  it("an equivocation", () => {
    const vote = fc.record({ signed: fc.uint8Array({ maxLength: 150 }), signature: raw(64) });
    law(fc.record({ voteKey: raw(32), first: vote, second: vote }), {
      encode: encodeEquivocation,
      decode: decodeEquivocation,
    });
  });

  it("the records in the state", () => {
    const heights = { admittedHeight: height, removedHeight: laterHeight };
    law(fc.record({ name: fc.constant("North Grid"), certificateHash: raw(32), ...heights }), {
      encode: encodeOrganisation,
      decode: outcomeOf(decodeOrganisation),
    });
    const maybeContact = fc.option(contact, { nil: undefined });
    law(fc.record({ organisation: id, voteKey: raw(32), contact: maybeContact, ...heights }), {
      encode: encodeValidator,
      decode: outcomeOf(decodeValidator),
    });
    const approvals = fc.array(id, { maxLength: 5 });
    law(fc.record({ change, proposedHeight: height, decidedHeight: laterHeight, approvals }), {
      encode: encodeChangeRecord,
      decode: outcomeOf(decodeChangeRecord),
    });
    law(fc.record({ height, releasedHeight: laterHeight, changeId: raw(32) }), {
      encode: encodeQuarantine,
      decode: outcomeOf(decodeQuarantine),
    });
    const version = fc.nat({ max: 255 });
    law(fc.record({ before: version, version, height }), {
      encode: encodeModuleVersion,
      decode: outcomeOf(decodeModuleVersion),
    });
    law(fc.record({ role: fc.constantFrom("vote", "cosigner", "anchor"), id }), {
      encode: encodeKeyOwner,
      decode: outcomeOf(decodeKeyOwner),
    });
  });

  it("the mark of the last change, which an unread value leaves at nothing", () => {
    const kind = fc.constantFrom("admitted" as const, "removed" as const);
    const pending = fc.option(fc.record({ kind, id, decidedHeight: height }), { nil: undefined });
    fc.assert(
      fc.property(fc.record({ height, pending }), fc.uint8Array(), (record, bytes) => {
        expect(decodeMembership(encodeMembership(record))).toEqual(record);
        const read = decodeMembership(bytes);
        if (read.height > 0) expect(encodeMembership(read)).toEqual(bytes);
      }),
    );
  });

  it("what a vote did", () => {
    fc.assert(
      fc.property(raw(32), fc.uint8Array({ maxLength: 40 }), (changeId, bytes) => {
        const voted = decodeVoted(Uint8Array.of(...changeId, 1));
        expect(voted.ok && voted.value).toEqual({ changeId, decided: true });
        expect(decodeVoted(bytes).ok).toBe(bytes.length === 33 && (bytes[32] ?? 2) < 2);
      }),
    );
  });

  it("an epoch step, as the chain records it", () => {
    const consortium = createConsortium({ crypto });
    const chain = Chain.fromGenesis({ genesis: consortium.genesis, crypto });
    const site = new VotingSite({ consortium, chain });
    site.carry(site.admission("newcomer"));
    site.settle();
    site.settle();
    site.carry({ kind: "remove-validator", id: "validator-1" });
    site.settle();
    site.settle();
    for (const step of chain.electorate.steps) {
      const codec = { encode: encodeEpochStep, decode: decodeEpochStep };
      expect(codecFault({ bytes: encodeEpochStep(step), ...codec })).toBeUndefined();
    }
    expect(chain.electorate.steps.length).toBe(2);
    expect(electorateName(2)).toBe("electorate/0002");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(decodeEpochStep(bytes).ok).toBe(false);
      }),
    );
  });
});

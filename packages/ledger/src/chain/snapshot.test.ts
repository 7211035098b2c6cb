import { ByteWriter, concatBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { StateTree } from "../state/state-tree.ts";
import { createConsortium, finalise } from "../testing/consortium.ts";
import { at, eventTx } from "../testing/transactions.ts";
import { encodeCertificate } from "./certificate.ts";
import { Chain } from "./chain.ts";
import { encodeHeader } from "./header.ts";
import { ResultsLog } from "./results-log.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot.ts";
import { decodeFirstSnapshot } from "./snapshot-first-form.ts";
import { openSnapshotPart, snapshotSource } from "./snapshot-parts.ts";
import {
  decodeSnapshotPlan,
  encodeSnapshotPlan,
  fullPieces,
  partCount,
  partMax_bytes,
  resultsPerPart,
  type SnapshotPlan,
  snapshotId,
  verifySnapshotPlan,
} from "./snapshot-plan.ts";

// Thousands of hashes and signatures: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const consortium = createConsortium({ crypto });
const { genesis } = consortium;
const chain = Chain.fromGenesis({ genesis, crypto });
const unit = at(consortium.units, 0);
for (let nonce = 1; nonce <= 3; nonce++) {
  const event = { eventId: crypto.sha256(Uint8Array.of(nonce)) };
  finalise({
    consortium,
    chain,
    transactions: [eventTx({ consortium, sender: unit, nonce, event })],
  });
}
const whole = chain.snapshot();
const source = chain.snapshotSource();

const decode = (bytes: Uint8Array) => decodeSnapshot({ bytes, genesis, crypto });

/** As many values as need several parts, with the header that would name them. */
function largeSource(options: { values: number; results: number }) {
  const evidence = chain.evidence({ results: [], names: [] });
  if (evidence === undefined) throw new Error("the head has a certificate");
  let state = StateTree.empty(crypto);
  for (let i = 0; i < options.values; i++) {
    state = state.with(`value/${i}`, new Uint8Array(1000 + (i % 7)).fill(i));
  }
  const log = new ResultsLog({ crypto });
  for (let i = 0; i < options.results; i++) log.append(crypto.sha256(Uint8Array.of(i, i >> 8)));
  const { size, root } = log.after(new Uint8Array());
  const stateRoot = state.root();
  const header = { ...evidence.header, resultsSize: size, resultsRoot: root, stateRoot };
  return snapshotSource({ evidence: { ...evidence, header }, state, log, crypto });
}

describe("a snapshot's decoder", () => {
  it("gives back what was written, in its one encoding", () => {
    const decoded = decode(whole);
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    expect(decoded.value.head).toEqual(chain.head);
    const again = Chain.fromSnapshot({ genesis, crypto, bytes: whole });
    expect(again.ok && again.value.snapshot()).toEqual(whole);
    expect(encodeSnapshot(source)).toEqual(whole);
  });

  it("never throws on arbitrary bytes, and takes none of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(decode(bytes).ok).toBe(false);
        expect(decode(Uint8Array.of(1, ...bytes)).ok).toBe(false);
        expect(decode(Uint8Array.of(2, ...bytes)).ok).toBe(false);
      }),
    );
  });

  it("takes no snapshot with a few bytes changed, cut off or added", () => {
    const place = fc.nat(whole.length - 1);
    const change = fc.tuple(place, fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(change, { minLength: 1, maxLength: 4, selector: ([at]) => at }),
        place,
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        (changes, length, more) => {
          const changed = whole.slice();
          for (const [at, bits] of changes) changed[at] = (changed[at] ?? 0) ^ bits;
          expect(decode(changed).ok).toBe(false);
          expect(decode(whole.subarray(0, length)).ok).toBe(false);
          expect(decode(Uint8Array.of(...whole, ...more)).ok).toBe(false);
        },
      ),
    );
  });

  it("still reads the first form, which was not cut in parts, and believes no other byte of it", () => {
    const { header, certificate } = source.plan.evidence;
    const [results, state] = [...source.parts()];
    if (results === undefined || state === undefined) throw new Error("one part of each kind");
    const first = new ByteWriter()
      .u8(1)
      .raw(encodeHeader(header))
      .block(encodeCertificate(certificate))
      .block(results)
      .raw(state)
      .finish();
    const opened = Chain.fromSnapshot({ genesis, crypto, bytes: first });
    expect(opened.ok && opened.value.snapshot()).toEqual(whole);
    fc.assert(
      fc.property(fc.nat(first.length - 1), fc.integer({ min: 1, max: 255 }), (place, bits) => {
        const changed = first.slice();
        changed[place] = (changed[place] ?? 0) ^ bits;
        expect(decodeFirstSnapshot({ bytes: changed, genesis, crypto }).ok).toBe(false);
        const cut = first.subarray(0, place);
        expect(decodeFirstSnapshot({ bytes: cut, genesis, crypto }).ok).toBe(false);
      }),
    );
  });
});

describe("a snapshot's plan", () => {
  const bytes = encodeSnapshotPlan(source.plan);

  it("has one encoding, and no shorter, longer or changed one is believed", () => {
    const decoded = decodeSnapshotPlan(bytes);
    expect(decoded).toEqual({ ok: true, value: source.plan });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, bits) => {
        expect(decodeSnapshotPlan(bytes.subarray(0, place)).ok).toBe(false);
        expect(decodeSnapshotPlan(Uint8Array.of(...bytes, bits)).ok).toBe(false);
        const changed = bytes.slice();
        changed[place] = (changed[place] ?? 0) ^ bits;
        const plan = decodeSnapshotPlan(changed);
        if (!plan.ok) return;
        expect(verifySnapshotPlan({ plan: plan.value, genesis, crypto }).ok).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it("has one name whichever validators signed the block", () => {
    const { evidence } = source.plan;
    const signatures = evidence.certificate.signatures.slice(1);
    const other = { ...evidence, certificate: { ...evidence.certificate, signatures } };
    const id = snapshotId({ ...source.plan, evidence: other }, crypto);
    expect(id).toEqual(snapshotId(source.plan, crypto));
  });

  it("is refused where its pieces cover less or more than the state", () => {
    const { plan } = source;
    const piece = at(plan.state, 0);
    const wrong: SnapshotPlan[] = [
      { ...plan, state: [] },
      { ...plan, state: [...plan.state, piece] },
      { ...plan, state: [{ ...piece, depth: 1 }] },
      { ...plan, state: [{ ...piece, depth: 255 }] },
      { ...plan, results: [] },
      { ...plan, results: [...plan.results, at(plan.results, 0)] },
    ];
    const codes = wrong.map((one) => {
      const verdict = verifySnapshotPlan({ plan: one, genesis, crypto });
      return verdict.ok ? "OK" : verdict.problem.code;
    });
    const state = "SNAPSHOT_STATE";
    const results = "SNAPSHOT_RESULTS";
    expect(codes).toEqual([state, state, state, state, results, results]);
  });
});

describe("a snapshot's parts", () => {
  let large: ReturnType<typeof largeSource>;
  let parts: readonly Uint8Array[];

  beforeAll(() => {
    large = largeSource({ values: 900, results: resultsPerPart * 2 + 5 });
    parts = [...large.parts()];
  });

  const open = (place: number, bytes: Uint8Array) =>
    openSnapshotPart({ plan: large.plan, place, bytes, crypto });

  it("are as many as the plan says, none longer than a part may be, each good in its place only", () => {
    expect(parts.length).toBe(partCount(large.plan));
    expect(large.plan.results.length).toBe(3);
    expect(fullPieces(large.plan).length).toBeGreaterThan(3);
    for (const [place, bytes] of parts.entries()) {
      expect(bytes.length).toBeLessThanOrEqual(partMax_bytes);
      expect(open(place, bytes).ok).toBe(true);
      expect(open(place + 1, bytes).ok).toBe(false);
    }
  });

  it("are proved by the roots that the header names", () => {
    const { header } = large.plan.evidence;
    const signed = { ...large.plan, evidence: source.plan.evidence };
    expect(verifySnapshotPlan({ plan: signed, genesis, crypto }).ok).toBe(false);
    // Only the certificate fails for the header that names these roots: nobody signed it.
    const verdict = verifySnapshotPlan({ plan: large.plan, genesis, crypto });
    expect(verdict.ok ? "OK" : verdict.problem.code).toBe("SNAPSHOT_CERTIFICATE");
    expect(header.resultsSize).toBe(resultsPerPart * 2 + 5);
  });

  it("are refused with any byte changed, missing or added", () => {
    const place = fc.nat(parts.length - 1);
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(place, change, (which, [where, bits]) => {
        const bytes = at(parts, which);
        const changed = bytes.slice();
        const index = where % bytes.length;
        changed[index] = (changed[index] ?? 0) ^ bits;
        expect(open(which, changed).ok).toBe(false);
        expect(open(which, bytes.subarray(0, index)).ok).toBe(false);
        expect(open(which, concatBytes(bytes, Uint8Array.of(bits))).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("are refused with one leaf more, wherever it stands in the order of keys", () => {
    const { plan } = source;
    const place = plan.results.length;
    const piece = at(plan.state, 0);
    const [own] = [...source.parts()].slice(place);
    if (own === undefined) throw new Error("the state has a part");
    const count = new DataView(own.buffer).getUint32(0);
    const leaf = new Uint8Array(36);
    leaf.fill(255, 0, 32);
    const more = Uint8Array.of(...own, ...leaf);
    new DataView(more.buffer).setUint32(0, count + 1);
    const deeper = { ...plan, state: [{ ...piece, depth: 3 }] };
    for (const one of [plan, deeper]) {
      expect(openSnapshotPart({ plan: one, place, bytes: more, crypto }).ok).toBe(false);
    }
  });

  it("never make their reader throw", () => {
    fc.assert(
      fc.property(fc.nat(parts.length + 2), fc.uint8Array({ maxLength: 400 }), (place, bytes) => {
        expect(open(place, bytes).ok).toBe(false);
      }),
    );
  });
});

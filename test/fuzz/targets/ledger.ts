import {
  Chain,
  CompactRange,
  decodeBlock,
  decodeBundle,
  decodeCertificate,
  decodeChainEvidence,
  decodeCheckpointSubmission,
  decodeEnrolment,
  decodeEntry,
  decodeEventRecord,
  decodeHeader,
  decodeResult,
  decodeStateProof,
  decodeTransaction,
  encodeBlock,
  encodeBundle,
  encodeCertificate,
  encodeChainEvidence,
  encodeCheckpointSubmission,
  encodeEnrolment,
  encodeEntry,
  encodeEventRecord,
  encodeHeader,
  encodeResult,
  encodeStateProof,
  encodeVerifierKey,
  openCheckpoint,
  parseGenesis,
  parseTilePath,
  signCheckpoint,
  tilePath,
  verifyBundle,
} from "@voltfog/ledger";
import { equalBytes, toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { decodeSnapshot } from "../../../packages/ledger/src/chain/snapshot.ts";
import { openSnapshotPart } from "../../../packages/ledger/src/chain/snapshot-parts.ts";
import {
  decodeSnapshotPlan,
  encodeSnapshotPlan,
} from "../../../packages/ledger/src/chain/snapshot-plan.ts";
import {
  decodeEntryBundle,
  encodeEntryBundle,
} from "../../../packages/ledger/src/log/entry-bundle.ts";
import { parseVerifierKey } from "../../../packages/ledger/src/log/signed-note.ts";
import {
  decodeLogOpening,
  encodeLogOpening,
} from "../../../packages/ledger/src/modules/checkpoints.ts";
import {
  decodeDeviceRecord,
  encodeDeviceRecord,
} from "../../../packages/ledger/src/modules/device-record.ts";
import {
  decodeRotation,
  encodeRotation,
} from "../../../packages/ledger/src/modules/key-rotation.ts";
import {
  decodeSuccession,
  encodeSuccession,
} from "../../../packages/ledger/src/modules/key-succession.ts";
import {
  decodeRecordBody,
  encodeRecord,
} from "../../../packages/ledger/src/node/store/stored-block.ts";
import {
  certify,
  createConsortium,
  finalise,
} from "../../../packages/ledger/src/testing/consortium.ts";
import { ProvenSite } from "../../../packages/ledger/src/testing/proven-site.ts";
import { testFrames } from "../../../packages/ledger/src/testing/test-frame.ts";
import { eventRecord, eventTx } from "../../../packages/ledger/src/testing/transactions.ts";
import { codec, type FuzzTarget } from "../target.ts";
import { trusting } from "./messages.ts";

const site = new ProvenSite({ crypto });
for (let sequence = 1; sequence <= 3; sequence++) site.logFrame({ sequence });
site.checkpoint();
const { consortium, chain } = site;
const { genesis } = consortium;
const fast = createConsortium({ crypto, engine: { name: "sbft", redundant: 0 } });
const { header: fastHeader } = Chain.fromGenesis({ genesis: fast.genesis, crypto }).head;
const fastCertificate = encodeCertificate(
  certify({ consortium: fast, header: fastHeader, form: "fast" }),
);
const [unit, otherUnit] = consortium.units;
if (unit === undefined || otherUnit === undefined) throw new Error("a consortium has units");
const origin = `voltfog/${genesis.chain}/log/unit-1`;
const salt = new Uint8Array(16).fill(5);
const transaction = eventTx({ consortium, sender: otherUnit, nonce: 1, event: {} });
const final = finalise({ consortium, chain, transactions: [transaction] });
const { block, certificate } = final.bytes;
const stored = { height: 2, block, certificate, results: final.checked.results.map(encodeResult) };
const note = signCheckpoint({
  ...{ origin, size: 3, root: new Uint8Array(32).fill(9) },
  signer: unit.signer,
  crypto,
});
const entries = [
  encodeEntry({
    ...{ kind: "frame", stream: "telemetry", unlinked: false, sampleCount: 10, sequence: 1 },
    keyId: new Uint8Array(16),
    commitment: new Uint8Array(32),
  }),
  encodeEntry({
    ...{ kind: "gap", stream: "urgent", unlinked: true, cause: 1, sequence: 9 },
    ...{ firstMissing: 2, lastMissing: 8, samplesMissing: 70, knownSince_ms: 5 },
    keyId: new Uint8Array(16),
    commitment: new Uint8Array(32),
  }),
];
const enrolment = {
  ...{ kind: "vehicle" as const, key: new Uint8Array(32), organisation: "fleet" },
  ...{ idCommitment: new Uint8Array(32), validFrom_ms: 1, validTo_ms: 2 },
};
const last = { telemetry: 41, urgent: 3 };
const rotated = { height: 5, last, successor: new Uint8Array(32).fill(1) };
const rotation = {
  ...{ oldKey: new Uint8Array(32), newKey: rotated.successor, last },
  ...{ oldSignature: new Uint8Array(64), newSignature: new Uint8Array(64) },
};

async function bundles(): Promise<readonly Uint8Array[]> {
  const detail = site.eventDetail(1);
  site.recordEvent({ detail, salt });
  return [
    await site.frameBundle(0),
    await site.frameBundle(2),
    await site.eventBundle(1, { detail, salt }),
  ];
}

/** Every bundle that may verify. */
const known = new Set<string>();

export const targets: readonly FuzzTarget[] = [
  codec({
    name: "header",
    decode: decodeHeader,
    encode: encodeHeader,
    seeds: () => [encodeHeader(chain.head.header)],
  }),
  codec({
    name: "certificate",
    decode: decodeCertificate,
    encode: encodeCertificate,
    seeds: () => [certificate, fastCertificate],
  }),
  codec({ name: "block", decode: decodeBlock, encode: encodeBlock, seeds: () => [block] }),
  codec({
    name: "result",
    decode: decodeResult,
    encode: encodeResult,
    seeds: () => stored.results,
  }),
  {
    name: "transaction",
    seeds: () => [transaction],
    run: (input) => void decodeTransaction(input),
  },
  {
    name: "transaction-gate",
    seeds: () => [transaction],
    run(input) {
      if (chain.admit(input).ok) throw new Error("admits what nobody signed for it");
    },
  },
  codec({
    name: "chain-evidence",
    decode: decodeChainEvidence,
    encode: encodeChainEvidence,
    seeds: () => {
      const evidence = chain.evidence({ results: [0, 1], names: ["nonce/00", "log/ff"] });
      return evidence === undefined ? [] : [encodeChainEvidence(evidence)];
    },
  }),
  codec({
    name: "state-proof",
    decode: decodeStateProof,
    encode: encodeStateProof,
    seeds: () => {
      const evidence = chain.evidence({ results: [], names: ["nonce/00", "log/ff"] });
      return evidence === undefined ? [] : [encodeStateProof(evidence.proof)];
    },
  }),
  codec({
    name: "checkpoint-submission",
    decode: decodeCheckpointSubmission,
    encode: encodeCheckpointSubmission,
    seeds: () => [encodeCheckpointSubmission({ note, path: [new Uint8Array(32)] })],
  }),
  codec({
    name: "log-opening",
    decode: decodeLogOpening,
    encode: encodeLogOpening,
    seeds: () => [encodeLogOpening({ note, entry: entries[0] ?? salt })],
  }),
  codec({
    name: "event-record",
    decode: decodeEventRecord,
    encode: encodeEventRecord,
    seeds: () => [encodeEventRecord(eventRecord())],
  }),
  codec({
    name: "enrolment",
    decode: decodeEnrolment,
    encode: encodeEnrolment,
    seeds: () => [encodeEnrolment(enrolment)],
  }),
  codec({
    name: "device-record",
    decode: decodeDeviceRecord,
    encode: encodeDeviceRecord,
    seeds: () =>
      [undefined, 7].flatMap((revokedHeight) => {
        const current = { ...enrolment, enrolledHeight: 3, revokedHeight };
        return [current, { ...current, rotated }].map(encodeDeviceRecord);
      }),
  }),
  codec({
    name: "key-rotation",
    decode: decodeRotation,
    encode: encodeRotation,
    seeds: () => [encodeRotation(rotation)],
  }),
  codec({
    name: "key-succession",
    decode: decodeSuccession,
    encode: encodeSuccession,
    seeds: () => [encodeSuccession(rotation)],
  }),
  codec({ name: "log-entry", decode: decodeEntry, encode: encodeEntry, seeds: () => entries }),
  codec({
    name: "entry-bundle",
    decode: decodeEntryBundle,
    encode: encodeEntryBundle,
    seeds: () => [encodeEntryBundle(entries)],
  }),
  {
    name: "checkpoint-note",
    seeds: () => [utf8(note)],
    run(input) {
      const { publicKey } = unit.signer;
      const text = new TextDecoder().decode(input);
      openCheckpoint({ note: text, origin, publicKey, crypto: trusting });
    },
  },
  {
    name: "verifier-key",
    seeds: () => [
      utf8(encodeVerifierKey({ name: origin, publicKey: unit.signer.publicKey }, crypto)),
    ],
    run(input) {
      const text = new TextDecoder().decode(input);
      const parsed = parseVerifierKey(text, crypto);
      if (parsed.ok && encodeVerifierKey(parsed.value, crypto) !== text) {
        throw new Error("takes a second form");
      }
    },
  },
  {
    name: "tile-path",
    seeds: () => ["tile/0/000", "tile/1/x001/234.p/7", "tile/entries/000"].map(utf8),
    run(input) {
      const text = new TextDecoder().decode(input);
      const name = parseTilePath(text);
      if (name !== undefined && tilePath(name) !== text) throw new Error("takes a second form");
    },
  },
  {
    name: "genesis",
    seeds: () => [genesis.bytes, fast.genesis.bytes],
    run: (input) => void parseGenesis(input, crypto),
  },
  {
    name: "snapshot",
    seeds: () => [chain.snapshot()],
    run: (input) => void decodeSnapshot({ bytes: input, genesis, crypto: trusting }),
  },
  codec({
    name: "snapshot-plan",
    decode: decodeSnapshotPlan,
    encode: encodeSnapshotPlan,
    seeds: () => [encodeSnapshotPlan(chain.snapshotSource().plan)],
  }),
  {
    name: "snapshot-part",
    seeds: () => [...chain.snapshotSource().parts()],
    run: (input) => {
      const { plan } = chain.snapshotSource();
      for (const place of [0, 1, 2]) openSnapshotPart({ plan, place, bytes: input, crypto });
    },
  },
  codec({
    name: "stored-block",
    decode: decodeRecordBody,
    encode: (value) => encodeRecord(value, crypto).slice(4, -16),
    seeds: () => [encodeRecord(stored, crypto).slice(4, -16)],
  }),
  codec({ name: "bundle", decode: decodeBundle, encode: encodeBundle, seeds: bundles }),
  {
    name: "bundle-verifier",
    async seeds() {
      const good = await bundles();
      for (const bundle of good) known.add(toHex(bundle));
      return good;
    },
    run(input) {
      const options = { bytes: input, genesisBytes: genesis.bytes, crypto, frames: testFrames };
      if (verifyBundle(options).ok && !known.has(toHex(input))) {
        throw new Error("verifies a bundle that nobody assembled");
      }
    },
  },
  {
    name: "compact-range",
    seeds: () => [Uint8Array.of(3, ...new Uint8Array(64))],
    run(input) {
      const range = new CompactRange({ crypto });
      for (const byte of input.subarray(0, 64)) range.append(new Uint8Array(32).fill(byte));
      const again = CompactRange.restore({ size: range.size, hashes: range.hashes(), crypto });
      if (!equalBytes(again.root(), range.root())) throw new Error("is not restored");
    },
  },
];

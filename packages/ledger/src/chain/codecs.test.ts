import { equalBytes } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  decodeCheckpointSubmission,
  decodeFinalCheckpoint,
  decodeLogState,
  encodeCheckpointSubmission,
  encodeFinalCheckpoint,
  encodeLogState,
} from "../modules/checkpoints.ts";
import {
  type DeviceRecord,
  decodeDeviceRecord,
  decodeEnrolment,
  encodeDeviceRecord,
  encodeEnrolment,
} from "../modules/device-record.ts";
import {
  decodeEventRecord,
  decodeEventState,
  encodeEventRecord,
  encodeEventState,
  eventClasses,
  eventStates,
} from "../modules/events.ts";
import { decodeRotation, encodeRotation } from "../modules/key-rotation.ts";
import { decodeSuccession, encodeSuccession } from "../modules/key-succession.ts";
import { codecFault } from "../testing/codec-laws.ts";
import { signerOf } from "../testing/consortium.ts";
import { type Block, decodeBlock, encodeBlock } from "./block.ts";
import { type Certificate, decodeCertificate, encodeCertificate } from "./certificate.ts";
import { type BlockHeader, decodeHeader, encodeHeader, header_bytes } from "./header.ts";
import { decodeResult, encodeResult } from "./result.ts";
import { decodeTransaction, signTransaction, verifyTransaction } from "./transaction.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hash = bytes(32);
const u64 = fc.maxSafeNat();
const u32 = fc.nat(0xffffffff);
const u8 = fc.nat(255);
const data = fc.uint8Array({ maxLength: 60 });

const header: fc.Arbitrary<BlockHeader> = fc.record({
  chainId: hash,
  height: u64,
  epoch: u64,
  parent: hash,
  parentCertificateHash: hash,
  time_ms: u64,
  proposer: hash,
  txRoot: hash,
  resultsSize: u64,
  resultsRoot: hash,
  stateRoot: hash,
  nextValidatorsHash: hash,
});

const certificate: fc.Arbitrary<Certificate> = fc
  .record({
    form: fc.constantFrom("commit" as const, "fast" as const),
    height: u64,
    round: u32,
    blockHash: hash,
    signers: fc.array(fc.boolean(), { minLength: 1, maxLength: 21 }),
    signature: bytes(64),
    delay_ms: u32,
  })
  .map(({ signers, signature, delay_ms, ...rest }) => ({
    ...rest,
    validators: signers.length,
    signatures: signers.flatMap((signed, validator) =>
      signed ? [{ validator, delay_ms, signature }] : [],
    ),
  }));

const block: fc.Arbitrary<Block> = fc.record({
  header,
  parentCertificate: fc.option(certificate, { nil: undefined }),
  transactions: fc.array(data, { maxLength: 3 }),
});

const enrolment = fc
  .record({
    kind: fc.constantFrom("unit" as const, "vehicle" as const),
    key: hash,
    organisation: fc.constantFrom("a", "north-2"),
    idCommitment: hash,
    times: fc.tuple(u64, u64),
  })
  .map(({ times, ...rest }) => ({
    ...rest,
    validFrom_ms: Math.min(...times),
    validTo_ms: Math.max(...times),
  }));

const last = fc.record({ telemetry: u64, urgent: u64 });

const deviceRecord: fc.Arbitrary<DeviceRecord> = fc
  .record({
    enrolment,
    enrolledHeight: u64,
    revokedHeight: fc.option(
      u64.map((height) => height || 1),
      { nil: undefined },
    ),
    rotation: fc.option(
      fc.record({ height: u64.map((height) => height || 1), last, successor: hash }),
      { nil: undefined },
    ),
  })
  .map(({ enrolment: base, rotation, ...heights }) => ({
    ...base,
    ...heights,
    ...(rotation === undefined ? {} : { rotated: rotation }),
  }));

const formats = [
  { name: "header", value: header, encode: encodeHeader, decode: decodeHeader },
  { name: "certificate", value: certificate, encode: encodeCertificate, decode: decodeCertificate },
  { name: "block", value: block, encode: encodeBlock, decode: decodeBlock },
  {
    name: "result",
    value: fc.record({
      height: u64,
      txIndex: u32,
      txHash: hash,
      sender: hash,
      module: u8,
      action: u8,
      code: fc.constantFrom("OK", "NOT_GROWN"),
      data,
    }),
    encode: encodeResult,
    decode: decodeResult,
  },
  {
    name: "checkpoint submission",
    value: fc.record({
      note: fc.string({ unit: "binary" }),
      path: fc.array(hash, { maxLength: 4 }),
    }),
    encode: encodeCheckpointSubmission,
    decode: decodeCheckpointSubmission,
  },
  {
    name: "final checkpoint",
    value: fc.record({ logId: hash, size: u64, root: hash }),
    encode: encodeFinalCheckpoint,
    decode: decodeFinalCheckpoint,
  },
  {
    name: "log state",
    value: fc.record({ size: u64, root: hash, height: u64, resultIndex: u64 }),
    encode: encodeLogState,
    decode: decodeLogState,
  },
  {
    name: "event state",
    value: fc.record({ height: u64, resultIndex: u64 }),
    encode: encodeEventState,
    decode: decodeEventState,
  },
  {
    name: "event record",
    value: fc.record({
      class: fc.constantFrom(...eventClasses),
      state: fc.constantFrom(...eventStates),
      level: fc.constantFrom(1 as const, 2 as const, 3 as const),
      timeBucket: u32,
      pseudonym: bytes(16),
      eventId: hash,
    }),
    encode: encodeEventRecord,
    decode: decodeEventRecord,
  },
  { name: "enrolment", value: enrolment, encode: encodeEnrolment, decode: decodeEnrolment },
  {
    name: "device record",
    value: deviceRecord,
    encode: encodeDeviceRecord,
    decode: decodeDeviceRecord,
  },
  {
    name: "key rotation",
    value: fc
      .record({
        oldKey: hash,
        newKey: hash,
        last,
        oldSignature: bytes(64),
        newSignature: bytes(64),
      })
      .filter(({ oldKey, newKey }) => !equalBytes(oldKey, newKey)),
    encode: encodeRotation,
    decode: decodeRotation,
  },
  {
    name: "key succession",
    value: fc
      .record({
        oldKey: bytes(32),
        newKey: bytes(32),
        oldSignature: bytes(64),
        newSignature: bytes(64),
      })
      .filter(({ oldKey, newKey }) => !equalBytes(oldKey, newKey)),
    encode: encodeSuccession,
    decode: decodeSuccession,
  },
];

interface Format {
  readonly name: string;
  readonly value: fc.Arbitrary<unknown>;
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: typeof decodeHeader;
}

describe.each(formats as readonly unknown[] as readonly Format[])("the $name format", (format) => {
  const { value, encode, decode } = format;

  it("gives back what was written", () => {
    fc.assert(
      fc.property(value, (given) => {
        const decoded = decode(encode(given));
        expect(decoded.ok && decoded.value).toEqual(given);
      }),
    );
  });

  it("has one encoding: no shorter, longer or second form is read", () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(codecFault({ bytes: encode(given), encode, decode })).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it("never throws on arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (given) => {
        expect(typeof decode(given).ok).toBe("boolean");
      }),
    );
  });
});

describe("a transaction", () => {
  const signer = signerOf("sender", nodeCrypto);
  const signed = signTransaction({
    chainId: new Uint8Array(32).fill(1),
    module: 1,
    action: 1,
    nonce: 5,
    payload: new Uint8Array(40).fill(2),
    signer,
  });

  it("carries its sender's signature over every byte before it", () => {
    for (let i = 0; i < signed.length; i++) {
      const changed = signed.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      const decoded = decodeTransaction(changed);
      if (!decoded.ok) continue;
      const { value: transaction } = decoded;
      expect(verifyTransaction({ bytes: changed, transaction, crypto: nodeCrypto })).toBe(false);
    }
    const decoded = decodeTransaction(signed);
    expect(
      decoded.ok &&
        verifyTransaction({ bytes: signed, transaction: decoded.value, crypto: nodeCrypto }),
    ).toBe(true);
  });

  it("never throws on arbitrary bytes and reads no trailing byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (given) => {
        expect(decodeTransaction(given).ok).toBe(false);
      }),
    );
    expect(decodeTransaction(new Uint8Array([...signed, 0])).ok).toBe(false);
  });
});

describe("a header", () => {
  it("has a fixed length", () => {
    fc.assert(
      fc.property(header, (given) => {
        expect(encodeHeader(given).length).toBe(header_bytes);
      }),
    );
  });
});

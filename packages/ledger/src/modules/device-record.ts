import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  identifierPattern,
  type MalformedProblem,
  type Outcome,
  utf8,
} from "@voltfog/runtime";
import type { LogStream } from "../log/entry.ts";

export type DeviceKind = "unit" | "vehicle";

/** What the consortium says about one key: the value of a device/ name. */
export interface DeviceRecord extends Enrolment {
  /** Block that enrolled it; 0 for the genesis file. */
  readonly enrolledHeight: number;
  /** Block that revoked it; undefined while it is not revoked. */
  readonly revokedHeight: number | undefined;
  /** Absent while the key is the device's current one. */
  readonly rotated?: RotatedKey;
}

/** That another key took the place of this one. */
export interface RotatedKey {
  /** Block that recorded it. */
  readonly height: number;
  /** Sequence of the last frame of each stream that the key signed; 0 for none. */
  readonly last: Readonly<Record<LogStream, number>>;
  /** The key that signs from there on. */
  readonly successor: Uint8Array;
}

/** The payload of devices/enrol and devices/revoke. */
export interface Enrolment {
  readonly kind: DeviceKind;
  readonly key: Uint8Array;
  readonly organisation: string;
  /** SHA-256(16-byte salt ‖ id). A unit's name is public: its salt is 16 zero bytes. */
  readonly idCommitment: Uint8Array;
  /** First and last instant at which the enrolment holds. */
  readonly validFrom_ms: number;
  readonly validTo_ms: number;
}

const kindNumbers = { unit: 1, vehicle: 2 } as const;

/** The salt of a unit's idCommitment. */
export const unitSalt: Uint8Array = new Uint8Array(16);

/** First 16 bytes of SHA-256 of an Ed25519 public key. */
export function keyIdOf(key: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(key).slice(0, 16);
}

export function idCommitmentOf(
  identity: { salt: Uint8Array; id: string },
  crypto: Crypto,
): Uint8Array {
  return crypto.sha256(identity.salt, utf8(identity.id));
}

export function encodeEnrolment(enrolment: Enrolment): Uint8Array {
  const writer = new ByteWriter();
  writeEnrolment(writer, enrolment);
  return writer.finish();
}

export function decodeEnrolment(bytes: Uint8Array): Outcome<Enrolment, MalformedProblem> {
  return decodeBytes(bytes, readEnrolment);
}

/**
 * u8 version · enrolment · u64 enrolledHeight · u64 revokedHeight (0 while not revoked); in version 2,
 * which only a key has that another one replaced, then the rotation.
 */
export function encodeDeviceRecord(record: DeviceRecord): Uint8Array {
  const { rotated } = record;
  const writer = new ByteWriter().u8(rotated === undefined ? 1 : 2);
  writeEnrolment(writer, record);
  writer.u64(record.enrolledHeight).u64(record.revokedHeight ?? 0);
  if (rotated !== undefined) writeRotatedKey(writer, rotated);
  return writer.finish();
}

/** u64 height · u64 last of telemetry · u64 last of urgent · raw32 successor. */
export function writeRotatedKey(writer: ByteWriter, { height, last, successor }: RotatedKey): void {
  writer.u64(height).u64(last.telemetry).u64(last.urgent).raw(successor);
}

export function readRotatedKey(reader: ByteReader): RotatedKey {
  const height = reader.u64();
  if (height === 0) reader.fail("no key is replaced by the genesis file");
  const last = { telemetry: reader.u64(), urgent: reader.u64() };
  return { height, last, successor: reader.raw(32) };
}

export function decodeDeviceRecord(bytes: Uint8Array): Outcome<DeviceRecord, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1 && version !== 2) {
      reader.fail(`device record version ${version}, this reads 1 and 2`);
    }
    const enrolment = readEnrolment(reader);
    const enrolledHeight = reader.u64();
    const revokedHeight = reader.u64();
    return {
      ...enrolment,
      enrolledHeight,
      revokedHeight: revokedHeight === 0 ? undefined : revokedHeight,
      ...(version === 2 ? { rotated: readRotatedKey(reader) } : {}),
    };
  });
}

function writeEnrolment(writer: ByteWriter, enrolment: Enrolment): void {
  writer
    .u8(kindNumbers[enrolment.kind])
    .raw(enrolment.key)
    .text(enrolment.organisation)
    .raw(enrolment.idCommitment)
    .u64(enrolment.validFrom_ms)
    .u64(enrolment.validTo_ms);
}

function readEnrolment(reader: ByteReader): Enrolment {
  const kind = reader.u8();
  if (kind !== kindNumbers.unit && kind !== kindNumbers.vehicle) reader.fail(`device kind ${kind}`);
  const enrolment: Enrolment = {
    kind: kind === kindNumbers.unit ? "unit" : "vehicle",
    key: reader.raw(32),
    organisation: reader.text(),
    idCommitment: reader.raw(32),
    validFrom_ms: reader.u64(),
    validTo_ms: reader.u64(),
  };
  if (!identifierPattern.test(enrolment.organisation)) reader.fail("organisation is no identifier");
  if (enrolment.validTo_ms < enrolment.validFrom_ms) reader.fail("enrolment ends before it begins");
  return enrolment;
}

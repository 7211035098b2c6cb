import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  equalBytes,
  identifierPattern,
  type Outcome,
  type Problem,
  refused,
  utf8,
} from "@voltfog/runtime";
import { type CommitSignature, readSigners, writeSigners } from "../chain/certificate.ts";
import {
  areSuccessions,
  asSteps,
  type EpochStep,
  readEpochSteps,
  writeEpochStep,
} from "../chain/epoch-step.ts";
import { type BlockHeader, encodeHeader, readHeader } from "../chain/header.ts";
import type { CertificateForm } from "../genesis/engine-choice.ts";
import { parseUnitLogName, unitLogName } from "../log/checkpoint.ts";
import {
  type DeviceRecord,
  type RotatedKey,
  readRotatedKey,
  writeRotatedKey,
} from "../modules/device-record.ts";
import { readSuccessions, writeSuccession } from "../modules/key-succession.ts";
import { readStateProof, type StateProof, writeStateProof } from "../state/state-proof.ts";
import { type EntryRemainder, readEntryRemainder } from "./entry-remainder.ts";

/**
 * A frame and everything that shows, with nothing but the genesis file, whose it is, who logged it
 * and which validators made that final. Holds no byte that follows from the others, so that there
 * is none whose change goes unseen. Layout: docs/specs/bundle.md.
 */
export interface ProofBundle {
  readonly frame: Uint8Array;
  /** undefined for a bundle of kind frame. */
  readonly event: EventPart | undefined;
  readonly entry: EntryRemainder;
  readonly logIndex: number;
  readonly logPath: readonly Uint8Array[];
  readonly checkpoint: CheckpointPart;
  readonly unit: UnitPart;
  readonly vehicle: VehiclePart;
  /** Vehicle's record, then unit's. */
  readonly stateProof: StateProof;
  readonly header: BlockHeader;
  /** As many as the header's epoch: how its validators came from the genesis file's. */
  readonly steps: readonly EpochStep[];
  readonly round: number;
  readonly form: CertificateForm;
  readonly validators: number;
  readonly signatures: readonly CommitSignature[];
}

/** Where a transaction's result stands; what it says follows from the rest of the bundle. */
export interface ResultPlace {
  readonly height: number;
  readonly txIndex: number;
  readonly txHash: Uint8Array;
  readonly resultIndex: number;
  readonly resultPath: readonly Uint8Array[];
}

/** The final checkpoint whose log holds the frame. */
export interface CheckpointPart extends ResultPlace {
  readonly size: number;
  readonly root: Uint8Array;
}

/** The event that rests on the frame. */
export interface EventPart extends ResultPlace {
  /** Canonical JSON of the event without its id. */
  readonly detail: Uint8Array;
  readonly salt: Uint8Array;
  readonly timeBucket: number;
  readonly pseudonym: Uint8Array;
}

/** What a device's record says beyond its kind and its id's commitment. */
export type DeviceTerms = Omit<DeviceRecord, "kind" | "idCommitment" | "rotated">;

export interface UnitPart extends DeviceTerms {
  readonly id: string;
  /** Which of the unit's logs holds the frame; from 1. */
  readonly logNumber: number;
}

export interface VehiclePart extends DeviceTerms {
  readonly salt: Uint8Array;
  /** Where another key took the place of this one; such a bundle is of version 2. */
  readonly rotated?: RotatedKey;
}

export interface BundleFormProblem extends Problem {
  readonly code: "BUNDLE_MALFORMED" | "BUNDLE_VERSION_UNKNOWN";
  readonly detail: string;
}

export const bundleMax_bytes = 2_097_152;
const frameMax_bytes = 131_072;
const detailMax_bytes = 8192;
const pathMax = 64;
const magic = utf8("VFPB");
/**
 * One more for a vehicle's replaced key, two more above epoch 0, or four more where validators were
 * admitted or removed: only a bundle that needs a part has it.
 */
const versionParts = { first: 1, rotated: 1, succeeded: 2, changed: 4 } as const;
const versionMax: number = versionParts.first + versionParts.rotated + versionParts.changed;
const kindNumbers = { frame: 1, event: 2 } as const;

export function encodeBundle(bundle: ProofBundle): Uint8Array {
  const { event } = bundle;
  const writer = new ByteWriter()
    .raw(magic)
    .u8(versionOf(bundle))
    .u8(event === undefined ? kindNumbers.frame : kindNumbers.event)
    .block(bundle.frame);
  if (event !== undefined) {
    writer.block(event.detail).raw(event.salt).u32(event.timeBucket).raw(event.pseudonym);
    writeResultPlace(writer, event);
  }
  writer.raw(bundle.entry.head).raw(bundle.entry.tail).u64(bundle.logIndex);
  writePath(writer, bundle.logPath);
  writer.u64(bundle.checkpoint.size).raw(bundle.checkpoint.root);
  writeResultPlace(writer, bundle.checkpoint);
  const { id: unitId, logNumber: number } = bundle.unit;
  writeTerms(writer.text(unitLogName({ unitId, number })), bundle.unit);
  writeTerms(writer.raw(bundle.vehicle.salt), bundle.vehicle);
  if (bundle.vehicle.rotated !== undefined) writeRotatedKey(writer, bundle.vehicle.rotated);
  writeStateProof(writer, bundle.stateProof);
  writer.raw(encodeHeader(bundle.header));
  const { steps } = bundle;
  if (areSuccessions(steps)) for (const step of steps) writeSuccession(writer, step);
  else for (const step of steps) writeEpochStep(writer, step);
  writer.u32(bundle.round);
  writeSigners(writer, bundle);
  return writer.finish();
}

function versionOf({ vehicle, steps }: ProofBundle): number {
  const rotated = vehicle.rotated === undefined ? 0 : versionParts.rotated;
  const changed = areSuccessions(steps) ? versionParts.succeeded : versionParts.changed;
  return versionParts.first + rotated + (steps.length === 0 ? 0 : changed);
}

/** Reads the form only; {@link verifyBundle} says whether it proves anything. */
export function decodeBundle(bytes: Uint8Array): Outcome<ProofBundle, BundleFormProblem> {
  if (bytes.length > bundleMax_bytes) {
    const detail = `${bytes.length} bytes, at most ${bundleMax_bytes}`;
    return refused({ code: "BUNDLE_MALFORMED", detail });
  }
  if (!equalBytes(bytes.subarray(0, magic.length), magic)) {
    return refused({ code: "BUNDLE_MALFORMED", detail: "not a Voltfog proof bundle" });
  }
  const version = bytes[magic.length];
  if (version !== undefined && (version < versionParts.first || version > versionMax)) {
    const detail = `version ${version}, this reads ${versionParts.first} to ${versionMax}`;
    return refused({ code: "BUNDLE_VERSION_UNKNOWN", detail });
  }
  const decoded = decodeBytes(bytes, readBundle);
  if (decoded.ok) return decoded;
  return refused({ code: "BUNDLE_MALFORMED", detail: decoded.problem.detail });
}

function readBundle(reader: ByteReader): ProofBundle {
  reader.raw(magic.length);
  const parts = reader.u8() - versionParts.first;
  const isRotated = (parts & versionParts.rotated) !== 0;
  const kind = reader.u8();
  if (kind !== kindNumbers.frame && kind !== kindNumbers.event) reader.fail(`bundle kind ${kind}`);
  return {
    frame: reader.block(frameMax_bytes),
    event: kind === kindNumbers.event ? readEvent(reader) : undefined,
    entry: readEntryRemainder(reader),
    logIndex: reader.u64(),
    logPath: readPath(reader),
    checkpoint: { size: reader.u64(), root: reader.raw(32), ...readResultPlace(reader) },
    unit: { ...readLogName(reader), ...readTerms(reader) },
    vehicle: {
      salt: reader.raw(16),
      ...readTerms(reader),
      ...(isRotated ? { rotated: readRotatedKey(reader) } : {}),
    },
    stateProof: readStateProof(reader),
    ...readHeaderPart(reader, parts),
    round: reader.u32(),
    ...readSigners(reader),
  };
}

function readHeaderPart(reader: ByteReader, parts: number): Pick<ProofBundle, "header" | "steps"> {
  const header = readHeader(reader);
  const { epoch } = header;
  if ((parts & versionParts.changed) !== 0) {
    const steps = readEpochSteps(reader, epoch);
    if (areSuccessions(steps)) reader.fail("only successions, which versions 3 and 4 are for");
    return { header, steps };
  }
  if ((parts & versionParts.succeeded) !== 0) {
    return { header, steps: asSteps(readSuccessions(reader, epoch)) };
  }
  if (epoch > 0) reader.fail(`no steps for epoch ${epoch}`);
  return { header, steps: [] };
}

function readEvent(reader: ByteReader): EventPart {
  return {
    detail: reader.block(detailMax_bytes),
    salt: reader.raw(16),
    timeBucket: reader.u32(),
    pseudonym: reader.raw(16),
    ...readResultPlace(reader),
  };
}

function writeResultPlace(writer: ByteWriter, place: ResultPlace): void {
  writer.u64(place.height).u32(place.txIndex).raw(place.txHash).u64(place.resultIndex);
  writePath(writer, place.resultPath);
}

function readResultPlace(reader: ByteReader): ResultPlace {
  return {
    height: reader.u64(),
    txIndex: reader.u32(),
    txHash: reader.raw(32),
    resultIndex: reader.u64(),
    resultPath: readPath(reader),
  };
}

function writePath(writer: ByteWriter, path: readonly Uint8Array[]): void {
  writer.u8(path.length);
  for (const hash of path) writer.raw(hash);
}

function readPath(reader: ByteReader): Uint8Array[] {
  const count = reader.u8();
  if (count > pathMax) reader.fail(`path of ${count} hashes, at most ${pathMax}`);
  return Array.from({ length: count }, () => reader.raw(32));
}

function writeTerms(writer: ByteWriter, terms: DeviceTerms): void {
  writer
    .raw(terms.key)
    .text(terms.organisation)
    .u64(terms.validFrom_ms)
    .u64(terms.validTo_ms)
    .u64(terms.enrolledHeight)
    .u64(terms.revokedHeight ?? 0);
}

function readTerms(reader: ByteReader): DeviceTerms {
  const terms = {
    key: reader.raw(32),
    organisation: readIdentifier(reader),
    validFrom_ms: reader.u64(),
    validTo_ms: reader.u64(),
    enrolledHeight: reader.u64(),
  };
  const revokedHeight = reader.u64();
  return { ...terms, revokedHeight: revokedHeight === 0 ? undefined : revokedHeight };
}

function readLogName(reader: ByteReader): Pick<UnitPart, "id" | "logNumber"> {
  const log = parseUnitLogName(reader.text()) ?? reader.fail("not the name of a unit's log");
  return { id: log.unitId, logNumber: log.number };
}

function readIdentifier(reader: ByteReader): string {
  const text = reader.text();
  return identifierPattern.test(text) ? text : reader.fail("not an identifier");
}

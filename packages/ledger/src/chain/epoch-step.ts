import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  toHex,
} from "@voltfog/runtime";
import type { CertificateForm } from "../genesis/engine-choice.ts";
import { engineOf, type Genesis, type Validator, validatorsMax } from "../genesis/genesis.ts";
import {
  type KeySuccession,
  readSuccession,
  successionsMax,
  verifySuccession,
  writeSuccession,
} from "../modules/key-succession.ts";
import {
  type CommitSignature,
  readSigners,
  verifyCertificate,
  writeSigners,
} from "./certificate.ts";
import { type BlockHeader, encodeHeader, headerHash, readHeader } from "./header.ts";
import { succeeded, validatorsHash } from "./validator-set.ts";

/** The last header of an epoch, by which its validators named those of the next one. */
export interface SetChange {
  readonly kind: "set-change";
  readonly header: BlockHeader;
  readonly form: CertificateForm;
  readonly round: number;
  /** Size of the set until then. */
  readonly validators: number;
  /** Of that set: as many as the engine asks of this form. */
  readonly signatures: readonly CommitSignature[];
  /** One key more at the end, or the place that is left out. */
  readonly change: { readonly admitted: Uint8Array } | { readonly removed: number };
}

/** How the vote keys of one epoch came from those of the epoch before. */
export type EpochStep = ({ readonly kind: "succession" } & KeySuccession) | SetChange;

/** Set changes of one chain; with the successions they are its epochs. */
export const setChangesMax = 768;
export const epochsMax: number = setChangesMax + successionsMax;

const kindNumbers = { succession: 1, admitted: 2, removed: 3 } as const;

/**
 * u8 1 · succession, or u8 2 (admitted) or 3 (removed) · header · u32 round · signers as in a
 * certificate from u16 n on · raw32 key or u16 place. What follows from the epochs before is left out.
 */
export function writeEpochStep(writer: ByteWriter, step: EpochStep): void {
  if (step.kind === "succession") {
    writeSuccession(writer.u8(kindNumbers.succession), step);
    return;
  }
  const { change } = step;
  writer.u8("admitted" in change ? kindNumbers.admitted : kindNumbers.removed);
  writer.raw(encodeHeader(step.header)).u32(step.round);
  writeSigners(writer, step);
  if ("admitted" in change) writer.raw(change.admitted);
  else writer.u16(change.removed);
}

/** Reads the form only; {@link nextEpoch} says whether it follows. */
export function readEpochStep(reader: ByteReader): EpochStep {
  const number = reader.u8();
  if (number === kindNumbers.succession) return { kind: "succession", ...readSuccession(reader) };
  if (number !== kindNumbers.admitted && number !== kindNumbers.removed) {
    return reader.fail(`epoch step of kind ${number}`);
  }
  const decided = { header: readHeader(reader), round: reader.u32(), ...readSigners(reader) };
  const change =
    number === kindNumbers.admitted ? { admitted: reader.raw(32) } : { removed: reader.u16() };
  return { kind: "set-change", ...decided, change };
}

/** u8 version · the step: the value of an electorate/ name. */
export function encodeEpochStep(step: EpochStep): Uint8Array {
  const writer = new ByteWriter().u8(1);
  writeEpochStep(writer, step);
  return writer.finish();
}

export function decodeEpochStep(bytes: Uint8Array): Outcome<EpochStep, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`epoch step version ${version}, this reads 1`);
    return readEpochStep(reader);
  });
}

/** As many steps as the header's epoch, one after the other. */
export function readEpochSteps(reader: ByteReader, epoch: number): readonly EpochStep[] {
  if (epoch === 0 || epoch > epochsMax) reader.fail(`${epoch} epochs after the first`);
  return Array.from({ length: epoch }, () => readEpochStep(reader));
}

/** Whether vote keys only took each other's place: the form that formats before set changes have. */
export function areSuccessions(
  steps: readonly EpochStep[],
): steps is readonly (KeySuccession & { readonly kind: "succession" })[] {
  return steps.every(({ kind }) => kind === "succession");
}

/** Successions as the steps that they are. */
export function asSteps(successions: readonly KeySuccession[]): readonly EpochStep[] {
  return successions.map((succession) => ({ kind: "succession", ...succession }));
}

/**
 * The vote keys after a step, in their order, with the names that the genesis file has for them; who
 * was admitted later is `key-` and the key's first eight bytes in hex, of an organisation that the
 * header's state tells. undefined where the step cannot follow this set.
 */
export function changedSet(
  validators: readonly Validator[],
  step: EpochStep,
): readonly Validator[] | undefined {
  if (step.kind === "succession") return succeeded(validators, step);
  const { change } = step;
  if ("removed" in change) {
    if (change.removed >= validators.length || validators.length === 1) return undefined;
    return validators.filter((_, place) => place !== change.removed);
  }
  const { admitted } = change;
  const isKnown = validators.some(({ voteKey }) => equalBytes(voteKey, admitted));
  if (isKnown || validators.length >= validatorsMax) return undefined;
  return [...validators, provenSeat(admitted)];
}

/** What headers alone say of an admitted validator. */
function provenSeat(voteKey: Uint8Array): Validator {
  return { id: `key-${toHex(voteKey.subarray(0, 8))}`, organisation: "", voteKey };
}

/**
 * The set that a step leads to, where those who stood until then said so: the old key for its
 * successor, a quorum for an admission or removal. undefined otherwise.
 */
export function nextEpoch(options: {
  step: EpochStep;
  /** Number of the epoch that the step ends. */
  epoch: number;
  validators: readonly Validator[];
  genesis: Genesis;
  crypto: Crypto;
}): readonly Validator[] | undefined {
  const { step, epoch, validators, genesis, crypto } = options;
  const { chainId } = genesis;
  const next = changedSet(validators, step);
  if (next === undefined) return undefined;
  if (step.kind === "succession") {
    return verifySuccession({ succession: step, chainId, crypto }) ? next : undefined;
  }
  const { header, form, round, signatures } = step;
  const isOfEpoch = header.epoch === epoch && equalBytes(header.chainId, chainId);
  if (!isOfEpoch || !equalBytes(header.nextValidatorsHash, validatorsHash(next, crypto))) {
    return undefined;
  }
  const { height } = header;
  const blockHash = headerHash(header, crypto);
  const certificate = { form, height, round, blockHash, validators: step.validators, signatures };
  const place = { engine: engineOf(genesis), chainId, epoch, height, blockHash };
  const verdict = verifyCertificate({ certificate, ...place, validators, crypto });
  return verdict.ok ? next : undefined;
}

import {
  accepted,
  assert,
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  type Problem,
  refused,
  utf8,
} from "@voltfog/runtime";
import { type CertificateForm, type EngineChoice, sealsNeeded } from "../genesis/engine-choice.ts";
import { type Validator, validatorsMax } from "../genesis/genesis.ts";

/** One validator's COMMIT as a certificate keeps it. */
export interface CommitSignature {
  /** Place in the epoch's validator list. */
  readonly validator: number;
  /** What this validator measured and signed as the proposal's delay. */
  readonly delay_ms: number;
  readonly signature: Uint8Array;
}

/**
 * Signed commits of one round: with enough of them the block is final. That is a quorum of `commit`
 * ("a quorum of us accepted it"), or of `fast` ("I accept it") all but the redundant validators.
 */
export interface Certificate {
  readonly form: CertificateForm;
  readonly height: number;
  readonly round: number;
  readonly blockHash: Uint8Array;
  /** Size of the validator set, n. */
  readonly validators: number;
  /** Ascending by validator, each at most once. */
  readonly signatures: readonly CommitSignature[];
}

export interface CommitContent {
  readonly chainId: Uint8Array;
  readonly epoch: number;
  readonly height: number;
  readonly round: number;
  readonly blockHash: Uint8Array;
  readonly delay_ms: number;
}

export interface CertificateProblem extends Problem {
  readonly code:
    | "CERTIFICATE_MALFORMED"
    | "CERTIFICATE_OTHER_HEIGHT"
    | "CERTIFICATE_OTHER_BLOCK"
    | "CERTIFICATE_OTHER_SET"
    | "CERTIFICATE_OTHER_FORM"
    | "CERTIFICATE_BELOW_QUORUM"
    | "CERTIFICATE_SIGNATURE_INVALID";
  readonly detail: string;
}

export const certificateMax_bytes: number = 46 + validatorsMax / 8 + validatorsMax * 68;

const domains = {
  commit: utf8("voltfog/commit/1\n"),
  fast: utf8("voltfog/fast-commit/1\n"),
} as const;

/** In the u16 that says n: the certificate is of form `fast`. */
const fastBit = 0x8000;

/** The bytes that a validator signs to commit: it saw a quorum accept the block. */
export function commitMessage(commit: CommitContent): Uint8Array {
  return sealMessage("commit", commit);
}

/** The bytes of a share of a fast certificate: this validator accepts the block. */
export function fastCommitMessage(commit: CommitContent): Uint8Array {
  return sealMessage("fast", commit);
}

function sealMessage(form: CertificateForm, commit: CommitContent): Uint8Array {
  return new ByteWriter()
    .raw(domains[form])
    .raw(commit.chainId)
    .u64(commit.epoch)
    .u64(commit.height)
    .u32(commit.round)
    .raw(commit.blockHash)
    .u32(commit.delay_ms)
    .finish();
}

export function encodeCertificate(certificate: Certificate): Uint8Array {
  const writer = new ByteWriter()
    .u64(certificate.height)
    .u32(certificate.round)
    .raw(certificate.blockHash);
  writeSigners(writer, certificate);
  return writer.finish();
}

export function decodeCertificate(bytes: Uint8Array): Outcome<Certificate, MalformedProblem> {
  return decodeBytes(bytes, (reader) => ({
    height: reader.u64(),
    round: reader.u32(),
    blockHash: reader.raw(32),
    ...readSigners(reader),
  }));
}

type Signers = Pick<Certificate, "form" | "validators" | "signatures">;

/** u16 n with bit 15 for form `fast`, a bitmap with validator i at bit 0x80 >> (i mod 8) of byte ⌊i / 8⌋, then the signatures. */
export function writeSigners(writer: ByteWriter, signers: Signers): void {
  assert(isAscending(signers), "a certificate's signers are ascending and below n");
  const bitmap = new Uint8Array(Math.ceil(signers.validators / 8));
  for (const { validator } of signers.signatures) {
    bitmap[validator >> 3] = (bitmap[validator >> 3] ?? 0) | (0x80 >> (validator & 7));
  }
  writer.u16(signers.validators | (signers.form === "fast" ? fastBit : 0)).raw(bitmap);
  for (const { delay_ms, signature } of signers.signatures) writer.u32(delay_ms).raw(signature);
}

export function readSigners(reader: ByteReader): Signers {
  const size = reader.u16();
  const form = (size & fastBit) === 0 ? "commit" : "fast";
  const validators = size & ~fastBit;
  if (validators === 0 || validators > validatorsMax) {
    reader.fail(`certificate of ${validators} validators, at most ${validatorsMax}`);
  }
  const bitmap = reader.raw(Math.ceil(validators / 8));
  const signatures: CommitSignature[] = [];
  for (let validator = 0; validator < bitmap.length * 8; validator++) {
    if (((bitmap[validator >> 3] ?? 0) & (0x80 >> (validator & 7))) === 0) continue;
    if (validator >= validators) reader.fail(`certificate names validator ${validator}`);
    signatures.push({ validator, delay_ms: reader.u32(), signature: reader.raw(64) });
  }
  return { form, validators, signatures };
}

function isAscending({ validators, signatures }: Signers): boolean {
  return signatures.every(
    ({ validator }, i) =>
      validator > (signatures[i - 1]?.validator ?? -1) && validator < validators,
  );
}

/**
 * Whether a certificate makes this block final: the right height, hash and set size, as many distinct
 * signers as the engine asks of its form, and every given signature valid (one bad signature fails it, needed
 * or not). Gives the signers. Costs one Ed25519 verification for each signature that `known` does not hold.
 */
export function verifyCertificate(options: {
  certificate: Certificate;
  engine: EngineChoice;
  chainId: Uint8Array;
  epoch: number;
  height: number;
  blockHash: Uint8Array;
  /** The epoch's set in its order. */
  validators: readonly Validator[];
  /** A certificate of the same block by the same set whose signatures were all verified before. */
  known?: Certificate | undefined;
  crypto: Crypto;
}): Outcome<{ readonly signers: readonly Validator[] }, CertificateProblem> {
  const { certificate, validators } = options;
  const problem = shapeProblem(options);
  if (problem !== undefined) return refused(problem);
  const signers: Validator[] = [];
  for (const seal of certificate.signatures) {
    const { validator, delay_ms, signature } = seal;
    const signer = validators[validator];
    if (signer !== undefined && isKnownSeal(options, seal)) {
      signers.push(signer);
      continue;
    }
    const { chainId, epoch, height, blockHash } = options;
    const { round } = certificate;
    const message = sealMessage(certificate.form, {
      chainId,
      epoch,
      height,
      round,
      blockHash,
      delay_ms,
    });
    const publicKey = signer?.voteKey ?? new Uint8Array();
    if (signer === undefined || !options.crypto.verify({ publicKey, message, signature })) {
      const detail = `validator ${signer?.id ?? validator} did not sign this`;
      return refused({ code: "CERTIFICATE_SIGNATURE_INVALID", detail });
    }
    signers.push(signer);
  }
  return accepted({ signers });
}

/** The same statement with the same signature: form, height, round, block and delay. */
function isKnownSeal(
  { certificate, known }: { certificate: Certificate; known?: Certificate | undefined },
  { validator, delay_ms, signature }: CommitSignature,
): boolean {
  if (known === undefined || known.form !== certificate.form) return false;
  if (known.height !== certificate.height || known.round !== certificate.round) return false;
  if (known.validators !== certificate.validators) return false;
  if (!equalBytes(known.blockHash, certificate.blockHash)) return false;
  const seal = known.signatures.find((one) => one.validator === validator);
  return seal?.delay_ms === delay_ms && equalBytes(seal.signature, signature);
}

function shapeProblem(options: {
  certificate: Certificate;
  engine: EngineChoice;
  height: number;
  blockHash: Uint8Array;
  validators: readonly Validator[];
}): CertificateProblem | undefined {
  const { certificate, height, validators } = options;
  if (certificate.height !== height) {
    const detail = `for height ${certificate.height}, not ${height}`;
    return { code: "CERTIFICATE_OTHER_HEIGHT", detail };
  }
  if (!equalBytes(certificate.blockHash, options.blockHash)) {
    return { code: "CERTIFICATE_OTHER_BLOCK", detail: `for another block at height ${height}` };
  }
  if (certificate.validators !== validators.length) {
    const detail = `for ${certificate.validators} validators, the set has ${validators.length}`;
    return { code: "CERTIFICATE_OTHER_SET", detail };
  }
  if (!isAscending(certificate)) {
    return { code: "CERTIFICATE_MALFORMED", detail: "signers are not ascending and distinct" };
  }
  const needed = sealsNeeded(options.engine, certificate);
  if (needed === undefined) {
    const detail = `the engine ${options.engine.name} makes no fast certificate`;
    return { code: "CERTIFICATE_OTHER_FORM", detail };
  }
  if (certificate.signatures.length < needed) {
    const detail = `${certificate.signatures.length} of ${validators.length} signed, ${needed} are needed`;
    return { code: "CERTIFICATE_BELOW_QUORUM", detail };
  }
  return undefined;
}

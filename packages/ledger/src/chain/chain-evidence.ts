import {
  accepted,
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  type Problem,
  refused,
} from "@voltfog/runtime";
import { engineOf, type Genesis, type Validator } from "../genesis/genesis.ts";
import { verifyInclusion } from "../log/proofs.ts";
import { leafHash } from "../log/tree-hash.ts";
import { readSuccessions, writeSuccession } from "../modules/key-succession.ts";
import {
  readStateProof,
  type StateClaim,
  type StateProof,
  verifyState,
  writeStateProof,
} from "../state/state-proof.ts";
import {
  type Certificate,
  certificateMax_bytes,
  decodeCertificate,
  encodeCertificate,
  verifyCertificate,
} from "./certificate.ts";
import {
  areSuccessions,
  asSteps,
  type EpochStep,
  readEpochSteps,
  writeEpochStep,
} from "./epoch-step.ts";
import { EpochTrail } from "./epochs.ts";
import { type BlockHeader, encodeHeader, headerHash, readHeader } from "./header.ts";
import { decodeResult, encodeResult, type Result, resultMax_bytes } from "./result.ts";

/** One result and its way to a header's results root. */
export interface ResultProof {
  readonly index: number;
  readonly result: Result;
  /** RFC 6962 inclusion path. */
  readonly path: readonly Uint8Array[];
}

/** Results and state names that one final header proves: what a node answers to whoever trusts only the genesis file. */
export interface ChainEvidence {
  readonly header: BlockHeader;
  readonly certificate: Certificate;
  /** As many as the header's epoch: how its validators came from the genesis file's. */
  readonly steps: readonly EpochStep[];
  readonly results: readonly ResultProof[];
  /** Names with their values, or undefined for absence. */
  readonly names: readonly StateClaim[];
  /** For all names together, in their order. */
  readonly proof: StateProof;
}

export interface EvidenceProblem extends Problem {
  readonly code:
    | "EVIDENCE_OTHER_CHAIN"
    | "EVIDENCE_CERTIFICATE"
    | "EVIDENCE_RESULT"
    | "EVIDENCE_STATE";
  readonly detail: string;
}

/** Limit of results, and of names, in one evidence. */
export const evidenceItemsMax = 64;
const pathMax = 64;
const valueMax_bytes = 65_536;

/**
 * u8 version (1; 2 above epoch 0; 3 where the set changed) · header · block certificate · in version 2
 * successions of vote keys, in version 3 epoch steps, as many as the header's epoch · list of results
 * with paths · names with values · state proof.
 */
export function encodeChainEvidence(evidence: ChainEvidence): Uint8Array {
  const { steps } = evidence;
  const writer = new ByteWriter()
    .u8(versionOf(evidence))
    .raw(encodeHeader(evidence.header))
    .block(encodeCertificate(evidence.certificate));
  if (areSuccessions(steps)) for (const step of steps) writeSuccession(writer, step);
  else for (const step of steps) writeEpochStep(writer, step);
  writer.u32(evidence.results.length);
  for (const { index, result, path } of evidence.results) {
    writer.u64(index).block(encodeResult(result)).u32(path.length);
    for (const hash of path) writer.raw(hash);
  }
  writer.u32(evidence.names.length);
  for (const { name, value } of evidence.names) {
    writer.text(name).u8(value === undefined ? 0 : 1);
    if (value !== undefined) writer.block(value);
  }
  if (evidence.names.length > 0) writeStateProof(writer, evidence.proof);
  return writer.finish();
}

function versionOf({ header, steps }: ChainEvidence): number {
  if (header.epoch === 0) return 1;
  return areSuccessions(steps) ? 2 : 3;
}

export function decodeChainEvidence(bytes: Uint8Array): Outcome<ChainEvidence, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version < 1 || version > 3) reader.fail(`evidence version ${version}, this reads 1 to 3`);
    const header = readHeader(reader);
    if (version === 1 && header.epoch > 0) reader.fail(`version 1 of epoch ${header.epoch}`);
    const certificate = decodeCertificate(reader.block(certificateMax_bytes));
    if (!certificate.ok) return reader.fail(`certificate: ${certificate.problem.detail}`);
    const steps = readSteps(reader, { version, epoch: header.epoch });
    const results = reader.list({ limit: evidenceItemsMax, read: readResultProof });
    const names = reader.list({ limit: evidenceItemsMax, read: readClaim });
    const proof = names.length > 0 ? readStateProof(reader) : { ends: [], siblings: [] };
    return { header, certificate: certificate.value, steps, results, names, proof };
  });
}

function readSteps(
  reader: ByteReader,
  { version, epoch }: { version: number; epoch: number },
): readonly EpochStep[] {
  if (version === 1) return [];
  if (version === 2) return asSteps(readSuccessions(reader, epoch));
  const steps = readEpochSteps(reader, epoch);
  if (areSuccessions(steps)) reader.fail("only successions, which version 2 is for");
  return steps;
}

function readResultProof(reader: ByteReader): ResultProof {
  const index = reader.u64();
  const result = decodeResult(reader.block(resultMax_bytes));
  if (!result.ok) return reader.fail(`result: ${result.problem.detail}`);
  const path = reader.list({ limit: pathMax, read: (inner) => inner.raw(32) });
  return { index, result: result.value, path };
}

function readClaim(reader: ByteReader): StateClaim {
  const name = reader.text();
  const present = reader.u8();
  if (present > 1) reader.fail(`presence ${present}`);
  return { name, value: present === 1 ? reader.block(valueMax_bytes) : undefined };
}

/**
 * Whether the evidence holds, given nothing but the genesis file. Gives who signed the header. A trail
 * of the same genesis file spares who asks often the proof of epochs that it has seen.
 */
export function verifyChainEvidence(options: {
  evidence: ChainEvidence;
  genesis: Genesis;
  crypto: Crypto;
  trail?: EpochTrail;
}): Outcome<{ readonly signers: readonly Validator[] }, EvidenceProblem> {
  const { evidence, genesis, crypto } = options;
  const { header, certificate } = evidence;
  if (!equalBytes(header.chainId, genesis.chainId)) {
    return refused({ code: "EVIDENCE_OTHER_CHAIN", detail: "of another genesis file" });
  }
  const { epoch } = header;
  const trail = options.trail ?? new EpochTrail({ genesis, crypto });
  const validators = trail.prove({ epoch, steps: evidence.steps });
  if (!validators.ok) {
    return refused({ code: "EVIDENCE_CERTIFICATE", detail: validators.problem.detail });
  }
  const verdict = verifyCertificate({
    certificate,
    engine: engineOf(genesis),
    chainId: genesis.chainId,
    epoch: header.epoch,
    height: header.height,
    blockHash: headerHash(header, crypto),
    validators: validators.value,
    crypto,
  });
  if (!verdict.ok) {
    return refused({ code: "EVIDENCE_CERTIFICATE", detail: verdict.problem.detail });
  }
  for (const proof of evidence.results) {
    if (isInResults({ proof, header, crypto })) continue;
    const detail = `result ${proof.index} is not in the results of block ${header.height}`;
    return refused({ code: "EVIDENCE_RESULT", detail });
  }
  const { names: claims, proof } = evidence;
  if (claims.length > 0 && !verifyState({ root: header.stateRoot, claims, proof, crypto })) {
    const detail = `the names are not so in the state of block ${header.height}`;
    return refused({ code: "EVIDENCE_STATE", detail });
  }
  return accepted(verdict.value);
}

/** Whether a header's log of results holds this result at this index. */
export function isInResults(options: {
  proof: ResultProof;
  header: BlockHeader;
  crypto: Crypto;
}): boolean {
  const { proof, header, crypto } = options;
  return verifyInclusion({
    leaf: leafHash(encodeResult(proof.result), crypto),
    index: proof.index,
    size: header.resultsSize,
    path: proof.path,
    root: header.resultsRoot,
    crypto,
  });
}

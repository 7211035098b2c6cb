import { accepted, type Crypto, equalBytes, type Outcome, refused, toHex } from "@voltfog/runtime";
import { verifyCertificate } from "../chain/certificate.ts";
import { provenValidators } from "../chain/epochs.ts";
import { headerHash } from "../chain/header.ts";
import { faultyMaxOf, sealsNeeded } from "../genesis/engine-choice.ts";
import { engineOf, parseGenesis, type Validator } from "../genesis/genesis.ts";
import { type DeviceEntry, encodeEntry } from "../log/entry.ts";
import { treeCrypto } from "../log/log-hash.ts";
import { verifyInclusion } from "../log/proofs.ts";
import { leafHash } from "../log/tree-hash.ts";
import { keyIdOf } from "../modules/device-record.ts";
import { verifyState } from "../state/state-proof.ts";
import { type DeviceTerms, decodeBundle } from "./bundle.ts";
import { entryOf } from "./entry-remainder.ts";
import type { FrameFacts, FrameOpener } from "./frame-opener.ts";
import type { Verification } from "./verification.ts";
import type { BundleProblem, VerifiedBundle, VerifiedDevice } from "./verified-bundle.ts";
import { deviceClaims, deviceProblem } from "./verify-devices.ts";
import { verifyEvent } from "./verify-event.ts";
import { checkpointLogId, isCheckpointFinal } from "./verify-results.ts";

/**
 * Whether a bundle proves its frame or event, trusting the genesis file and nothing else. Total:
 * any bytes get a verdict. Costs a quorum and one more of signature verifications and about a
 * hundred hashes. The steps and their order are those of docs/specs/bundle.md.
 */
export function verifyBundle(options: {
  bytes: Uint8Array;
  genesisBytes: Uint8Array;
  crypto: Crypto;
  frames: FrameOpener;
}): Outcome<VerifiedBundle, BundleProblem> {
  const { crypto } = options;
  const parsed = parseGenesis(options.genesisBytes, crypto);
  if (!parsed.ok) return problem("GENESIS_INVALID", parsed.problem.detail);
  const decoded = decodeBundle(options.bytes);
  if (!decoded.ok) return decoded;
  const verification = { bundle: decoded.value, genesis: parsed.value, crypto };
  const chain = verifyChainPart(verification);
  if (!chain.ok) return chain;
  const frame = verifyFramePart({ ...verification, frames: options.frames });
  if (!frame.ok) return frame;
  const event = verifyEvent({ ...verification, ...frame.value });
  if (!event.ok) return event;
  return accepted(
    verified({ ...verification, ...chain.value, ...frame.value, event: event.value }),
  );
}

interface ChainPart {
  readonly hash: Uint8Array;
  readonly signers: readonly Validator[];
  readonly proposer: Validator | undefined;
}

/** Header → certificate → genesis validators; checkpoint result → header. */
function verifyChainPart(verification: Verification): Outcome<ChainPart, BundleProblem> {
  const { bundle, genesis, crypto } = verification;
  const { header, form, round, validators, signatures } = bundle;
  if (!equalBytes(header.chainId, genesis.chainId)) {
    const detail = `of chain ${toHex(header.chainId)}, the genesis file is of ${toHex(genesis.chainId)}`;
    return problem("WRONG_GENESIS", detail);
  }
  const hash = headerHash(header, crypto);
  const { chainId, height, epoch } = header;
  const set = provenValidators({ genesis, epoch, steps: bundle.steps, crypto });
  if (!set.ok) return problem("CERTIFICATE_INVALID", set.problem.detail);
  const verdict = verifyCertificate({
    certificate: { form, height, round, blockHash: hash, validators, signatures },
    engine: engineOf(genesis),
    chainId,
    epoch,
    height,
    blockHash: hash,
    validators: set.value,
    crypto,
  });
  if (!verdict.ok) return problem("CERTIFICATE_INVALID", verdict.problem.detail);
  if (!isCheckpointFinal(verification)) {
    const detail = `no such checkpoint of ${bundle.unit.id} among the results of block ${height}`;
    return problem("CHECKPOINT_NOT_FINAL", detail);
  }
  const proposer = set.value.find(({ voteKey }) => equalBytes(voteKey, header.proposer));
  return accepted({ hash, signers: verdict.value.signers, proposer });
}

interface FramePart {
  readonly facts: FrameFacts;
  readonly commitment: Uint8Array;
  readonly entry: DeviceEntry;
}

/** Frame → vehicle's key → device record; frame → entry → log inclusion. */
function verifyFramePart(
  verification: Verification & { frames: FrameOpener },
): Outcome<FramePart, BundleProblem> {
  const { bundle, crypto } = verification;
  const opened = verification.frames.open(bundle.frame);
  if (!opened.ok) return problem("FRAME_MALFORMED", opened.problem.detail ?? opened.problem.code);
  const facts = opened.value;
  const device = verifyDevices(verification, facts);
  if (device !== undefined) return refused(device);
  const { signedBytes: message, signature } = facts;
  const { key: publicKey } = bundle.vehicle;
  if (!equalBytes(keyIdOf(publicKey, crypto), facts.keyId)) {
    return problem("FRAME_KEY_DIFFERS", `the frame names key ${toHex(facts.keyId)}`);
  }
  if (!crypto.verify({ publicKey, message, signature })) {
    return problem("FRAME_SIGNATURE_INVALID", `not signed by the key of ${facts.vehicleId}`);
  }
  const commitment = crypto.sha256(bundle.frame);
  const entry = entryOf({ remainder: bundle.entry, facts, commitment });
  if (!entry.ok) return problem("ENTRY_DIFFERS", entry.problem.detail ?? entry.problem.code);
  const wrong = entryProblem({ verification, entry: entry.value, facts });
  return wrong === undefined ? accepted({ facts, commitment, entry: entry.value }) : refused(wrong);
}

function verifyDevices(verification: Verification, facts: FrameFacts): BundleProblem | undefined {
  const { bundle, crypto } = verification;
  const { vehicleId } = facts;
  const proven = verifyState({
    root: bundle.header.stateRoot,
    claims: deviceClaims({ bundle, vehicleId, crypto }),
    proof: bundle.stateProof,
    crypto,
  });
  if (!proven) {
    const detail = `vehicle ${vehicleId} and unit ${bundle.unit.id} are not enrolled so in block ${bundle.header.height}`;
    return { code: "DEVICE_NOT_PROVEN", detail };
  }
  return deviceProblem({ bundle, facts });
}

function entryProblem(options: {
  verification: Verification;
  entry: DeviceEntry;
  facts: FrameFacts;
}): BundleProblem | undefined {
  const { entry, facts } = options;
  const { bundle, genesis } = options.verification;
  const crypto = treeCrypto(genesis.logHash ?? "sha256", options.verification.crypto);
  const { samples } = facts;
  if (entry.kind === "frame" && samples !== undefined && samples !== entry.sampleCount) {
    const detail = `the entry counts ${entry.sampleCount} samples, the frame holds ${samples}`;
    return { code: "ENTRY_DIFFERS", detail };
  }
  const { size, root } = bundle.checkpoint;
  const included = verifyInclusion({
    leaf: leafHash(encodeEntry(entry), crypto),
    index: bundle.logIndex,
    size,
    path: bundle.logPath,
    root,
    crypto,
  });
  if (included) return undefined;
  const detail = `not entry ${bundle.logIndex} of the log of ${bundle.unit.id}`;
  return { code: "ENTRY_NOT_IN_LOG", detail };
}

function verified(
  parts: Verification & ChainPart & FramePart & { event: VerifiedBundle["event"] },
): VerifiedBundle {
  const { bundle, genesis, facts, event, hash, crypto } = parts;
  const { header, checkpoint, vehicle, unit } = bundle;
  return {
    kind: event === undefined ? "frame" : "event",
    chain: { name: genesis.chain, chainId: genesis.chainId },
    vehicle: verifiedDevice(facts.vehicleId, vehicle),
    frame: {
      bytes: bundle.frame,
      commitment: parts.commitment,
      stream: facts.stream,
      sequence: facts.sequence,
      wall_ms: facts.wall_ms,
      samples: facts.samples,
    },
    entry: parts.entry,
    unit: verifiedDevice(unit.id, unit),
    log: {
      logId: checkpointLogId({ bundle, genesis, crypto }),
      number: unit.logNumber,
      hash: genesis.logHash ?? "sha256",
      index: bundle.logIndex,
      size: checkpoint.size,
      root: checkpoint.root,
    },
    checkpoint: {
      height: checkpoint.height,
      resultIndex: checkpoint.resultIndex,
      txHash: checkpoint.txHash,
    },
    block: {
      height: header.height,
      epoch: header.epoch,
      hash,
      time_ms: header.time_ms,
      proposer: parts.proposer?.id ?? toHex(header.proposer),
      round: bundle.round,
    },
    validators: {
      signed: parts.signers.map(({ id, organisation }) => ({ id, organisation })),
      of: bundle.validators,
      faultyMax: faultyMaxOf(engineOf(genesis), bundle.validators),
      needed: sealsNeeded(engineOf(genesis), bundle) ?? bundle.validators,
    },
    event,
  };
}

function verifiedDevice(id: string, device: DeviceTerms): VerifiedDevice {
  const { organisation, key, revokedHeight } = device;
  return { id, organisation, key, revokedHeight };
}

function problem(code: BundleProblem["code"], detail: string): Outcome<never, BundleProblem> {
  return refused({ code, detail });
}

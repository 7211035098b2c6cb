import { accepted, type Crypto, type Outcome, type Problem, refused } from "@voltfog/runtime";
import type { Certificate, CommitSignature } from "../chain/certificate.ts";
import type { ChainEvidence, ResultProof } from "../chain/chain-evidence.ts";
import { quorum } from "../chain/quorum.ts";
import { logId, logOrigin } from "../log/checkpoint.ts";
import type { LogEntry } from "../log/entry.ts";
import type { LogHash } from "../log/log-hash.ts";
import {
  decodeFinalCheckpoint,
  type FinalCheckpoint,
  type LogState,
} from "../modules/checkpoints.ts";
import { type DeviceRecord, decodeDeviceRecord, keyIdOf } from "../modules/device-record.ts";
import { decodeEventRecord, type EventState } from "../modules/events.ts";
import { moduleNumber } from "../modules/module.ts";
import { deviceName } from "../state/names.ts";
import { type EventPart, encodeBundle, type ResultPlace } from "./bundle.ts";
import { entryRemainder } from "./entry-remainder.ts";

/** The part of a telemetry log that a bundle needs; the log's writer and its reader both are one. */
export interface BundleLog {
  read(range: {
    from: number;
    limit: number;
  }): Promise<readonly { readonly entry: LogEntry; readonly frame: Uint8Array | undefined }[]>;
  inclusionPath(o: { index: number; size: number }): Promise<readonly Uint8Array[]>;
}

type Awaitable<T> = T | Promise<T>;

/** The part of a chain that a bundle needs: a Chain in memory, or one asked over HTTP. */
export interface BundleChain {
  logState(logId: Uint8Array): Awaitable<LogState | undefined>;
  eventState(eventId: Uint8Array): Awaitable<EventState | undefined>;
  evidence(options: {
    results: readonly number[];
    names: readonly string[];
  }): Awaitable<ChainEvidence | undefined>;
}

export interface FrameBundleOptions {
  readonly log: BundleLog;
  readonly chain: BundleChain;
  /** Name of the chain, as the genesis file has it. */
  readonly chainName: string;
  readonly unit: { readonly id: string; readonly key: Uint8Array };
  /** Which of the unit's logs it is; its first one unless told. */
  readonly logNumber?: number;
  /** The hash of the consortium's logs; SHA-256 unless its genesis file says another. */
  readonly logHash?: LogHash | undefined;
  /** The salt is the one of the vehicle's idCommitment, from its operator. */
  readonly vehicle: { readonly key: Uint8Array; readonly salt: Uint8Array };
  /** Of the frame's entry in the unit's log. */
  readonly index: number;
  /** Result of the checkpoint to rest on; the log's last final one unless given. */
  readonly checkpointResult?: number;
  readonly crypto: Crypto;
}

export interface AssemblyProblem extends Problem {
  readonly code:
    | "UNKNOWN_FRAME"
    | "FRAME_ERASED"
    | "NOT_FINAL"
    | "CHECKPOINT_UNKNOWN"
    | "DEVICE_UNKNOWN"
    | "EVENT_UNKNOWN";
  readonly detail: string;
}

/** The bytes of a bundle for one logged frame. Verifies nothing: the parts are the caller's own. */
export function assembleFrameBundle(
  options: FrameBundleOptions,
): Promise<Outcome<Uint8Array, AssemblyProblem>> {
  return assemble({ ...options, event: undefined });
}

/** The bytes of a bundle for an event and the frame at `index` that it rests on. */
export async function assembleEventBundle(
  options: FrameBundleOptions & { event: { detail: Uint8Array; salt: Uint8Array } },
): Promise<Outcome<Uint8Array, AssemblyProblem>> {
  const { event, crypto } = options;
  const state = await options.chain.eventState(crypto.sha256(event.salt, event.detail));
  if (state === undefined) return problem("NOT_FINAL", "the event is not in the chain's state yet");
  return assemble({ ...options, event: { ...event, resultIndex: state.resultIndex } });
}

interface EventWanted {
  readonly detail: Uint8Array;
  readonly salt: Uint8Array;
  readonly resultIndex: number;
}

async function assemble(
  options: FrameBundleOptions & { event: EventWanted | undefined },
): Promise<Outcome<Uint8Array, AssemblyProblem>> {
  const { log, index, event } = options;
  const [stored] = await log.read({ from: index, limit: 1 });
  if (stored === undefined) return problem("UNKNOWN_FRAME", `no entry ${index}`);
  const { entry } = stored;
  if (entry.kind === "log-opened") return problem("UNKNOWN_FRAME", `entry ${index} is no frame's`);
  if (stored.frame === undefined) {
    return problem("FRAME_ERASED", `the frame of entry ${index} is not kept here`);
  }
  const proven = await provenChain(options);
  if (!proven.ok) return proven;
  const { evidence, checkpoint, place, vehicle, unit } = proven.value;
  const eventPart = event && eventPartOf(event, evidence.results[1]);
  if (event !== undefined && eventPart === undefined) {
    return problem("EVENT_UNKNOWN", `result ${event.resultIndex} is not of this event`);
  }
  const { size, root } = checkpoint;
  const { certificate } = evidence;
  const bytes = encodeBundle({
    frame: stored.frame,
    event: eventPart,
    entry: entryRemainder(entry),
    logIndex: index,
    logPath: await log.inclusionPath({ index, size }),
    checkpoint: { size, root, ...place },
    unit: { ...unit, id: options.unit.id, logNumber: options.logNumber ?? 1 },
    vehicle: { ...vehicle, salt: options.vehicle.salt },
    stateProof: evidence.proof,
    header: evidence.header,
    steps: evidence.steps,
    form: certificate.form,
    round: certificate.round,
    validators: certificate.validators,
    signatures: signaturesOf(certificate),
  });
  return accepted(bytes);
}

/** A fast certificate needs nearly all it has; of the others no engine asks more than this. */
function signaturesOf({ form, validators, signatures }: Certificate): readonly CommitSignature[] {
  return form === "fast" ? signatures : signatures.slice(0, quorum(validators));
}

interface ProvenChain {
  readonly evidence: ChainEvidence;
  readonly checkpoint: FinalCheckpoint;
  readonly place: ResultPlace;
  readonly vehicle: DeviceRecord;
  readonly unit: DeviceRecord;
}

/** Checkpoint, event and devices as one header proves them. */
async function provenChain(
  options: FrameBundleOptions & { event: EventWanted | undefined },
): Promise<Outcome<ProvenChain, AssemblyProblem>> {
  const { chain, unit, vehicle, index, event, crypto } = options;
  const number = options.logNumber ?? 1;
  const { chainName, logHash: hash } = options;
  const origin = logOrigin({ chain: chainName, unitId: unit.id, number, hash });
  const id = logId({ origin, publicKey: unit.key, crypto });
  const resultIndex = options.checkpointResult ?? (await chain.logState(id))?.resultIndex;
  if (resultIndex === undefined) {
    return problem("NOT_FINAL", `no checkpoint of ${unit.id} is final yet`);
  }
  const evidence = await chain.evidence({
    results: event === undefined ? [resultIndex] : [resultIndex, event.resultIndex],
    names: [vehicle, unit].map(({ key }) => deviceName(keyIdOf(key, crypto))),
  });
  const proof = evidence?.results[0];
  const checkpoint = proof && checkpointOf(proof);
  if (evidence === undefined || proof === undefined || checkpoint === undefined) {
    return problem("CHECKPOINT_UNKNOWN", `result ${resultIndex} is no checkpoint that is kept`);
  }
  if (index >= checkpoint.size) {
    return problem("NOT_FINAL", `entry ${index}, the final checkpoint has ${checkpoint.size}`);
  }
  const [vehicleRecord, unitRecord] = evidence.names.map(({ value }) => recordOf(value));
  if (vehicleRecord === undefined || unitRecord === undefined) {
    return problem("DEVICE_UNKNOWN", "the vehicle or the unit is not enrolled");
  }
  const place = placeOf(proof);
  return accepted({ evidence, checkpoint, place, vehicle: vehicleRecord, unit: unitRecord });
}

function checkpointOf({ result }: ResultProof): FinalCheckpoint | undefined {
  if (result.module !== moduleNumber.checkpoints || result.code !== "OK") return undefined;
  const decoded = decodeFinalCheckpoint(result.data);
  return decoded.ok ? decoded.value : undefined;
}

function recordOf(value: Uint8Array | undefined): DeviceRecord | undefined {
  const decoded = value && decodeDeviceRecord(value);
  return decoded?.ok ? decoded.value : undefined;
}

function placeOf({ index, result, path }: ResultProof): ResultPlace {
  const { height, txIndex, txHash } = result;
  return { height, txIndex, txHash, resultIndex: index, resultPath: path };
}

function eventPartOf(event: EventWanted, proof: ResultProof | undefined): EventPart | undefined {
  if (proof?.result.module !== moduleNumber.events) return undefined;
  const record = decodeEventRecord(proof.result.data);
  if (!record.ok) return undefined;
  const { timeBucket, pseudonym } = record.value;
  const { detail, salt } = event;
  return { detail, salt, timeBucket, pseudonym, ...placeOf(proof) };
}

function problem(code: AssemblyProblem["code"], detail: string): Outcome<never, AssemblyProblem> {
  return refused({ code, detail });
}

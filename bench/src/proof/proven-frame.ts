import { join } from "node:path";
import {
  assembleFrameBundle,
  type Certificate,
  Chain,
  checkpointAction,
  commitMessage,
  type DeviceEntry,
  encodeCheckpointSubmission,
  encodeEventRecord,
  encodeGenesis,
  eventAction,
  type Genesis,
  headerHash,
  idCommitmentOf,
  keyIdOf,
  logOrigin,
  moduleNumber,
  parseGenesis,
  quorum,
  signTransaction,
} from "@voltfog/ledger";
import { TelemetryLog } from "@voltfog/ledger/node";
import { sealFrame } from "@voltfog/messages";
import {
  assert,
  type Random,
  type Signer,
  silentLogger,
  utf8,
  type VehicleId,
} from "@voltfog/runtime";
import { nodeCrypto as crypto, signerOfSeed } from "@voltfog/runtime/node";

/** How large the consortium and its log are that a proof is made in. */
export interface ProofSetting {
  readonly validators: number;
  readonly units: number;
  readonly vehicles: number;
  readonly events: number;
  readonly entries: number;
}

/** A bundle and what it takes to verify it. */
export interface ProvenFrame {
  readonly bundle: Uint8Array;
  readonly genesisBytes: Uint8Array;
  readonly frame_bytes: number;
}

const samples = 64;
const cells = 96;
const group = 4096;
const created_ms = 1_760_000_000_000;
const blockEvents = 1000;

/**
 * A real log of so many entries with one real frame in the middle, made final by a chain of blocks that
 * execute and verify as anywhere, and the bundle of that frame. The other entries hold random commitments:
 * a proof's size and cost do not depend on what its neighbours commit to.
 */
export async function proveFrame(o: {
  setting: ProofSetting;
  folder: string;
  random: Random;
}): Promise<ProvenFrame> {
  const { setting, folder, random } = o;
  const members = membersOf(setting);
  const { genesis, unit, vehicle } = members;
  const frame = sealOne(vehicle, random);
  const log = await TelemetryLog.open({
    folder: join(folder, "log"),
    origin: logOrigin({ chain: genesis.chain, unitId: unit.id }),
    signer: unit.signer,
    crypto,
    logger: silentLogger,
  });
  const index = Math.floor(setting.entries / 2);
  await fill({ log, entries: setting.entries, index, frame, vehicle, random });
  const { note } = await log.publish();
  const chain = Chain.fromGenesis({ genesis, crypto });
  const settle = (transactions: readonly Uint8Array[]): void =>
    finalise({ chain, validators: members.validators, transactions });
  for (let from = 0; from < setting.events; from += blockEvents) {
    const count = Math.min(blockEvents, setting.events - from);
    settle(
      Array.from({ length: count }, (_, i) =>
        eventTx({ genesis, unit, nonce: from + i + 1, random }),
      ),
    );
  }
  const payload = encodeCheckpointSubmission({ note, path: [] });
  const action = { module: moduleNumber.checkpoints, action: checkpointAction.submit };
  const { chainId } = genesis;
  settle([
    signTransaction({
      chainId,
      ...action,
      nonce: setting.events + 1,
      payload,
      signer: unit.signer,
    }),
  ]);
  const bundle = await assembleFrameBundle({
    ...{ log, chain, chainName: genesis.chain, index, crypto },
    unit: { id: unit.id, key: unit.signer.publicKey },
    vehicle: { key: vehicle.signer.publicKey, salt: vehicle.salt },
  });
  await log.close();
  assert(bundle.ok, bundle.ok ? "" : bundle.problem.code);
  return { bundle: bundle.value, genesisBytes: genesis.bytes, frame_bytes: frame.length };
}

interface Member {
  readonly id: string;
  readonly signer: Signer;
  readonly salt: Uint8Array;
}

function membersOf(setting: ProofSetting): {
  genesis: Genesis;
  validators: readonly Member[];
  unit: Member;
  vehicle: Member;
} {
  const make = (kind: string, count: number): Member[] =>
    Array.from({ length: count }, (_, i) => {
      const id = `${kind}-${i + 1}`;
      const signer = signerOfSeed(crypto.sha256(utf8(`bench/${id}`)));
      return { id, signer, salt: crypto.sha256(utf8(`salt/${id}`)).slice(0, 16) };
    });
  const validators = make("validator", setting.validators);
  const units = make("unit", setting.units);
  const vehicles = make("vehicle", setting.vehicles);
  const organisation = "north";
  const parsed = parseGenesis(
    encodeGenesis({
      ...{ chain: "bench", created_ms, blockInterval_ms: 1000, emptyBlockInterval_ms: 10_000 },
      organisations: [{ id: organisation, name: "North" }],
      validators: validators.map(({ id, signer }) => ({
        id,
        organisation,
        voteKey: signer.publicKey,
      })),
      units: units.map(({ id, signer }) => ({ id, organisation, key: signer.publicKey })),
      vehicles: vehicles.map(({ id, signer, salt }) => ({
        ...{
          organisation,
          key: signer.publicKey,
          idCommitment: idCommitmentOf({ salt, id }, crypto),
        },
      })),
    }),
    crypto,
  );
  const [unit] = units;
  const [vehicle] = vehicles;
  assert(parsed.ok && unit !== undefined && vehicle !== undefined, "a consortium has members");
  return { genesis: parsed.value, validators, unit, vehicle };
}

function sealOne(vehicle: Member, random: Random): Uint8Array {
  return sealFrame({
    header: {
      vehicleId: vehicle.id as VehicleId,
      keyId: keyIdOf(vehicle.signer.publicKey, crypto),
      ...{ boot: 1, stream: "telemetry", sequence: 1, previous: new Uint8Array(32) },
      ...{ salt: random.bytes(16), wall_ms: created_ms, monotonic_ms: 1, clockQuality: "unknown" },
    },
    payload: {
      ...{ type: "telemetry", origin: "simulated", source: "bench" },
      samples: Array.from({ length: samples }, (_, i) => ({
        ...{ wall_ms: created_ms + 1000 * i, monotonic_ms: 1000 * i + 1 },
        ...{ packVoltage_V: 355.2, packCurrent_A: -12.34, soc: 0.513 },
        cellVoltage_mV: new Uint16Array(cells).map(() => 3650 + Math.floor(60 * random.uniform())),
        temperature_degC: new Float32Array(24).fill(25.5),
      })),
    },
    signer: vehicle.signer,
  });
}

async function fill(o: {
  log: TelemetryLog;
  entries: number;
  index: number;
  frame: Uint8Array;
  vehicle: Member;
  random: Random;
}): Promise<void> {
  const { log, entries, index, frame, vehicle, random } = o;
  const keyId = keyIdOf(vehicle.signer.publicKey, crypto);
  const entryAt = (at: number, commitment: Uint8Array): DeviceEntry => ({
    ...{ kind: "frame", stream: "telemetry", unlinked: at === 0, sampleCount: samples },
    ...{
      keyId: at === index ? keyId : random.bytes(16),
      sequence: at === index ? 1 : at + 2,
      commitment,
    },
  });
  for (let from = 0; from < entries; from += group) {
    const count = Math.min(group, entries - from);
    const items = Array.from({ length: count }, (_, i) => {
      const isIt = from + i === index;
      const commitment = isIt ? crypto.sha256(frame) : random.bytes(32);
      const entry = entryAt(from + i, commitment);
      return {
        entry,
        frame: isIt ? frame : undefined,
        accepted_ms: created_ms,
        vehicleId: undefined,
      };
    });
    await log.append(items);
  }
}

function eventTx(o: { genesis: Genesis; unit: Member; nonce: number; random: Random }): Uint8Array {
  return signTransaction({
    chainId: o.genesis.chainId,
    ...{ module: moduleNumber.events, action: eventAction.record, nonce: o.nonce },
    payload: encodeEventRecord({
      ...{ class: "thermal-alert", state: "asserted", level: 2, timeBucket: 29_000_000 },
      ...{ pseudonym: o.random.bytes(16), eventId: o.random.bytes(32) },
    }),
    signer: o.unit.signer,
  });
}

function finalise(o: {
  chain: Chain;
  validators: readonly Member[];
  transactions: readonly Uint8Array[];
}): void {
  const { chain, validators, transactions } = o;
  const { certificate: parentCertificate, header } = chain.head;
  const time_ms = header.time_ms + 1000;
  const proposer = validators[chain.height % validators.length]?.signer.publicKey;
  assert(proposer !== undefined, "a consortium has validators");
  const block = chain.build({ parentCertificate, time_ms, proposer, transactions });
  const checked = chain.check(block, { now_ms: time_ms });
  assert(checked.ok, checked.ok ? "" : checked.problem.detail);
  chain.commit(checked.value, certify({ header: block.header, validators }));
}

function certify(o: {
  header: Parameters<typeof headerHash>[0];
  validators: readonly Member[];
}): Certificate {
  const { header, validators } = o;
  const { chainId, epoch, height } = header;
  const blockHash = headerHash(header, crypto);
  const signers = validators.slice(0, quorum(validators.length));
  const signatures = signers.map(({ signer }, validator) => {
    const delay_ms = 20 + validator;
    const message = commitMessage({ chainId, epoch, height, round: 0, blockHash, delay_ms });
    return { validator, delay_ms, signature: signer.sign(message) };
  });
  return { form: "commit", height, round: 0, blockHash, validators: validators.length, signatures };
}

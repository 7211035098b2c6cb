import type { Outcome } from "@voltfog/runtime";
import { assert, type Crypto, toHex, utf8 } from "@voltfog/runtime";
import {
  type AssemblyProblem,
  assembleEventBundle,
  assembleFrameBundle,
  type BundleLog,
  type FrameBundleOptions,
} from "../bundle/assemble-bundle.ts";
import { Chain } from "../chain/chain.ts";
import type { EngineChoice } from "../genesis/engine-choice.ts";
import { type DeviceEntry, encodeEntry, type LogEntry } from "../log/entry.ts";
import { leafHash } from "../log/tree-hash.ts";
import { finalEnd } from "../modules/checkpoints.ts";
import { keyIdOf } from "../modules/device-record.ts";
import { type Consortium, createConsortium, finalise, type VehicleMember } from "./consortium.ts";
import { testFrame } from "./test-frame.ts";
import { at, checkpointTx, eventTx, openingTx, TestLog } from "./transactions.ts";

/** A unit with a log of real entries and a chain that made it final, and bundles from both. For tests. */
export class ProvenSite implements BundleLog {
  /** Whoever certifies the next blocks. */
  consortium: Consortium;
  readonly chain: Chain;
  log: TestLog;
  #logNumber = 1;
  #stored: { entry: LogEntry; frame: Uint8Array | undefined }[] = [];
  #finalSize = 0;
  #nonce = 0;

  constructor(options: {
    crypto: Crypto;
    validators?: number;
    units?: number;
    vehicles?: number;
    chain?: string;
    logHash?: "sm3";
    engine?: EngineChoice;
  }) {
    this.consortium = createConsortium(options);
    const { genesis, crypto } = this.consortium;
    this.chain = Chain.fromGenesis({ genesis, crypto });
    this.log = new TestLog({ consortium: this.consortium, unit: at(this.consortium.units, 0) });
  }

  /** Logs a frame of the vehicle; what differs from an accepted frame can be given. */
  logFrame(over: {
    sequence: number;
    vehicle?: VehicleMember;
    entry?: Partial<DeviceEntry>;
  }): Uint8Array {
    const { crypto, vehicles } = this.consortium;
    const vehicle = over.vehicle ?? at(vehicles, 0);
    const { sequence } = over;
    const frame = testFrame({ vehicle, sequence, samples: 10, crypto });
    const entry = {
      kind: "frame",
      stream: "telemetry",
      unlinked: false,
      keyId: keyIdOf(vehicle.signer.publicKey, crypto),
      sequence,
      commitment: crypto.sha256(frame),
      sampleCount: 10,
      ...over.entry,
    } as DeviceEntry;
    this.#stored.push({ entry, frame });
    this.log.leaves.push(leafHash(encodeEntry(entry), this.log.treeCrypto));
    return frame;
  }

  erase(index: number): void {
    const stored = at(this.#stored, index);
    this.#stored[index] = { ...stored, frame: undefined };
  }

  /** Makes the log final as it is now. */
  checkpoint(): void {
    const tx = checkpointTx({
      consortium: this.consortium,
      sender: at(this.consortium.units, 0),
      nonce: ++this.#nonce,
      note: this.log.note(),
      path: this.log.consistency(this.#finalSize),
    });
    this.#finalSize = this.log.leaves.length;
    this.settle(tx);
  }

  /** The unit goes on with its next log; what is read from here on is of that one. */
  openNextLog(): void {
    const { consortium, chain } = this;
    const { logId } = this.log;
    const { treeCrypto } = this.log;
    const predecessor = finalEnd({ logId, state: chain.logState(logId), crypto: treeCrypto });
    const opening: LogEntry = { kind: "log-opened", predecessor };
    const entry = encodeEntry(opening);
    const unit = at(consortium.units, 0);
    this.log = new TestLog({ consortium, unit, number: ++this.#logNumber });
    this.log.leaves.push(leafHash(entry, treeCrypto));
    this.#stored = [{ entry: opening, frame: undefined }];
    const note = this.log.note();
    this.settle(openingTx({ consortium, sender: unit, nonce: ++this.#nonce, note, entry }));
    this.#finalSize = 1;
  }

  settle(...transactions: Uint8Array[]): void {
    const { checked } = finalise({ consortium: this.consortium, chain: this.chain, transactions });
    assert(
      checked.results.every(({ code }) => code === "OK"),
      "test transactions are good",
    );
  }

  /** The detail of an event that rests on a logged frame. */
  eventDetail(index: number, over: Record<string, unknown> = {}): Uint8Array {
    const { entry } = at(this.#stored, index);
    assert(entry.kind !== "log-opened", "events rest on frames");
    const frame = {
      commitment: toHex(entry.commitment),
      sequence: entry.sequence,
      stream: entry.stream,
    };
    const fields: Record<string, unknown> = {
      at_ms: 1_760_000_000_000,
      class: "overcharge",
      frame,
      level: 2,
      sentence: "cell 7 of vehicle-1 above 4.2 V",
      state: "asserted",
      unitId: "unit-1",
      value: 4.25,
      vehicleId: "vehicle-1",
      ...over,
    };
    const sorted = Object.keys(fields).sort();
    return utf8(JSON.stringify(Object.fromEntries(sorted.map((key) => [key, fields[key]]))));
  }

  recordEvent(event: { detail: Uint8Array; salt: Uint8Array }): void {
    const { crypto, units } = this.consortium;
    const eventId = crypto.sha256(event.salt, event.detail);
    const sender = at(units, 0);
    this.settle(
      eventTx({ consortium: this.consortium, sender, nonce: ++this.#nonce, event: { eventId } }),
    );
  }

  read(range: { from: number; limit: number }): ReturnType<BundleLog["read"]> {
    return Promise.resolve(this.#stored.slice(range.from, range.from + range.limit));
  }

  inclusionPath(o: { index: number; size: number }): Promise<Uint8Array[]> {
    return Promise.resolve(this.log.inclusion(o.index, o.size));
  }

  options(index: number, over: Partial<FrameBundleOptions> = {}): FrameBundleOptions {
    const { genesis, crypto, units, vehicles } = this.consortium;
    const unit = at(units, 0);
    const vehicle = at(vehicles, 0);
    return {
      log: this,
      chain: this.chain,
      chainName: genesis.chain,
      logHash: genesis.logHash,
      unit: { id: unit.id, key: unit.signer.publicKey },
      logNumber: this.#logNumber,
      vehicle: { key: vehicle.signer.publicKey, salt: vehicle.salt },
      index,
      crypto,
      ...over,
    };
  }

  async frameBundle(index: number, over: Partial<FrameBundleOptions> = {}): Promise<Uint8Array> {
    return bytesOf(await assembleFrameBundle(this.options(index, over)));
  }

  async eventBundle(
    index: number,
    event: { detail: Uint8Array; salt: Uint8Array },
  ): Promise<Uint8Array> {
    return bytesOf(await assembleEventBundle({ ...this.options(index), event }));
  }
}

function bytesOf(assembled: Outcome<Uint8Array, AssemblyProblem>): Uint8Array {
  assert(assembled.ok, assembled.ok ? "" : assembled.problem.detail);
  return assembled.value;
}

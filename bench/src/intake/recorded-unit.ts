import type { EntryPage, UnitLink } from "@voltfog/cloud";
import { decodeEntryPage } from "@voltfog/cloud";
import { CompactRange, encodeEntry, leafHash, logOrigin, signCheckpoint } from "@voltfog/ledger";
import { commitmentOf, keyIdOf } from "@voltfog/messages";
import { ByteWriter, type MalformedProblem, type Outcome, utf8, vehicleId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import {
  type DeviceSigner,
  FrameMaker,
  newSigner,
  samplesPerFrame,
} from "../ingest/signed-frames.ts";

interface Recorded {
  readonly entry: Uint8Array;
  readonly frame: Uint8Array;
}

const accepted_ms: number = Date.UTC(2026, 0, 1);

/** A unit's log with real signed frames, served page by page from memory as the unit encodes it. */
export class RecordedUnit implements UnitLink {
  readonly unitId: string;
  readonly origin: string;
  readonly signer: DeviceSigner = newSigner();
  readonly size: number;
  readonly samples: number;
  readonly #entries: readonly Recorded[];
  readonly #note: string;

  constructor(o: { unitId: string; vehicles: number; framesPerVehicle: number; seed: number }) {
    this.unitId = o.unitId;
    this.origin = logOrigin({ chain: "bench", unitId: o.unitId });
    this.#entries = recorded(o);
    this.size = this.#entries.length;
    this.samples = this.size * samplesPerFrame;
    const range = new CompactRange({ crypto: nodeCrypto });
    for (const { entry } of this.#entries) range.appendAll(leafHash(entry, nodeCrypto));
    this.#note = signCheckpoint({
      ...{ origin: this.origin, size: this.size, root: range.root() },
      ...{ signer: this.signer, crypto: nodeCrypto },
    });
  }

  entries(ask: { from: number; limit: number }): Promise<Outcome<EntryPage, MalformedProblem>> {
    const page = this.#entries.slice(ask.from, ask.from + ask.limit);
    const writer = new ByteWriter().u8(1).u32(page.length);
    for (const [i, { entry, frame }] of page.entries()) {
      writer
        .u64(ask.from + i)
        .u64(accepted_ms)
        .block(entry)
        .block(frame);
    }
    return Promise.resolve(decodeEntryPage(writer.block(utf8(this.#note)).finish()));
  }

  events(): Promise<readonly unknown[]> {
    return Promise.resolve([]);
  }

  logs(): Promise<readonly { readonly number: number; readonly size: number }[]> {
    return Promise.resolve([]);
  }
}

/** Vehicles in turn, as they reach a unit. */
function recorded(o: {
  unitId: string;
  vehicles: number;
  framesPerVehicle: number;
  seed: number;
}): readonly Recorded[] {
  const makers = Array.from({ length: o.vehicles }, (_, i) => {
    const id = vehicleId(`${o.unitId}-car-${i + 1}`);
    if (id === undefined) throw new Error("a vehicle's name is an id");
    return new FrameMaker({ id, seed: o.seed + i, start_ms: accepted_ms });
  });
  return Array.from({ length: o.framesPerVehicle }, () => makers)
    .flat()
    .map((maker) => {
      const { bytes, sequence } = maker.next();
      const entry = encodeEntry({
        kind: "frame",
        stream: "telemetry",
        unlinked: false,
        keyId: keyIdOf({ publicKey: maker.signer.publicKey, crypto: nodeCrypto }),
        sequence,
        commitment: commitmentOf({ frame: bytes, crypto: nodeCrypto }),
        sampleCount: samplesPerFrame,
      });
      return { entry, frame: bytes };
    });
}

import { ServiceCounter, type ServiceCounts, type ServiceReading } from "@voltfog/battery";
import { type DeviceEntry, keyIdOf } from "@voltfog/ledger";
import type { StoredEntry } from "@voltfog/ledger/node";
import { type DataOrigin, decodePayload, openFrame } from "@voltfog/messages";
import { equalBytes, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { SiteRecord, UnitRecord } from "../site/site-record.ts";

/** What the frames of one vehicle tell, and where they stand. */
export interface PackHistory {
  readonly counts: ServiceCounts;
  readonly frames: number;
  readonly fatalEvents: number;
  readonly gaps: readonly {
    readonly unitId: string;
    readonly index: number;
    readonly samples: number;
  }[];
  readonly refused: number;
  readonly origins: readonly DataOrigin[];
  /** In words where the numbers come from, for who wants to check them. */
  readonly proof: readonly string[];
}

/** Collects frames of one vehicle; each counts once, wherever it was logged. */
export class FrameCollector {
  readonly #seen = new Set<string>();
  /** Of each reading only what is counted: extremes in place of all cells and sensors. */
  readonly #readings: ServiceReading[] = [];
  readonly #origins = new Set<DataOrigin>();
  #fatalEvents = 0;

  /** 1 for a frame that is on record, 0 where its bytes are missing. */
  add(frame: Uint8Array | undefined): number {
    if (frame === undefined) return 0;
    this.#take(frame);
    return 1;
  }

  #take(frame: Uint8Array): void {
    const commitment = toHex(nodeCrypto.sha256(frame));
    if (this.#seen.has(commitment)) return;
    this.#seen.add(commitment);
    const opened = openFrame(frame);
    const payload = opened.ok ? decodePayload(opened.value) : undefined;
    if (!payload?.ok || payload.value.type === "gap") return;
    this.#origins.add(payload.value.origin);
    if (payload.value.type === "alarm") {
      if (payload.value.level === 3) this.#fatalEvents++;
      return;
    }
    for (const sample of payload.value.samples) {
      const { wall_ms, packVoltage_V, packCurrent_A, cellVoltage_mV, temperature_degC } = sample;
      this.#readings.push({
        wall_ms,
        packVoltage_V,
        packCurrent_A,
        cellVoltage_mV: [Math.min(...cellVoltage_mV), Math.max(...cellVoltage_mV)],
        temperature_degC: [Math.max(...temperature_degC)],
      });
    }
  }

  facts(): Pick<PackHistory, "counts" | "frames" | "fatalEvents" | "origins"> {
    const counter = new ServiceCounter();
    this.#readings.sort((left, right) => left.wall_ms - right.wall_ms);
    for (const reading of this.#readings) counter.add(reading);
    return {
      counts: counter.counts,
      frames: this.#seen.size,
      fatalEvents: this.#fatalEvents,
      origins: [...this.#origins],
    };
  }
}

const batch = 1000;

/** The history of one enrolled vehicle from the logs of all units; undefined when it is not enrolled. */
export async function packHistory(
  record: SiteRecord,
  vehicleId: string,
): Promise<PackHistory | undefined> {
  const vehicle = record.vehicles.find(({ id }) => id === vehicleId);
  if (vehicle === undefined) return undefined;
  const keyIds = [vehicle.key, ...vehicle.earlier].map((key) => keyIdOf(key, nodeCrypto));
  const collector = new FrameCollector();
  const gaps: PackHistory["gaps"][number][] = [];
  const proof: string[] = [];
  let refused = 0;
  for (const { id: unitId, log } of record.units) {
    let frames = 0;
    for await (const { entry, frame, index } of entriesOf(log, keyIds)) {
      if (entry.kind === "refused") refused++;
      if (entry.kind === "gap") gaps.push({ unitId, index, samples: entry.samplesMissing });
      if (entry.kind === "frame") frames += collector.add(frame);
    }
    if (frames > 0) {
      proof.push(
        `${unitId}: ${frames} frames in its log of ${log.size}, root ${toHex(log.root).slice(0, 16)}…`,
      );
    }
  }
  return { ...collector.facts(), gaps, refused, proof };
}

type DeviceRecord = Omit<StoredEntry, "entry"> & { readonly entry: DeviceEntry };

/** What a log holds of one device, under any of its keys. */
async function* entriesOf(
  log: UnitRecord["log"],
  keyIds: readonly Uint8Array[],
): AsyncGenerator<DeviceRecord> {
  for (let from = 0; from < log.size; from += batch) {
    for (const stored of await log.read({ from, limit: batch })) {
      const { entry } = stored;
      if (entry.kind === "log-opened") continue;
      if (!keyIds.some((keyId) => equalBytes(entry.keyId, keyId))) continue;
      yield { ...stored, entry };
    }
  }
}

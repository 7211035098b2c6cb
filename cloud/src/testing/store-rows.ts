import { encodeResult } from "@voltfog/ledger";
import type { BatteryEvent } from "@voltfog/messages";
import type {
  BlockRecord,
  EntryBatch,
  EntryRow,
  FeedEvent,
  SampleColumns,
} from "../store/telemetry-store.ts";

/** Rows as intake makes them, for tests of what lies behind it. */
type Draft = EntryRow & { readonly start_ms: number };

export function frameRow(options: {
  sequence: number;
  samples: number;
  logIndex?: number;
  start_ms?: number;
}): Draft {
  const commitment = new Uint8Array(32);
  commitment[0] = options.sequence;
  return {
    logIndex: options.logIndex ?? 0,
    kind: "frame",
    code: null,
    vehicleId: "car-1",
    stream: "telemetry",
    sequence: options.sequence,
    commitment,
    samples: options.samples,
    origin: "replayed",
    source: "a drive cycle",
    alarm: null,
    wall_ms: (options.start_ms ?? 1000) + 1000 * options.samples,
    accepted_ms: 20_000,
    entry: new Uint8Array(64).fill(options.sequence),
    frame: Uint8Array.of(1, 2, 3),
    gap: null,
    unlinked: null,
    sampleFrom: 0,
    sampleTo: options.samples,
    start_ms: options.start_ms ?? 1000,
  };
}

export function gapRow(options: { sequence: number; from_ms: number; to_ms: number }): Draft {
  return {
    ...frameRow({ sequence: options.sequence, samples: 0 }),
    kind: "gap",
    code: "outbox-full",
    gap: {
      firstSequence: options.sequence - 2,
      lastSequence: options.sequence - 1,
      samples: 20,
      from_ms: options.from_ms,
      to_ms: options.to_ms,
      cause: "outbox-full",
    },
  };
}

export function batch(options: {
  unitId?: string;
  from: number;
  rows: readonly Draft[];
}): EntryBatch {
  let at = 0;
  const rows = options.rows.map((row) => {
    const sampleFrom = at;
    at += row.sampleTo - row.sampleFrom;
    return { ...row, sampleFrom, sampleTo: at };
  });
  return {
    unitId: options.unitId ?? "unit-1",
    from: options.from,
    rows,
    samples: columns(rows),
    tree: Uint8Array.of(7, rows.length),
    stored_ms: 30_000,
  };
}

/** One sample a second. */
function columns(rows: readonly Draft[]): SampleColumns {
  const length = rows.reduce((most, row) => Math.max(most, row.sampleTo), 0);
  const wall_ms = new Float64Array(length);
  const sampleIndex = new Uint8Array(length);
  for (const row of rows) {
    for (let at = row.sampleFrom; at < row.sampleTo; at++) {
      sampleIndex[at] = at - row.sampleFrom;
      wall_ms[at] = row.start_ms + 1000 * (at - row.sampleFrom);
    }
  }
  return {
    length,
    wall_ms,
    sampleIndex,
    packVoltage_V: new Float32Array(length).fill(350),
    packCurrent_A: new Float32Array(length).fill(-12),
    soc: new Float32Array(length).fill(0.5),
    cellMin_mV: new Uint16Array(length).fill(3600),
    cellMean_mV: new Float32Array(length).fill(3650),
    cellMax_mV: new Uint16Array(length).fill(3700),
    cellMinIndex: new Uint16Array(length).fill(3),
    cellMaxIndex: new Uint16Array(length).fill(5),
    temperatureMin_degC: new Float32Array(length).fill(20),
    temperatureMax_degC: new Float32Array(length).fill(25),
    temperatureMaxIndex: new Uint16Array(length).fill(2),
  };
}

export function feedEvent(options: { at_ms: number; state: BatteryEvent["state"] }): FeedEvent {
  const event: BatteryEvent = {
    id: options.at_ms.toString(16).padStart(64, "0"),
    class: "thermal-alert",
    state: options.state,
    level: 2,
    vehicleId: "car-1",
    unitId: "unit-1",
    functionId: "thermal-alert",
    functionVersion: "1",
    cell: 4,
    value: 61,
    limit: 60,
    unit: "degC",
    at_ms: options.at_ms,
    frame: { stream: "telemetry", sequence: 1, commitment: "00".repeat(32) },
    origin: "replayed",
    sentence: "Cell 5 of car-1 is at 61 °C, above 60 °C.",
  };
  return { event, salt: "00".repeat(16), recorded_ms: options.at_ms + 1 };
}

export function blockRecord(options: {
  height: number;
  events?: BlockRecord["events"];
  results?: readonly Uint8Array[];
}): BlockRecord {
  return {
    view: {
      height: options.height,
      hash: "ab".repeat(32),
      time_ms: 10,
      proposer: "validator-1",
      round: 0,
      transactions: options.results?.length ?? 0,
      checkpoints: 0,
      events: options.events?.length ?? 0,
      signers: ["validator-1", "validator-2"],
      size_bytes: 100,
    },
    final_ms: 20,
    block: Uint8Array.of(1),
    certificate: Uint8Array.of(2),
    results: (options.results ?? []).map((bytes, index) => ({ index, bytes })),
    checkpoints: [],
    events: options.events ?? [],
    begins: undefined,
  };
}

/** A result of a transaction whose hash is this byte again and again. */
export function resultBytes(of: number, code: string): Uint8Array {
  return encodeResult({
    height: 1,
    txIndex: of,
    txHash: new Uint8Array(32).fill(of),
    sender: new Uint8Array(32).fill(7),
    module: 2,
    action: 1,
    code,
    data: new Uint8Array(),
  });
}

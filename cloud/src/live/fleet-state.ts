import { decodePayload, noticeClasses, openFrame, standingLevel } from "@voltfog/messages";
import type { AlertView, EventView, VehicleView } from "../api/responses.ts";
import { SampleCollector } from "../intake/sample-collector.ts";
import type {
  EntryBatch,
  EntryCommit,
  EntryRow,
  FinalDelta,
  SampleColumns,
  VehicleTotals,
} from "../store/telemetry-store.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Vehicle = Mutable<
  Omit<VehicleView, "alerts" | "frames" | "samples" | "links" | "socEstimate">
> & {
  frames: { logged: number; final: number };
  links: { open: number; closed: number };
  samples: { logged: number; final: number };
  /** By function, class and condition: the newest finding, and the alert where it asserts one. */
  readonly findings: Map<string, { readonly at_ms: number; readonly alert: AlertView | null }>;
};

/** Vehicles shown at most; one more is stored but has no live view. */
const vehiclesMax = 100_000;

/**
 * The fleet as it is now, kept from what was committed, so that the list costs no query. Built from
 * the store at start; the store stays the truth.
 */
export class FleetState {
  readonly #vehicles = new Map<string, Vehicle>();

  get size(): number {
    return this.#vehicles.size;
  }

  has(vehicleId: string): boolean {
    return this.#vehicles.has(vehicleId);
  }

  restore(totals: readonly VehicleTotals[], alerts: readonly EventView[]): void {
    for (const total of totals) {
      const vehicle = this.#vehicle(total.vehicleId);
      if (vehicle === undefined) continue;
      vehicle.frames = { ...total.frames };
      vehicle.samples = { ...total.samples };
      vehicle.gaps = total.gaps;
      vehicle.samplesMissing = total.samplesMissing;
      vehicle.links = { ...total.links };
      if (total.newest !== null) showFrame(vehicle, total.newest);
    }
    for (const alert of alerts) this.applyEvent(alert);
  }

  /** Ids of the vehicles that changed. */
  applyEntries(batch: EntryBatch, commit: EntryCommit): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const row of batch.rows) {
      const vehicle = this.#vehicle(row.vehicleId);
      if (vehicle === undefined) continue;
      if (row.kind === "gap") {
        vehicle.gaps += 1;
        vehicle.samplesMissing += row.gap?.samples ?? 0;
      } else if (row.kind === "frame" && !commit.duplicates.has(row.logIndex)) {
        applyFrame(vehicle, { row, batch });
      }
      if (row.unlinked !== null) vehicle.links.open += 1;
      changed.add(row.vehicleId);
    }
    for (const [vehicleId, closed] of commit.linksClosed) {
      const vehicle = this.#vehicle(vehicleId);
      if (vehicle === undefined) continue;
      vehicle.links.open -= closed;
      vehicle.links.closed += closed;
      changed.add(vehicleId);
    }
    return changed;
  }

  applyFinality(delta: readonly FinalDelta[]): ReadonlySet<string> {
    for (const { vehicleId, frames, samples } of delta) {
      const vehicle = this.#vehicle(vehicleId);
      if (vehicle === undefined) continue;
      vehicle.frames.final += frames;
      vehicle.samples.final += samples;
    }
    return new Set(delta.map(({ vehicleId }) => vehicleId));
  }

  applyEvent(event: EventView): void {
    const vehicle = this.#vehicle(event.vehicleId);
    if (vehicle === undefined || noticeClasses.includes(event.class)) return;
    const key = `${event.functionId}/${event.class}/${event.condition ?? event.unit}`;
    if (event.at_ms < (vehicle.findings.get(key)?.at_ms ?? 0)) return;
    const level = standingLevel(event);
    const alert = level === 0 ? null : { ...alertOf(event), level };
    vehicle.findings.set(key, { at_ms: event.at_ms, alert });
  }

  /** Recorded events became final. */
  markFinal(eventIds: ReadonlySet<string>): void {
    for (const vehicle of this.#vehicles.values()) {
      for (const [key, { at_ms, alert }] of vehicle.findings) {
        if (alert === null || !eventIds.has(alert.eventId)) continue;
        vehicle.findings.set(key, { at_ms, alert: { ...alert, finality: "final" } });
      }
    }
  }

  view(vehicleId: string): Omit<VehicleView, "socEstimate"> | undefined {
    const vehicle = this.#vehicles.get(vehicleId);
    if (vehicle === undefined) return undefined;
    const { findings, ...figures } = vehicle;
    const alerts = [...findings.values()].flatMap(({ alert }) => (alert === null ? [] : [alert]));
    return {
      ...figures,
      frames: { ...vehicle.frames },
      samples: { ...vehicle.samples },
      links: { ...vehicle.links },
      alerts: alerts.sort((a, b) => b.level - a.level),
    };
  }

  ids(): readonly string[] {
    return [...this.#vehicles.keys()].sort();
  }

  #vehicle(id: string): Vehicle | undefined {
    const known = this.#vehicles.get(id);
    if (known !== undefined || this.#vehicles.size >= vehiclesMax) return known;
    const fresh = emptyVehicle(id);
    this.#vehicles.set(id, fresh);
    return fresh;
  }
}

function alertOf(event: EventView): AlertView {
  return {
    eventId: event.id,
    class: event.class,
    level: event.level,
    since_ms: event.at_ms,
    sentence: event.sentence,
    unitId: event.unitId,
    finality: event.finality,
  };
}

function applyFrame(vehicle: Vehicle, options: { row: EntryRow; batch: EntryBatch }): void {
  const { row, batch } = options;
  vehicle.frames.logged += 1;
  vehicle.samples.logged += row.samples;
  vehicle.received_ms = Math.max(vehicle.received_ms ?? 0, row.accepted_ms);
  if (row.sampleTo === row.sampleFrom) return;
  const at = row.sampleTo - 1;
  if ((batch.samples.wall_ms[at] ?? 0) < (vehicle.lastSample_ms ?? 0)) return;
  vehicle.origin = row.origin;
  vehicle.source = row.source;
  vehicle.unitId = batch.unitId;
  showSample(vehicle, batch.samples, at);
}

function showSample(vehicle: Vehicle, samples: SampleColumns, at: number): void {
  vehicle.lastSample_ms = samples.wall_ms[at] ?? null;
  vehicle.soc = measure(samples.soc[at]);
  vehicle.packVoltage_V = measure(samples.packVoltage_V[at]);
  vehicle.packCurrent_A = measure(samples.packCurrent_A[at]);
  vehicle.cellMin_mV = samples.cellMin_mV[at] ?? null;
  vehicle.cellMinIndex = samples.cellMinIndex[at] ?? null;
  vehicle.cellMax_mV = samples.cellMax_mV[at] ?? null;
  vehicle.cellMaxIndex = samples.cellMaxIndex[at] ?? null;
  vehicle.cellMean_mV = measure(samples.cellMean_mV[at]);
  vehicle.temperatureMin_degC = measure(samples.temperatureMin_degC[at]);
  vehicle.temperatureMax_degC = measure(samples.temperatureMax_degC[at]);
  vehicle.temperatureMaxIndex =
    vehicle.temperatureMax_degC === null ? null : (samples.temperatureMaxIndex[at] ?? null);
}

/** Rounded to a thousandth, because single precision has no more to say; NaN stands for none. */
function measure(value: number | undefined): number | null {
  if (value === undefined || Number.isNaN(value)) return null;
  return Math.round(value * 1000) / 1000;
}

function showFrame(vehicle: Vehicle, newest: NonNullable<VehicleTotals["newest"]>): void {
  const opened = openFrame(newest.frame);
  const payload = opened.ok ? decodePayload(opened.value) : opened;
  if (!payload.ok || payload.value.type !== "telemetry") return;
  const collector = new SampleCollector();
  for (const [at, sample] of payload.value.samples.entries()) collector.add(sample, at);
  vehicle.unitId = newest.unitId;
  vehicle.received_ms = newest.accepted_ms;
  vehicle.origin = payload.value.origin;
  vehicle.source = payload.value.source;
  const samples = collector.finish();
  showSample(vehicle, samples, samples.length - 1);
}

function emptyVehicle(id: string): Vehicle {
  return {
    id,
    origin: null,
    source: null,
    unitId: null,
    lastSample_ms: null,
    received_ms: null,
    soc: null,
    packVoltage_V: null,
    packCurrent_A: null,
    cellMin_mV: null,
    cellMinIndex: null,
    cellMax_mV: null,
    cellMaxIndex: null,
    cellMean_mV: null,
    temperatureMin_degC: null,
    temperatureMax_degC: null,
    temperatureMaxIndex: null,
    frames: { logged: 0, final: 0 },
    samples: { logged: 0, final: 0 },
    gaps: 0,
    samplesMissing: 0,
    links: { open: 0, closed: 0 },
    findings: new Map(),
  };
}

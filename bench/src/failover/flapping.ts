import { SeededRandom } from "@voltfog/runtime";
import { BundleBook, LatencyTable, PlacementBook } from "@voltfog/sdn-controller";
import { rulesOfTheController } from "../placement/controller-rules.ts";

/** What an hour of noise and one lasting change did to a fleet, on a simulated clock. */
export interface FlappingRun {
  readonly movesPerHour: number;
  /** Moves in ten minutes after one unit became 60 % slower for good. */
  readonly movesAfterChange: number;
  /** Vehicles of that unit for which another is then faster by more than a move must gain. */
  readonly worthMoving: number;
  readonly movesPerHourAfter: number;
}

const vehicles = 40;
const units = 4;
const hour_s = 3600;
const change_s = 600;
/** As the edge agent measures. */
const report_s = 2;
const slower = 1.6;
const noise = 0.1;

/**
 * Drives the controller's own book and latency table second by second: every report has each latency with
 * uniform noise of ±10 %. A vehicle comes to its new unit by the next second; units hold state at once.
 */
export function simulateFlapping(seed: number, noise_s: number = hour_s): FlappingRun {
  const site = new SimulatedSite(seed);
  site.run(60);
  const perHour = (moves: number): number => (moves * hour_s) / noise_s;
  const movesPerHour = perHour(site.run(noise_s));
  const worthMoving = site.slowDown();
  const movesAfterChange = site.run(change_s);
  const movesPerHourAfter = perHour(site.run(noise_s));
  return { movesPerHour, worthMoving, movesAfterChange, movesPerHourAfter };
}

class SimulatedSite {
  readonly #random: SeededRandom;
  readonly #latencies: LatencyTable = new LatencyTable({ vehiclesMax: vehicles });
  readonly #book: PlacementBook;
  /** By vehicle, then by unit. */
  readonly #true_ms: number[][];
  readonly #rules: { readonly moveGain_ms: number; readonly moveGainRatio: number };
  #now_s = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    const rules = rulesOfTheController();
    this.#rules = rules;
    const bundles = new BundleBook({ functions: [], dwell_ms: 0 });
    const start = { version: 0, attachments: [] };
    this.#book = new PlacementBook({
      ...{ rules, bundles, functions: [], vehiclesMax: vehicles, start, now_ms: 0 },
    });
    this.#true_ms = Array.from({ length: vehicles }, () =>
      Array.from({ length: units }, () => 30 + 70 * this.#random.uniform()),
    );
  }

  /** Moves of settled vehicles in so many seconds. */
  run(duration_s: number): number {
    const before = this.#book.history.count;
    let attached = 0;
    for (const end_s = this.#now_s + duration_s; this.#now_s < end_s; this.#now_s++) {
      if (this.#now_s % report_s === 0) this.#report();
      attached += this.#attachAll();
      this.#book.review(this.#situation());
    }
    return this.#book.history.count - before - attached;
  }

  /** The fullest unit becomes slower for good. Gives how many of its vehicles are worth moving then. */
  slowDown(): number {
    const homes = this.#book.attachments.map(({ unitId }) => unitId);
    const counts = unitIds.map((id) => homes.filter((home) => home === id).length);
    const place = counts.indexOf(Math.max(...counts));
    for (const ways_ms of this.#true_ms) ways_ms[place] = (ways_ms[place] ?? 0) * slower;
    return this.#book.attachments.filter(({ vehicleId, unitId }) => {
      if (unitId !== unitIds[place]) return false;
      const ways_ms = this.#true_ms[vehicleIds.indexOf(vehicleId)] ?? [];
      const here_ms = ways_ms[place] ?? 0;
      const gain_ms = here_ms - Math.min(...ways_ms);
      return gain_ms > Math.max(this.#rules.moveGain_ms, this.#rules.moveGainRatio * here_ms);
    }).length;
  }

  #report(): void {
    for (const [i, vehicleId] of vehicleIds.entries()) {
      for (const [j, unitId] of unitIds.entries()) {
        const factor = 1 - noise + 2 * noise * this.#random.uniform();
        const latency_ms = (this.#true_ms[i]?.[j] ?? 0) * factor;
        this.#latencies.record({ vehicleId, unitId, latency_ms });
      }
    }
  }

  #attachAll(): number {
    if (this.#book.attachments.length === vehicles) return 0;
    const before = this.#book.history.count;
    for (const vehicleId of vehicleIds) this.#book.attach(vehicleId, this.#situation());
    return this.#book.history.count - before;
  }

  #situation(): Parameters<PlacementBook["review"]>[0] {
    const connected = new Map<string, Set<string>>(unitIds.map((id) => [id, new Set()]));
    for (const { vehicleId, unitId } of this.#book.attachments) {
      connected.get(unitId)?.add(vehicleId);
    }
    return {
      units: unitIds.map((id) => ({
        id,
        alive: true,
        connected: connected.get(id) ?? new Set(),
        holds: () => true,
      })),
      latencyOf: (link) => this.#latencies.latencyOf(link),
      rangeOf: (link) => this.#latencies.rangeOf(link),
      now_ms: 1000 * this.#now_s,
    };
  }
}

const unitIds: readonly string[] = Array.from({ length: units }, (_, i) => `unit-${i + 1}`);
const vehicleIds: readonly string[] = Array.from(
  { length: vehicles },
  (_, i) => `vehicle-${i + 1}`,
);

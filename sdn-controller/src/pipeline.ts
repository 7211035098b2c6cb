import type { Clock, Logger } from "@voltfog/runtime";
import { assignmentOf } from "./placement/place-functions.ts";
import type { PlacementBook, Situation } from "./placement/placement-book.ts";
import type { StateFile } from "./placement/state-file.ts";
import type { LatencyTable } from "./topology/latency-table.ts";
import type { UnitClient } from "./topology/unit-client.ts";
import type { UnitMonitor } from "./topology/unit-monitor.ts";

export interface WatchedUnit {
  readonly monitor: UnitMonitor;
  readonly client: UnitClient;
}

/** The stages of one round, in order: observe the units, decide, keep the decision, push it to the units. */
export class Pipeline {
  readonly #units: readonly WatchedUnit[];
  readonly #book: PlacementBook;
  readonly #latencies: LatencyTable;
  readonly #stateFile: StateFile;
  readonly #functions: readonly string[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** What each unit has taken: the assignment and which life of the unit took it. */
  readonly #taken = new Map<string, string>();

  constructor(options: {
    units: readonly WatchedUnit[];
    book: PlacementBook;
    latencies: LatencyTable;
    stateFile: StateFile;
    functions: readonly string[];
    clock: Clock;
    logger: Logger;
  }) {
    this.#units = options.units;
    this.#book = options.book;
    this.#latencies = options.latencies;
    this.#stateFile = options.stateFile;
    this.#functions = options.functions;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async round(): Promise<void> {
    await this.observe();
    this.decide();
    this.keep();
    await this.push();
  }

  async observe(): Promise<void> {
    await Promise.all(this.#units.map((unit) => unit.monitor.ask()));
  }

  decide(): void {
    for (const vehicleId of this.#book.review(this.situation())) {
      const moved = this.#book.attachments.find((one) => one.vehicleId === vehicleId);
      this.#logger.info("vehicle moved", { vehicleId, unit: moved?.unitId, reason: moved?.reason });
    }
  }

  keep(): void {
    const { version, attachments } = this.#book;
    this.#stateFile.save({ version, attachments }, this.#logger);
  }

  async push(): Promise<void> {
    await Promise.all(this.#units.map((unit) => this.#pushTo(unit)));
  }

  async #pushTo({ monitor, client }: WatchedUnit): Promise<void> {
    if (!monitor.view().alive) return;
    const assignment = assignmentOf({
      unitId: monitor.id,
      version: this.#book.version,
      functions: this.#functions,
      placements: this.#book.functionPlacements,
    });
    const mark = JSON.stringify([monitor.incarnation, assignment.functions]);
    if (this.#taken.get(monitor.id) === mark) return;
    try {
      await client.assign(assignment);
      this.#taken.set(monitor.id, mark);
    } catch {
      // The unit goes on with its last assignment; the next round tries again.
      this.#logger.debug("assignment not taken", { unit: monitor.id });
    }
  }

  /** A vehicle's own measurement goes before the controller's round trip to the unit. */
  situation(): Situation {
    const medians = new Map(this.#units.map(({ monitor }) => [monitor.id, monitor.latency_ms]));
    return {
      units: this.#units.map(({ monitor }) => monitor.view()),
      latencyOf: (link) => this.#latencies.latencyOf(link) ?? medians.get(link.unitId),
      now_ms: this.#clock.wall_ms(),
    };
  }

  get isObserved(): boolean {
    return this.#units.every(({ monitor }) => monitor.asked);
  }
}

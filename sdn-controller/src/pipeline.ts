import type { Clock, Logger } from "@voltfog/runtime";
import type { AssignmentPush } from "./placement/assignment-push.ts";
import type { PlacementBook, Situation } from "./placement/placement-book.ts";
import type { StateFile } from "./placement/state-file.ts";
import type { LatencyTable } from "./topology/latency-table.ts";
import type { UnitMonitor } from "./topology/unit-monitor.ts";

export interface PipelineParts {
  readonly monitors: readonly UnitMonitor[];
  readonly latencies: LatencyTable;
  readonly book: PlacementBook;
  readonly stateFile: StateFile;
  readonly assignments: AssignmentPush;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The stages of one round, in order: observe the units, decide, keep the decision, push it to the units. */
export class Pipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  async round(): Promise<void> {
    await this.observe();
    this.decide();
    this.keep();
    await this.push();
  }

  async observe(): Promise<void> {
    await Promise.all(this.#parts.monitors.map((monitor) => monitor.ask()));
  }

  decide(): void {
    const { book, logger } = this.#parts;
    const moved = new Set(book.review(this.situation()));
    for (const { vehicleId, unitId, reason } of book.attachments) {
      if (moved.has(vehicleId)) logger.info("vehicle moved", { vehicleId, unitId, reason });
    }
  }

  keep(): void {
    const { version, attachments } = this.#parts.book;
    this.#parts.stateFile.save({ version, attachments }, this.#parts.logger);
  }

  async push(): Promise<void> {
    await this.#parts.assignments.pushAll();
  }

  /** What decisions are made from. A vehicle's own measurement goes before the controller's round trip. */
  situation(): Situation {
    const { monitors, latencies, clock } = this.#parts;
    const medians = new Map(monitors.map((monitor) => [monitor.id, monitor.latency_ms]));
    return {
      units: monitors.map((monitor) => monitor.view()),
      latencyOf: (link) => latencies.latencyOf(link) ?? medians.get(link.unitId),
      now_ms: clock.wall_ms(),
    };
  }

  /** True once every unit has answered, or failed to, often enough for a first decision. */
  get isObserved(): boolean {
    return this.#parts.monitors.every((monitor) => monitor.isObserved);
  }
}

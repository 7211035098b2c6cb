import type { Logger } from "@voltfog/runtime";
import type { Leadership } from "./leadership/leadership.ts";
import type { AssignmentPush } from "./placement/assignment-push.ts";
import { LoadBook } from "./placement/load-book.ts";
import type { PlacementBook } from "./placement/placement-book.ts";
import type { StateFile } from "./placement/state-file.ts";
import type { SituationDesk } from "./topology/situation-desk.ts";
import type { UnitMonitor } from "./topology/unit-monitor.ts";

export interface PipelineParts {
  readonly monitors: readonly UnitMonitor[];
  readonly leadership: Leadership;
  readonly situation: SituationDesk;
  readonly book: PlacementBook;
  readonly stateFile: StateFile;
  readonly assignments: AssignmentPush;
  readonly logger: Logger;
}

/**
 * The stages in order: observe the units, decide, keep the decision, push it to the units. A round goes
 * through all at the slow pace; between rounds whatever is new, a death above all, is acted upon at once. A
 * passive controller only looks on, so that it knows all when it takes over.
 */
export class Pipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  async round(): Promise<void> {
    await this.observe();
    if (this.isObserved) this.decide({ isRound: true });
    this.keep();
    await this.push();
  }

  async act(): Promise<void> {
    this.decide({ isRound: false });
    this.keep();
    await this.push();
  }

  async observe(): Promise<void> {
    const { monitors, book } = this.#parts;
    await Promise.all(monitors.map((monitor) => monitor.refresh()));
    const { used } = new LoadBook({ attachments: book.attachments, needOf: book.needOf }).active;
    for (const monitor of monitors) {
      monitor.weigh(used?.get(monitor.id) ?? { cpu: 0, memory_MB: 0 });
      book.learn(monitor.status?.functions ?? []);
    }
  }

  decide(options: { isRound: boolean }): void {
    const { book, leadership, logger, situation } = this.#parts;
    if (leadership.role === "passive") {
      book.follow(situation.now);
      return;
    }
    for (const move of book.review(situation.now, options)) {
      logger.info("vehicle moved", { ...move });
    }
  }

  keep(): void {
    const { version, attachments, history } = this.#parts.book;
    this.#parts.stateFile.save({ version, attachments, moves: history.all }, this.#parts.logger);
  }

  async push(): Promise<void> {
    const { leadership, assignments } = this.#parts;
    const { claim } = leadership;
    if (claim !== undefined && this.isObserved) await assignments.pushAll(claim);
  }

  /** True once every unit has answered, or failed to, often enough for a first decision. */
  get isObserved(): boolean {
    return this.#parts.monitors.every((monitor) => monitor.isObserved);
  }
}

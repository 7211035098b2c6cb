import type { Logger } from "@voltfog/runtime";
import type { UnitClient } from "../topology/unit-client.ts";
import type { UnitMonitor } from "../topology/unit-monitor.ts";
import { assignmentOf } from "./place-functions.ts";
import type { PlacementBook } from "./placement-book.ts";

/** A unit with what is known of it and the way to it. */
export interface WatchedUnit {
  readonly monitor: UnitMonitor;
  readonly client: UnitClient;
}

/** Tells each live unit its functions once per change, and again whenever it was silent in between. */
export class AssignmentPush {
  readonly #units: readonly WatchedUnit[];
  readonly #book: PlacementBook;
  readonly #functions: readonly string[];
  readonly #logger: Logger;
  /** What each unit has taken: the assignment and which life of the unit took it. */
  readonly #taken = new Map<string, string>();

  constructor(options: {
    units: readonly WatchedUnit[];
    book: PlacementBook;
    functions: readonly string[];
    logger: Logger;
  }) {
    this.#units = options.units;
    this.#book = options.book;
    this.#functions = options.functions;
    this.#logger = options.logger;
  }

  async pushAll(): Promise<void> {
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
}

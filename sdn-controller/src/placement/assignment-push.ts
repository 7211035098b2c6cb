import { CodedError, type Logger, messageOf } from "@voltfog/runtime";
import type { Claim, UnitClient } from "../topology/unit-client.ts";
import type { UnitAssignment } from "./place-functions.ts";
import type { PlacementBook } from "./placement-book.ts";

/** A unit as assignments go to it. */
export interface AssignedUnit {
  readonly id: string;
  readonly alive: boolean;
  /** Of its present process, which has what it was told; a new one knows nothing. */
  readonly incarnation: string | null;
  readonly client: Pick<UnitClient, "assign">;
}

/** Tells each live unit its functions once per change, and again when its process or the term is a new one. */
export class AssignmentPush {
  readonly #units: () => readonly AssignedUnit[];
  readonly #book: PlacementBook;
  readonly #peers: UnitAssignment["peers"];
  readonly #fenced: (claim: Claim) => void;
  readonly #logger: Logger;
  /** What each unit has taken. */
  readonly #taken = new Map<string, string>();
  /** Units with a call under way, and whether something changed meanwhile: that follows at once. */
  readonly #busy = new Map<string, boolean>();

  constructor(options: {
    units: () => readonly AssignedUnit[];
    book: PlacementBook;
    /** Where units reach each other. */
    peers: UnitAssignment["peers"];
    /** A unit refused because it obeys a newer controller. */
    fenced: (claim: Claim) => void;
    logger: Logger;
  }) {
    this.#units = options.units;
    this.#book = options.book;
    this.#peers = options.peers;
    this.#fenced = options.fenced;
    this.#logger = options.logger;
  }

  /** Resolves when every unit has taken its part or refused it; no unit waits for another. */
  async pushAll(claim: Claim): Promise<void> {
    await Promise.all(this.#units().map((unit) => this.#pushTo(unit, claim)));
  }

  async #pushTo(unit: AssignedUnit, claim: Claim): Promise<void> {
    if (!unit.alive) return;
    if (this.#busy.has(unit.id)) {
      this.#busy.set(unit.id, true);
      return;
    }
    const { plan, version } = this.#book;
    const peers = this.#peers.filter(({ unitId }) => unitId !== unit.id);
    const part = { peers, ...plan.assignmentOf(unit.id) };
    const mark = JSON.stringify([unit.incarnation, claim, part]);
    if (this.#taken.get(unit.id) === mark) return;
    this.#busy.set(unit.id, false);
    let isTaken = false;
    try {
      await unit.client.assign({ ...claim, version, ...part });
      this.#taken.set(unit.id, mark);
      isTaken = true;
    } catch (thrown) {
      // The unit goes on with its last assignment; the next round tries again.
      this.#logger.warn("assignment not taken", { unit: unit.id, reason: messageOf(thrown) });
      if (thrown instanceof CodedError && thrown.code === "TERM_STALE") this.#fenced(claim);
    }
    const hasChanged = this.#busy.get(unit.id) === true;
    this.#busy.delete(unit.id);
    const present = this.#units().find(({ id }) => id === unit.id);
    if (isTaken && hasChanged && present !== undefined) await this.#pushTo(present, claim);
  }
}

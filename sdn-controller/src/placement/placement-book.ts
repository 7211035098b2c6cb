import { chooseUnit, type LatencyOf, type PlacementRules, type UnitView } from "./choose-unit.ts";
import { type FunctionPlacement, placeFunctions } from "./place-functions.ts";
import { type Attachment, loadsOf, reviewAttachments } from "./review-attachments.ts";

/** A vehicle that nobody has named or seen for a day is let go. */
const forgetAfter_ms = 86_400_000;

/** What the decisions are made from, as it is now. */
export interface Situation {
  readonly units: readonly UnitView[];
  readonly latencyOf: LatencyOf;
  readonly now_ms: number;
}

/** All decisions in force. The version grows with every change of who belongs where. */
export class PlacementBook {
  readonly #rules: PlacementRules;
  readonly #functions: readonly string[];
  readonly #vehiclesMax: number;
  readonly #named_ms = new Map<string, number>();
  #attachments: Map<string, Attachment>;
  #functionPlacements: readonly FunctionPlacement[] = [];
  #version: number;

  constructor(options: {
    rules: PlacementRules;
    functions: readonly string[];
    vehiclesMax: number;
    start: { version: number; attachments: readonly Attachment[] };
    now_ms: number;
  }) {
    this.#rules = options.rules;
    this.#functions = options.functions;
    this.#vehiclesMax = options.vehiclesMax;
    this.#version = options.start.version;
    this.#attachments = new Map(options.start.attachments.map((one) => [one.vehicleId, one]));
    for (const id of this.#attachments.keys()) this.#named_ms.set(id, options.now_ms);
    this.#placeFunctions();
  }

  /** The attachment in force, or a new one; undefined when no unit can take the vehicle. */
  attach(vehicleId: string, situation: Situation): Attachment | undefined {
    const known = this.#attachments.get(vehicleId);
    if (known !== undefined) {
      this.#named_ms.set(vehicleId, situation.now_ms);
      return known;
    }
    if (this.isFull) return undefined;
    const loads = loadsOf(this.#attachments.values());
    const choice = chooseUnit({ ...situation, vehicleId, loads, rules: this.#rules });
    if (choice === undefined) return undefined;
    const attachment = { vehicleId, ...choice, since_ms: situation.now_ms };
    this.#put(attachment, situation.now_ms);
    return attachment;
  }

  /** One round: adopts vehicles found connected, reviews all attachments, lets the forgotten go. Gives the vehicles that moved. */
  review(situation: Situation): readonly string[] {
    this.#adopt(situation);
    this.#forget(situation.now_ms);
    const { attachments, moved } = reviewAttachments({
      ...situation,
      attachments: [...this.#attachments.values()],
      rules: this.#rules,
    });
    this.#attachments = new Map(attachments.map((one) => [one.vehicleId, one]));
    if (moved.length > 0) this.#changed();
    return moved;
  }

  /** A vehicle that fell back on its own list while the controller was away stays where it is. */
  #adopt(situation: Situation): void {
    for (const unit of situation.units) {
      for (const vehicleId of unit.connected) {
        if (this.#attachments.has(vehicleId)) {
          this.#named_ms.set(vehicleId, situation.now_ms);
        } else if (!this.isFull) {
          const latency_ms = situation.latencyOf({ vehicleId, unitId: unit.id }) ?? null;
          const reason = `found connected to ${unit.id}`;
          const since_ms = situation.now_ms;
          const adopted = { vehicleId, unitId: unit.id, latency_ms, reason, since_ms };
          this.#put({ ...adopted, considered: [] }, situation.now_ms);
        }
      }
    }
  }

  #forget(now_ms: number): void {
    for (const [vehicleId, named_ms] of this.#named_ms) {
      if (now_ms - named_ms < forgetAfter_ms) continue;
      this.#named_ms.delete(vehicleId);
      this.#attachments.delete(vehicleId);
      this.#changed();
    }
  }

  #put(attachment: Attachment, now_ms: number): void {
    this.#attachments.set(attachment.vehicleId, attachment);
    this.#named_ms.set(attachment.vehicleId, now_ms);
    this.#changed();
  }

  #changed(): void {
    this.#version += 1;
    this.#placeFunctions();
  }

  #placeFunctions(): void {
    this.#functionPlacements = placeFunctions({
      functions: this.#functions,
      attachments: this.#attachments.values(),
    });
  }

  get isFull(): boolean {
    return this.#attachments.size >= this.#vehiclesMax;
  }

  get version(): number {
    return this.#version;
  }

  get attachments(): readonly Attachment[] {
    return [...this.#attachments.values()].sort((a, b) => (a.vehicleId < b.vehicleId ? -1 : 1));
  }

  get functionPlacements(): readonly FunctionPlacement[] {
    return this.#functionPlacements;
  }
}

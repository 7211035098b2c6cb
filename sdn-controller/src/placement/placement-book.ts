import type { Bundle, BundleBook } from "../bundles/bundle-book.ts";
import type { FunctionStatus } from "../topology/function-status.ts";
import type { PackReading } from "../topology/pack-reading.ts";
import type { Attachment, Move } from "./attachment.ts";
import { choosePlaces } from "./choose-places.ts";
import type { LatencyOf, PlacementRules, RangeOf, UnitView } from "./decision-facts.ts";
import { LoadBook } from "./load-book.ts";
import { type DatedMove, MoveHistory } from "./move-history.ts";
import { type FunctionPlacement, FunctionPlan } from "./place-functions.ts";
import { reviewAttachments } from "./review-attachments.ts";

/** A vehicle that nobody has named or seen for a day is let go. */
const forgetAfter_ms = 86_400_000;

/** What the decisions are made from, as it is now. */
export interface Situation {
  readonly units: readonly UnitView[];
  readonly latencyOf: LatencyOf;
  readonly now_ms: number;
  /** Between what a latency varies. */
  readonly rangeOf?: RangeOf;
  /** The newest reading of a vehicle's pack. */
  readonly packOf?: (vehicleId: string) => PackReading | undefined;
  /** Samples that wait for a function at a unit. */
  readonly backlogOf?: (at: { unitId: string; functionId: string }) => number;
}

export interface PlacementBookOptions {
  readonly rules: PlacementRules;
  readonly bundles: BundleBook;
  readonly functions: readonly string[];
  readonly vehiclesMax: number;
  readonly start: {
    readonly version: number;
    readonly attachments: readonly Attachment[];
    readonly moves?: readonly DatedMove[];
  };
  readonly now_ms: number;
}

/** All decisions in force. The version grows with every change of what units are told. */
export class PlacementBook {
  readonly #options: PlacementBookOptions;
  readonly #named_ms = new Map<string, number>();
  readonly #history: MoveHistory;
  #attachments: Map<string, Attachment>;
  #bundles = new Map<string, Bundle>();
  #plan: FunctionPlan | undefined;
  #version: number;

  constructor(options: PlacementBookOptions) {
    this.#options = options;
    this.#version = options.start.version;
    this.#history = new MoveHistory(options.start.moves ?? []);
    this.#attachments = new Map(options.start.attachments.map((one) => [one.vehicleId, one]));
    for (const id of this.#attachments.keys()) this.#named_ms.set(id, options.now_ms);
  }

  /** The attachment in force, or a new one; undefined when no unit can take the vehicle. */
  attach(vehicleId: string, situation: Situation): Attachment | undefined {
    const known = this.#attachments.get(vehicleId);
    if (known !== undefined) {
      this.#named_ms.set(vehicleId, situation.now_ms);
      return known;
    }
    if (this.isFull) return undefined;
    const { rules } = this.#options;
    const loads = new LoadBook({ attachments: this.#attachments.values(), needOf: this.needOf });
    const wishes = [{ vehicleId, need: this.needOf(vehicleId) }];
    const [choice] = choosePlaces({ ...situation, wishes, loads: loads.active, rules });
    if (choice === undefined) return undefined;
    const attachment = { vehicleId, ...choice, standbyUnitId: null, since_ms: situation.now_ms };
    this.#put(attachment, situation.now_ms, "new");
    return attachment;
  }

  /**
   * One round: adopts vehicles found connected, reviews all attachments, lets the forgotten go. Gives the
   * moves. Between two rounds only dead units are left and hand-overs go on.
   */
  review(situation: Situation, options: { isRound: boolean } = { isRound: true }): readonly Move[] {
    this.#adopt(situation);
    this.#forget(situation.now_ms);
    const { rules } = this.#options;
    const facts = { ...situation, ...options, rules, needOf: this.needOf };
    const before = [...this.#attachments.values()];
    const { attachments, moves } = reviewAttachments({ ...facts, attachments: before });
    this.#attachments = new Map(attachments.map((one) => [one.vehicleId, one]));
    for (const move of moves) this.#history.add({ ...move, at_ms: situation.now_ms });
    const differs = attachments.some((after, i) => tellsOther(before[i], after));
    if (this.#selectFunctions(situation) || differs) this.#changed();
    return moves;
  }

  /** What a controller that does not lead knows: each vehicle belongs where it is connected, whoever decided it. */
  follow(situation: Situation): void {
    for (const { id: unitId, connected } of situation.units) {
      for (const vehicleId of connected) {
        const known = this.#attachments.get(vehicleId);
        if (known === undefined ? this.isFull : known.unitId === unitId) continue;
        this.#put(found({ vehicleId, unitId, situation }), situation.now_ms, undefined);
      }
    }
  }

  /** A vehicle that fell back on its own list while the controller was away stays where it is. */
  #adopt(situation: Situation): void {
    for (const { id: unitId, connected } of situation.units) {
      for (const vehicleId of connected) {
        if (this.#attachments.has(vehicleId)) {
          this.#named_ms.set(vehicleId, situation.now_ms);
        } else if (!this.isFull) {
          const adopted = found({ vehicleId, unitId, situation });
          this.#put(adopted, situation.now_ms, "connected");
        }
      }
    }
  }

  /** True when any vehicle's functions or settings are other ones than before. */
  #selectFunctions(situation: Situation): boolean {
    const { bundles } = this.#options;
    const { packOf = () => undefined, backlogOf = () => 0, now_ms } = situation;
    let differs = false;
    for (const { vehicleId, unitId } of this.#attachments.values()) {
      const bundle = bundles.review({
        vehicleId,
        pack: packOf(vehicleId),
        backlogOf: (functionId) => backlogOf({ unitId, functionId }),
        now_ms,
      });
      differs ||= this.#bundles.get(vehicleId) !== bundle;
      this.#bundles.set(vehicleId, bundle);
    }
    return differs;
  }

  #forget(now_ms: number): void {
    for (const [vehicleId, named_ms] of this.#named_ms) {
      if (now_ms - named_ms < forgetAfter_ms) continue;
      this.#named_ms.delete(vehicleId);
      this.#attachments.delete(vehicleId);
      this.#bundles.delete(vehicleId);
      this.#options.bundles.forget(vehicleId);
      this.#changed();
    }
  }

  #put(attachment: Attachment, now_ms: number, trigger: Move["trigger"] | undefined): void {
    const { vehicleId, unitId: to, reason: why } = attachment;
    this.#attachments.set(vehicleId, attachment);
    this.#named_ms.set(vehicleId, now_ms);
    if (trigger !== undefined) {
      this.#history.add({ at_ms: now_ms, vehicleId, from: null, to, trigger, why });
    }
    this.#changed();
  }

  #changed(): void {
    this.#version += 1;
    this.#plan = undefined;
  }

  /** What each unit is told now. */
  get plan(): FunctionPlan {
    this.#plan ??= new FunctionPlan({
      functions: this.#options.functions,
      attachments: this.attachments,
      bundleOf: this.bundleOf,
    });
    return this.#plan;
  }

  /** What units say of their functions: costs, classes, settings. */
  learn(functions: Iterable<FunctionStatus>): void {
    this.#options.bundles.learn(functions);
  }

  readonly bundleOf = (vehicleId: string): Bundle => this.#options.bundles.bundleOf(vehicleId);

  /** What the vehicle's functions ask of a unit. */
  readonly needOf = (vehicleId: string): Bundle => this.bundleOf(vehicleId);

  /** The unit that a known vehicle belongs to. */
  placeOf(vehicleId: string): string | undefined {
    return this.#attachments.get(vehicleId)?.unitId;
  }

  get isFull(): boolean {
    return this.#attachments.size >= this.#options.vehiclesMax;
  }

  get version(): number {
    return this.#version;
  }

  get rules(): PlacementRules {
    return this.#options.rules;
  }

  get attachments(): readonly Attachment[] {
    return [...this.#attachments.values()].sort((a, b) => (a.vehicleId < b.vehicleId ? -1 : 1));
  }

  get functionPlacements(): readonly FunctionPlacement[] {
    return this.plan.placements;
  }

  get history(): MoveHistory {
    return this.#history;
  }
}

function found(options: { vehicleId: string; unitId: string; situation: Situation }): Attachment {
  const { vehicleId, unitId, situation } = options;
  const latency_ms = situation.latencyOf({ vehicleId, unitId }) ?? null;
  const facts = { vehicleId, unitId, latency_ms, since_ms: situation.now_ms };
  return { ...facts, standbyUnitId: null, reason: `found connected to ${unitId}`, considered: [] };
}

/** Whether units are told something else for this vehicle. */
function tellsOther(before: Attachment | undefined, after: Attachment): boolean {
  return (
    before?.unitId !== after.unitId ||
    before.standbyUnitId !== after.standbyUnitId ||
    before.from !== after.from ||
    before.inherited?.holderId !== after.inherited?.holderId ||
    before.next?.unitId !== after.next?.unitId
  );
}

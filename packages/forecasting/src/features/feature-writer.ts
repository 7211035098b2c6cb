import { noStatus } from "../status/status-class.ts";
import { GroupCounts } from "./group-counts.ts";
import { historyShares } from "./history-shares.ts";
import type { NetworkMemory } from "./network-memory.ts";

/** What is known of a charge point apart from its status; 0 where unknown. */
export interface PointTraits {
  readonly power_kW: number;
  /** A number per kind of outlet, any order. */
  readonly outlet: number;
  /** 0 where free or unknown. */
  readonly price_EURperkWh: number;
}

type Put = (value: number) => void;

const minute_ms = 60_000;
const day_ms = 86_400_000;
/** Whole snapshots back, and days before the time ahead, whose status is a feature. */
const lagsBack = [1, 2, 3, 4, 6, 8];
const lagDays = [1, 2, 3];
/** Stays of the whole network that a point's own are drawn to. */
const stayWeight = 3;
/** Ages beyond this say nothing more. */
const ageMax_min = 14 * 1440;

/**
 * Writes the features of one point for one time ahead, from a memory that ends at the present. The
 * names are the schema: a model is served only where they are equal.
 */
export class FeatureWriter {
  readonly names: readonly string[];
  readonly #memory: NetworkMemory;
  readonly #traits: readonly PointTraits[];
  readonly #overall: Float64Array;
  readonly #atSlot: Float64Array;
  readonly #groups: readonly GroupCounts[];

  constructor(o: {
    memory: NetworkMemory;
    traits: readonly PointTraits[];
    classes: readonly string[];
  }) {
    this.#memory = o.memory;
    this.#traits = o.traits;
    const { classCount, halfLives } = o.memory.settings;
    this.#overall = new Float64Array(classCount);
    this.#atSlot = new Float64Array(classCount);
    this.#groups = o.memory.plan.levels.map((groups) => new GroupCounts(groups, classCount));
    this.names = featureNames({ classes: o.classes, halfLives, levels: this.#groups.length });
  }

  get count(): number {
    return this.names.length;
  }

  /** Writes `count` numbers at an offset. Cost: about 2 µs. */
  write(o: { point: number; target_ms: number; into: Float32Array; at: number }): void {
    const { point, target_ms, into } = o;
    const memory = this.#memory;
    let at = o.at;
    const put = (value: number): void => {
      into[at++] = value;
    };
    const last = memory.last[point] ?? noStatus;
    this.#putPresent({ point, last, target_ms, put });
    this.#putHabits({ point, target_ms, put });
    this.#putStay({ point, last, put });
    this.#putLags({ point, target_ms, put });
    for (const groups of this.#groups) this.#putOthers({ groups, point, last, put });
    for (const share of memory.networkNow) put(share);
    const local_min = target_ms / minute_ms + memory.settings.zone_min;
    put((local_min % 1440) / 60);
    put(Math.floor(local_min / 1440 + 4) % 7); // 1 January 1970 was a Thursday; Sunday is 0.
    const traits = this.#traits[point];
    put(traits?.power_kW ?? 0);
    put(traits?.outlet ?? 0);
    put(traits?.price_EURperkWh ?? 0);
  }

  /** The status now, how old it is, and how restless the point has been. */
  #putPresent(o: { point: number; last: number; target_ms: number; put: Put }): void {
    const { point, last, put } = o;
    const memory = this.#memory;
    const isKnown = last !== noStatus;
    const last_ms = memory.last_ms[point] ?? 0;
    for (let c = 0; c < memory.settings.classCount; c++) put(last === c ? 1 : 0);
    put(memory.before[point] ?? noStatus);
    put(isKnown ? age_min(o.target_ms - last_ms) : ageMax_min);
    put(isKnown ? age_min(memory.now_ms - (memory.changed_ms[point] ?? 0)) : ageMax_min);
    const updated_ms = memory.updated_ms[point] ?? Number.NaN;
    put(Number.isNaN(updated_ms) ? -1 : age_min(last_ms - updated_ms));
    put(Number.isNaN(updated_ms) ? -1 : (updated_ms / (60 * minute_ms)) % 24);
    put(memory.changeRate[point] ?? 0);
    put(Math.log1p(memory.seen[point] ?? 0));
  }

  /** Shares of each class: lately, ever, and at the target's hour. */
  #putHabits(o: { point: number; target_ms: number; put: Put }): void {
    const { point, put } = o;
    const memory = this.#memory;
    const first = point * memory.settings.classCount;
    const end = first + memory.settings.classCount;
    for (const shares of memory.shares) for (const share of shares.subarray(first, end)) put(share);
    const slot = memory.slotOf(o.target_ms);
    historyShares(memory, { point, slot, overall: this.#overall, atSlot: this.#atSlot });
    for (const share of this.#overall) put(share);
    for (const share of this.#atSlot) put(share);
  }

  #putLags(o: { point: number; target_ms: number; put: Put }): void {
    const { classCount } = this.#memory.settings;
    for (const back of lagsBack) {
      const status = this.#memory.back(back)?.statuses[o.point] ?? noStatus;
      o.put(status === noStatus ? classCount : status);
    }
    for (const days of lagDays) {
      const earlier = this.#memory.near(o.target_ms - days * day_ms, 2 * 60 * minute_ms);
      const status = earlier?.statuses[o.point] ?? noStatus;
      o.put(status === noStatus ? classCount : status);
    }
  }

  #putOthers(o: { groups: GroupCounts; point: number; last: number; put: Put }): void {
    const { classCount } = this.#memory.settings;
    o.groups.refresh(this.#memory);
    const others = o.groups.sizeOf(o.point) - (o.last === noStatus ? 0 : 1);
    o.put(others);
    for (let c = 0; c < classCount; c++) {
      const same = o.groups.countOf(o.point, c) - (o.last === c ? 1 : 0);
      o.put(others > 0 ? same / others : -1);
    }
  }

  /** How long stays like the present one last here, drawn to the network's, and how far this one is. */
  #putStay(o: { point: number; last: number; put: Put }): void {
    const memory = this.#memory;
    if (o.last === noStatus) {
      o.put(0);
      o.put(0);
      o.put(0);
      return;
    }
    const cell = o.point * memory.settings.classCount + o.last;
    const network =
      ((memory.networkStayed[o.last] ?? 0) + 1) / ((memory.networkStays[o.last] ?? 0) + 1);
    const usual =
      ((memory.stayed[cell] ?? 0) + stayWeight * network) /
      ((memory.stays[cell] ?? 0) + stayWeight);
    const dwell = memory.dwell[o.point] ?? 0;
    o.put(dwell);
    o.put(usual);
    o.put(dwell / usual);
  }
}

/** Minutes of a span, at least 0: a target before the last observation is not the future of anything. */
function age_min(span_ms: number): number {
  return Math.min(ageMax_min, Math.abs(span_ms) / minute_ms);
}

function featureNames(o: {
  classes: readonly string[];
  halfLives: readonly number[];
  levels: number;
}): string[] {
  const each = (name: string): string[] => o.classes.map((one) => `${name} ${one}`);
  return [
    ...each("now"),
    "class before",
    "minutes since last seen",
    "minutes since change",
    "minutes between update and last seen",
    "hour of update",
    "change rate",
    "log observations",
    ...o.halfLives.flatMap((life) => each(`share over ${life}`)),
    ...each("share ever"),
    ...each("share at hour"),
    "stay so far",
    "usual stay",
    "part of usual stay",
    ...lagsBack.map((back) => `${back} snapshots ago`),
    ...lagDays.map((days) => `same time ${days} d ago`),
    ...Array.from({ length: o.levels }, (_, level) => level + 1).flatMap((level) => [
      `others at level ${level}`,
      ...each(`others at level ${level}`),
    ]),
    ...each("network"),
    "hour",
    "weekday",
    "power",
    "outlet",
    "price",
  ];
}

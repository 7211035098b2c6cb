import { assert } from "@voltfog/runtime";
import type { NetworkSnapshot } from "../status/network-history.ts";
import { noStatus } from "../status/status-class.ts";

/** How a network is remembered; part of a model, because its features mean nothing without it. */
export interface MemorySettings {
  /** Number of classes. */
  readonly classCount: number;
  /** Half-lives of the moving shares, counted in snapshots of a point. */
  readonly halfLives: readonly number[];
  /** Minutes that local time is ahead of UTC; a fixed offset, for the periods that the data cover. */
  readonly zone_min: number;
  /** Snapshots kept whole, for lags. */
  readonly kept: number;
}

/** Where the points stand. */
export interface NetworkPlan {
  readonly pointCount: number;
  /** Per level, from near to far (post, place, district): the number of each point's group. */
  readonly levels: readonly Int32Array[];
}

/** Hours of a day. */
const slots = 24;
const hour_ms = 3_600_000;

/**
 * Everything that forecasts may know of a network at one time, and nothing later: it is fed snapshot
 * by snapshot, in training as in service, so no feature can see the future. Cost of a snapshot:
 * linear in points, below 1 ms for 2,000.
 */
export class NetworkMemory {
  readonly settings: MemorySettings;
  readonly plan: NetworkPlan;
  /** Class now, and before the last change. */
  readonly last: Uint8Array;
  readonly before: Uint8Array;
  readonly last_ms: Float64Array;
  readonly changed_ms: Float64Array;
  /** When the network had last written the newest record; NaN where it did not say. */
  readonly updated_ms: Float64Array;
  /** Observations so far. */
  readonly seen: Float64Array;
  /** Per half-life, point and class: moving share. */
  readonly shares: readonly Float32Array[];
  /** Per point and class: count of all observations. */
  readonly counts: Float32Array;
  /** Per point, hour of the day and class: count of observations. */
  readonly slotCounts: Float32Array;
  /** Moving rate of changes per observation, over the second half-life. */
  readonly changeRate: Float32Array;
  /** Per point and class: completed stays, and the observations that they lasted. */
  readonly stays: Float32Array;
  readonly stayed: Float32Array;
  /** Per class: the same over the network. */
  readonly networkStays: Float64Array;
  readonly networkStayed: Float64Array;
  /** Observations since the last change. */
  readonly dwell: Float32Array;
  /** Share of each class over the network: now, and over everything seen. */
  readonly networkNow: Float64Array;
  readonly networkEver: Float64Array;
  #networkSeen = 0;
  readonly #recent: NetworkSnapshot[] = [];

  constructor(o: { settings: MemorySettings; plan: NetworkPlan }) {
    const { classCount, halfLives } = o.settings;
    const { pointCount } = o.plan;
    for (const groups of o.plan.levels) {
      assert(groups.length === pointCount, "every point has a group at every level");
    }
    this.settings = o.settings;
    this.plan = o.plan;
    this.last = new Uint8Array(pointCount).fill(noStatus);
    this.before = new Uint8Array(pointCount).fill(noStatus);
    this.last_ms = new Float64Array(pointCount);
    this.changed_ms = new Float64Array(pointCount);
    this.updated_ms = new Float64Array(pointCount).fill(Number.NaN);
    this.seen = new Float64Array(pointCount);
    this.shares = halfLives.map(() => new Float32Array(pointCount * classCount));
    this.counts = new Float32Array(pointCount * classCount);
    this.slotCounts = new Float32Array(pointCount * slots * classCount);
    this.changeRate = new Float32Array(pointCount);
    this.stays = new Float32Array(pointCount * classCount);
    this.stayed = new Float32Array(pointCount * classCount);
    this.networkStays = new Float64Array(classCount);
    this.networkStayed = new Float64Array(classCount);
    this.dwell = new Float32Array(pointCount);
    this.networkNow = new Float64Array(classCount);
    this.networkEver = new Float64Array(classCount);
  }

  /** Time of the newest snapshot; -Infinity before the first. */
  get now_ms(): number {
    return this.#recent.at(-1)?.at_ms ?? Number.NEGATIVE_INFINITY;
  }

  /** Takes the next snapshot. Time must not run back: the caller sorts or refuses. */
  observe(snapshot: NetworkSnapshot): void {
    assert(snapshot.at_ms > this.now_ms, "snapshots come in rising time");
    assert(snapshot.statuses.length === this.plan.pointCount, "a snapshot covers every point");
    this.networkNow.fill(0);
    const slot = this.slotOf(snapshot.at_ms);
    let said = 0;
    for (let point = 0; point < this.plan.pointCount; point++) {
      const status = snapshot.statuses[point] ?? noStatus;
      if (status === noStatus) continue;
      said++;
      this.networkNow[status] = (this.networkNow[status] ?? 0) + 1;
      this.updated_ms[point] = snapshot.updated_ms?.[point] ?? Number.NaN;
      this.#observePoint({ point, status, slot, at_ms: snapshot.at_ms });
    }
    this.#observeNetwork(said);
    this.#recent.push(snapshot);
    if (this.#recent.length > this.settings.kept) this.#recent.shift();
  }

  /** The hour of the day of a time, local. */
  slotOf(at_ms: number): number {
    const local_ms = at_ms + this.settings.zone_min * 60_000;
    return Math.floor(local_ms / hour_ms) % slots;
  }

  /** The snapshot this many before the newest, if it is kept. */
  back(count: number): NetworkSnapshot | undefined {
    return this.#recent[this.#recent.length - 1 - count];
  }

  /** The kept snapshot nearest to a time, if one is no further away than the tolerance. */
  near(at_ms: number, tolerance_ms: number): NetworkSnapshot | undefined {
    const kept = this.#recent;
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((kept[middle]?.at_ms ?? 0) < at_ms) low = middle + 1;
      else high = middle;
    }
    const [after, earlier] = [kept[low], kept[low - 1]];
    const distance = (one: NetworkSnapshot | undefined): number =>
      one === undefined ? Number.POSITIVE_INFINITY : Math.abs(one.at_ms - at_ms);
    const nearest = distance(earlier) <= distance(after) ? earlier : after;
    return distance(nearest) <= tolerance_ms ? nearest : undefined;
  }

  #observePoint(o: { point: number; status: number; slot: number; at_ms: number }): void {
    const { point, status, slot, at_ms } = o;
    const { classCount, halfLives } = this.settings;
    const isChange = this.last[point] !== status;
    if (isChange) {
      this.#endStay(point);
      this.before[point] = this.last[point] ?? noStatus;
      this.changed_ms[point] = at_ms;
    }
    this.dwell[point] = (this.dwell[point] ?? 0) + 1;
    const isFirst = this.seen[point] === 0;
    this.last[point] = status;
    this.last_ms[point] = at_ms;
    this.seen[point] = (this.seen[point] ?? 0) + 1;
    const rateKeep = 0.5 ** (1 / (halfLives[1] ?? 1));
    const rate = isChange && !isFirst ? 1 : 0;
    this.changeRate[point] = (this.changeRate[point] ?? 0) * rateKeep + (1 - rateKeep) * rate;
    this.#moveShares(point, status);
    const first = point * classCount;
    this.counts[first + status] = (this.counts[first + status] ?? 0) + 1;
    const cell = (point * slots + slot) * classCount + status;
    this.slotCounts[cell] = (this.slotCounts[cell] ?? 0) + 1;
  }

  #moveShares(point: number, status: number): void {
    const { classCount, halfLives } = this.settings;
    const first = point * classCount;
    for (const [i, shares] of this.shares.entries()) {
      // The first observations count in full until the half-life has data: an average, then a moving one.
      const keep = Math.min(0.5 ** (1 / (halfLives[i] ?? 1)), 1 - 1 / (this.seen[point] ?? 1));
      for (let c = 0; c < classCount; c++) shares[first + c] = (shares[first + c] ?? 0) * keep;
      shares[first + status] = (shares[first + status] ?? 0) + 1 - keep;
    }
  }

  #endStay(point: number): void {
    const left = this.last[point] ?? noStatus;
    const lasted = this.dwell[point] ?? 0;
    this.dwell[point] = 0;
    if (left === noStatus) return;
    const cell = point * this.settings.classCount + left;
    this.stays[cell] = (this.stays[cell] ?? 0) + 1;
    this.stayed[cell] = (this.stayed[cell] ?? 0) + lasted;
    this.networkStays[left] = (this.networkStays[left] ?? 0) + 1;
    this.networkStayed[left] = (this.networkStayed[left] ?? 0) + lasted;
  }

  #observeNetwork(said: number): void {
    if (said === 0) return;
    this.#networkSeen += 1;
    for (let c = 0; c < this.settings.classCount; c++) {
      const share = (this.networkNow[c] ?? 0) / said;
      this.networkNow[c] = share;
      const ever = this.networkEver[c] ?? 0;
      this.networkEver[c] = ever + (share - ever) / this.#networkSeen;
    }
  }
}

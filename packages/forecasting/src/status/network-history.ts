import { assert } from "@voltfog/runtime";
import { noStatus, type StatusClass } from "./status-class.ts";

/** What all charge points of a network said at one time. */
export interface NetworkSnapshot {
  readonly at_ms: number;
  /** One index into the network's classes per point, `noStatus` where it said nothing. */
  readonly statuses: Uint8Array;
  /** When the network last wrote each point's record, NaN where it does not say. */
  readonly updated_ms?: Float64Array;
}

/** Snapshots of one network in rising time. */
export interface NetworkHistory {
  /** The classes that this network says; statuses count from them. */
  readonly classes: readonly StatusClass[];
  readonly pointIds: readonly string[];
  readonly snapshots: readonly NetworkSnapshot[];
}

/** The history between two times: from ≤ t < to. Shares the snapshots. */
export function historyBetween(
  history: NetworkHistory,
  { from_ms = -Infinity, to_ms = Infinity }: { from_ms?: number; to_ms?: number },
): NetworkHistory {
  const snapshots = history.snapshots.filter(({ at_ms }) => at_ms >= from_ms && at_ms < to_ms);
  return { ...history, snapshots };
}

/** Rows of (time, point, status) gathered to snapshots; the last row of a time and point counts. */
export class NetworkHistoryBuilder {
  readonly #classes: readonly StatusClass[];
  readonly #pointIds: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #byTime = new Map<number, Uint8Array>();
  readonly #updated = new Map<number, Float64Array>();

  constructor(o: { classes: readonly StatusClass[]; pointIds: readonly string[] }) {
    assert(o.classes.length < noStatus, "a class index fits a byte");
    this.#classes = o.classes;
    this.#pointIds = o.pointIds;
    this.#places = new Map(o.pointIds.map((id, place) => [id, place]));
  }

  /** False where the network has no such point. */
  add(row: { at_ms: number; pointId: string; status: StatusClass; updated_ms?: number }): boolean {
    const place = this.#places.get(row.pointId);
    const status = this.#classes.indexOf(row.status);
    if (place === undefined || status < 0) return false;
    let statuses = this.#byTime.get(row.at_ms);
    if (statuses === undefined) {
      statuses = new Uint8Array(this.#pointIds.length).fill(noStatus);
      this.#byTime.set(row.at_ms, statuses);
    }
    statuses[place] = status;
    if (row.updated_ms !== undefined) this.#updatedAt(row.at_ms)[place] = row.updated_ms;
    return true;
  }

  #updatedAt(at_ms: number): Float64Array {
    let times = this.#updated.get(at_ms);
    if (times === undefined) {
      times = new Float64Array(this.#pointIds.length).fill(Number.NaN);
      this.#updated.set(at_ms, times);
    }
    return times;
  }

  build(): NetworkHistory {
    const snapshots = [...this.#byTime]
      .map(([at_ms, statuses]) => {
        const updated_ms = this.#updated.get(at_ms);
        return updated_ms === undefined ? { at_ms, statuses } : { at_ms, statuses, updated_ms };
      })
      .sort((a, b) => a.at_ms - b.at_ms);
    return { classes: this.#classes, pointIds: this.#pointIds, snapshots };
  }
}

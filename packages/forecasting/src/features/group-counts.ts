import { noStatus } from "../status/status-class.ts";
import type { NetworkMemory } from "./network-memory.ts";

/** How many plugs of a group are in which class now. */
export class GroupCounts {
  readonly #groups: Int32Array;
  readonly #classCount: number;
  readonly #counts: Float32Array;
  readonly #sizes: Float32Array;
  #at_ms = Number.NEGATIVE_INFINITY;

  constructor(groups: Int32Array, classCount: number) {
    const groupCount = 1 + groups.reduce((most, group) => Math.max(most, group), 0);
    this.#groups = groups;
    this.#classCount = classCount;
    this.#counts = new Float32Array(groupCount * classCount);
    this.#sizes = new Float32Array(groupCount);
  }

  /** Counts anew when the memory has a newer snapshot. Cost: linear in points, once per snapshot. */
  refresh(memory: NetworkMemory): void {
    if (this.#at_ms === memory.now_ms) return;
    this.#at_ms = memory.now_ms;
    this.#counts.fill(0);
    this.#sizes.fill(0);
    for (const [point, group] of this.#groups.entries()) {
      const last = memory.last[point] ?? noStatus;
      if (last === noStatus) continue;
      this.#sizes[group] = (this.#sizes[group] ?? 0) + 1;
      const cell = group * this.#classCount + last;
      this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
    }
  }

  /** Plugs that are known in the point's group, itself among them. */
  sizeOf(point: number): number {
    return this.#sizes[this.#groups[point] ?? 0] ?? 0;
  }

  countOf(point: number, status: number): number {
    return this.#counts[(this.#groups[point] ?? 0) * this.#classCount + status] ?? 0;
  }
}

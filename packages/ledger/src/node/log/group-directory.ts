/** Where a group lies. */
export interface GroupPlace {
  readonly firstIndex: number;
  readonly count: number;
  /** First index of the segment, which names its file. */
  readonly segment: number;
  /** Start of the group's head in the segment. */
  readonly at_bytes: number;
  readonly records_bytes: number;
}

/** All groups of the journal in order: 24 bytes each, found by binary search. */
export class GroupDirectory {
  #count = 0;
  #firstIndexes = new Float64Array(256);
  #segments = new Float64Array(256);
  #places = new Uint32Array(512);
  #size = 0;

  /** Number of entries in all groups. */
  get size(): number {
    return this.#size;
  }

  get groups(): number {
    return this.#count;
  }

  add(group: GroupPlace): void {
    if (this.#count === this.#firstIndexes.length) this.#grow();
    this.#firstIndexes[this.#count] = group.firstIndex;
    this.#segments[this.#count] = group.segment;
    this.#places[2 * this.#count] = group.at_bytes;
    this.#places[2 * this.#count + 1] = group.records_bytes;
    this.#count++;
    this.#size = group.firstIndex + group.count;
  }

  /** The group that holds the entry, or undefined where the log is not that long. */
  of(index: number): GroupPlace | undefined {
    if (index < 0 || index >= this.#size) return undefined;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#firstIndexes[middle] as number) <= index) low = middle + 1;
      else high = middle;
    }
    return this.at(low - 1);
  }

  at(group: number): GroupPlace | undefined {
    const firstIndex = this.#firstIndexes[group];
    if (group < 0 || group >= this.#count || firstIndex === undefined) return undefined;
    const next = group + 1 < this.#count ? (this.#firstIndexes[group + 1] as number) : this.#size;
    return {
      firstIndex,
      count: next - firstIndex,
      segment: this.#segments[group] as number,
      at_bytes: this.#places[2 * group] as number,
      records_bytes: this.#places[2 * group + 1] as number,
    };
  }

  #grow(): void {
    const [firstIndexes, segments, places] = [this.#firstIndexes, this.#segments, this.#places];
    this.#firstIndexes = new Float64Array(2 * firstIndexes.length);
    this.#firstIndexes.set(firstIndexes);
    this.#segments = new Float64Array(2 * segments.length);
    this.#segments.set(segments);
    this.#places = new Uint32Array(2 * places.length);
    this.#places.set(places);
  }
}

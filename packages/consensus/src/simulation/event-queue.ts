interface Event {
  readonly at_ms: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: events run in order of their time, and of their entry where the times are equal. */
export class EventQueue {
  readonly #heap: Event[] = [];
  #order = 0;
  #now_ms = 0;

  get now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, run: () => void): void {
    this.#heap.push({ at_ms: this.#now_ms + Math.max(0, delay_ms), order: this.#order++, run });
    this.#siftUp(this.#heap.length - 1);
  }

  /** Runs the next event; false when none is left. */
  runNext(): boolean {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return false;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#siftDown();
    }
    this.#now_ms = first.at_ms;
    first.run();
    return true;
  }

  #siftUp(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #siftDown(): void {
    let at = 0;
    for (;;) {
      let least = at;
      if (this.#isBefore(2 * at + 1, least)) least = 2 * at + 1;
      if (this.#isBefore(2 * at + 2, least)) least = 2 * at + 2;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return (
      first.at_ms < second.at_ms || (first.at_ms === second.at_ms && first.order < second.order)
    );
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}

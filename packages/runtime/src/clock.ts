/** Time as a port, so that one seed replays one run. */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. May jump. */
  wall_ms(): number;
  /** Monotonic time since an arbitrary start, milliseconds. Never goes back. */
  monotonic_ms(): number;
  /** Runs the task once after the delay; the returned function cancels it. */
  after(delay_ms: number, task: () => void): () => void;
}

/** A clock that moves only when told, for tests and simulations. Tasks run in order of their time. */
export class ManualClock implements Clock {
  #now_ms: number;
  #nextId = 0;
  #tasks: { at_ms: number; id: number; task: () => void }[] = [];

  constructor(start_ms = 0) {
    this.#now_ms = start_ms;
  }

  wall_ms(): number {
    return this.#now_ms;
  }

  monotonic_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, task: () => void): () => void {
    const entry = { at_ms: this.#now_ms + Math.max(0, delay_ms), id: this.#nextId++, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Moves time forward and runs what falls due on the way. */
  advance(step_ms: number): void {
    const end_ms = this.#now_ms + step_ms;
    for (;;) {
      const due = this.#tasks
        .filter((entry) => entry.at_ms <= end_ms)
        .sort((a, b) => a.at_ms - b.at_ms || a.id - b.id)[0];
      if (due === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== due);
      this.#now_ms = due.at_ms;
      due.task();
    }
    this.#now_ms = end_ms;
  }
}

import type { Clock } from "@voltfog/runtime";

/** Requests that may be held open at one time; further ones are answered at once. */
const waitersMax = 512;

/** Lets requests wait for something to change, a bounded time and a bounded number of them. */
export class ChangeSignal {
  readonly #clock: Clock;
  readonly #waiters = new Set<() => void>();

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Something changed: whoever waits looks again. */
  notify(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }

  /** Resolves when `holds` does or the time is over, whichever is first. */
  async until(holds: () => boolean, wait_ms: number): Promise<void> {
    const end_ms = this.#clock.monotonic_ms() + wait_ms;
    while (!holds() && this.#waiters.size < waitersMax) {
      const left_ms = end_ms - this.#clock.monotonic_ms();
      if (left_ms <= 0) return;
      await this.#next(left_ms);
    }
  }

  #next(wait_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#waiters.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(wait_ms, wake);
      this.#waiters.add(wake);
    });
  }
}

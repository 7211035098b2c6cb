import type { Clock } from "@voltfog/runtime";

/** The timers that the engine has set, one for each name. */
export class EngineTimers {
  readonly #clock: Clock;
  readonly #over: (timer: string) => void;
  readonly #cancels = new Map<string, () => void>();

  constructor(options: { clock: Clock; over: (timer: string) => void }) {
    this.#clock = options.clock;
    this.#over = options.over;
  }

  set({ timer, delay_ms }: { timer: string; delay_ms: number }): void {
    this.#cancels.get(timer)?.();
    const cancel = this.#clock.after(delay_ms, () => {
      this.#cancels.delete(timer);
      this.#over(timer);
    });
    this.#cancels.set(timer, cancel);
  }

  cancel(timer: string): void {
    this.#cancels.get(timer)?.();
    this.#cancels.delete(timer);
  }

  cancelAll(): void {
    for (const cancel of this.#cancels.values()) cancel();
  }
}

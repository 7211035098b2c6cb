import type { Clock } from "@voltfog/runtime";

interface Allowance {
  left: number;
  at_ms: number;
}

const callersMax = 10_000;

/**
 * How much each caller may still ask: a bucket of `burst` that fills by `perSecond` (token bucket). The
 * callers that asked longest ago are forgotten beyond ten thousand, which fills theirs.
 */
export class RequestAllowance {
  readonly #callers = new Map<string, Allowance>();
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #clock: Clock;

  constructor(options: { burst: number; perSecond: number; clock: Clock }) {
    this.#burst = options.burst;
    this.#perSecond = options.perSecond;
    this.#clock = options.clock;
  }

  /** Takes one request; the whole seconds to wait where none is left. */
  take(caller: string): { readonly ok: true } | { readonly ok: false; readonly wait_s: number } {
    const at_ms = this.#clock.monotonic_ms();
    const known = this.#callers.get(caller) ?? { left: this.#burst, at_ms };
    const refilled = known.left + ((at_ms - known.at_ms) / 1000) * this.#perSecond;
    const left = Math.min(this.#burst, refilled);
    this.#callers.delete(caller);
    this.#callers.set(caller, { left: left >= 1 ? left - 1 : left, at_ms });
    if (this.#callers.size > callersMax) this.#forgetOldest();
    if (left >= 1) return { ok: true };
    return { ok: false, wait_s: Math.max(1, Math.ceil((1 - left) / this.#perSecond)) };
  }

  #forgetOldest(): void {
    for (const oldest of this.#callers.keys()) {
      this.#callers.delete(oldest);
      return;
    }
  }
}

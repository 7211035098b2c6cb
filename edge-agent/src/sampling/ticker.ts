import type { Clock } from "@voltfog/runtime";

/**
 * Calls at start + offset + n · period without drift. A call that comes more than a period late is not
 * made up for: a battery cannot be read in the past. Returns the stop.
 */
export function startTicker(options: {
  clock: Clock;
  period_ms: number;
  offset_ms: number;
  onTick: () => void;
}): () => void {
  const { clock, period_ms } = options;
  let due_ms = clock.monotonic_ms() + options.offset_ms;
  let cancel = (): void => {};
  const wait = (): void => {
    cancel = clock.after(Math.max(0, due_ms - clock.monotonic_ms()), () => {
      const late_ms = clock.monotonic_ms() - due_ms;
      due_ms += period_ms * (1 + Math.max(0, Math.floor(late_ms / period_ms)));
      wait();
      options.onTick();
    });
  };
  wait();
  return () => cancel();
}

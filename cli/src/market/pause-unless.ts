import type { Clock } from "@voltfog/runtime";

/** Waits; resolves early once the signal says that it is over. */
export function pauseUnless(o: {
  clock: Clock;
  signal: AbortSignal | undefined;
  delay_ms: number;
}): Promise<void> {
  const { clock, signal, delay_ms } = o;
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delay_ms, done);
    signal?.addEventListener("abort", done);
    if (signal?.aborted === true) done();
  });
}

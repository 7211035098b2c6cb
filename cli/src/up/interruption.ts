import { systemClock } from "@voltfog/runtime/node";

/** npm hands on a Ctrl-C that the terminal has already delivered; both arrive within this time. */
const echo_ms = 1000;

/**
 * Resolves at the first Ctrl-C, SIGTERM or hang-up with the signal's name. Another one, later than an
 * echo of the first, calls `force`.
 */
export function interruption(force: () => void): Promise<string> {
  return new Promise((resolve) => {
    let first_ms: number | undefined;
    const onSignal = (signal: string): void => {
      const now_ms = systemClock.monotonic_ms();
      if (first_ms === undefined) {
        first_ms = now_ms;
        resolve(signal);
      } else if (now_ms - first_ms > echo_ms) {
        force();
      }
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  });
}

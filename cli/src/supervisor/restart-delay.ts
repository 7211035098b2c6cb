const first_ms = 250;
const most_ms = 10_000;
/** A process that has lived this long is taken for healthy again. */
const healthyAfter_ms = 30_000;

/** How long to wait before the next start: 250 ms, doubling up to 10 s while the process keeps dying young. */
export function restartDelay_ms(options: { failures: number; lived_ms: number }): {
  delay_ms: number;
  failures: number;
} {
  const before = options.lived_ms >= healthyAfter_ms ? 0 : options.failures;
  return {
    delay_ms: Math.min(most_ms, first_ms * 2 ** Math.min(before, 10)),
    failures: before + 1,
  };
}

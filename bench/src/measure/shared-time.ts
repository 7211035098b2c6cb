/**
 * Monotonic time that all processes of this machine share, in milliseconds: CLOCK_MONOTONIC on Linux.
 * The clock port counts from each process's own start and can't be compared between two of them.
 */
export function sharedTime_ms(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

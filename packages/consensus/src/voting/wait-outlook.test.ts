import { describe, expect, it } from "vitest";
import { freshOutlook, isWaitWorth, outlookAfter, type WaitOutlook } from "./wait-outlook.ts";

const after = (outlook: WaitOutlook, blocks: readonly boolean[]): WaitOutlook =>
  blocks.reduce(outlookAfter, outlook);

/** In how many of these blocks the collector waits for shares. */
function waits(outlook: WaitOutlook, blocks: readonly boolean[]): number {
  let now = outlook;
  let count = 0;
  for (const cameInTime of blocks) {
    if (isWaitWorth(now)) count += 1;
    now = outlookAfter(now, cameInTime);
  }
  return count;
}

const times = (count: number, cameInTime: boolean): boolean[] => new Array(count).fill(cameInTime);

describe("what a collector expects of the fast path", () => {
  it("waits at first, and never again while shares are missing", () => {
    expect(waits(freshOutlook, times(1000, false))).toBe(1);
  });

  it("waits again once shares came in time in as many blocks as the waits in vain ask for", () => {
    const failed = outlookAfter(freshOutlook, false);
    expect(isWaitWorth(after(failed, [true]))).toBe(false);
    expect(isWaitWorth(after(failed, [true, true]))).toBe(true);
    expect(isWaitWorth(after(failed, [true, false, true]))).toBe(false);
  });

  it("waits rarely for a voter that comes and goes, and always again for one that stays", () => {
    let now = freshOutlook;
    let inVain = 0;
    for (let block = 0; block < 1000; block++) {
      const isThere = !isWaitWorth(now);
      if (!isThere) inVain += 1;
      now = outlookAfter(now, isThere);
    }
    expect(inVain).toBeLessThan(1000 / 32 + 6);
    expect(now.needed).toBe(32);
    expect(waits(now, times(1000, true))).toBeGreaterThanOrEqual(1000 - 32);
    expect(after(now, times(40, true)).needed).toBe(1);
  });
});

import { ManualClock } from "@voltfog/runtime";
import { beforeEach, describe, expect, it } from "vitest";
import { Gathering } from "./gathering.ts";

let clock = new ManualClock();
let waiting = 0;
let built: number[] = [];
let told = 0;
const made = (): Gathering => new Gathering({ clock, waiting: () => waiting, tell: () => told++ });
let gathering = made();
const build = (): number => built.push(waiting);

function arrive(count: number): void {
  for (let i = 0; i < count; i++) {
    waiting++;
    gathering.grown();
  }
}

/** A block of everything that waits but `left` is final; some of its clients have come back already. */
function finalBlock({ left, back = 0 }: { left: number; back?: number }): void {
  const answered = waiting - left;
  waiting = left + back;
  gathering.heightStarted({ answered, left });
}

beforeEach(() => {
  clock = new ManualClock();
  waiting = 0;
  built = [];
  told = 0;
  gathering = made();
});

describe("a builder that expects those whom the last block answered", () => {
  it("builds as soon as as many have come, beside those that waited before", () => {
    waiting = 10;
    finalBlock({ left: 5 });
    gathering.before(build);
    clock.advance(2);
    arrive(4);
    expect(built).toEqual([]);
    arrive(1);
    expect(built).toEqual([10]);
    clock.advance(20);
    expect(built).toHaveLength(1);
  });

  it("counts those whom other validators answered before this one", () => {
    waiting = 10;
    finalBlock({ left: 0, back: 4 });
    gathering.before(build);
    arrive(5);
    expect(built).toEqual([]);
    arrive(1);
    expect(built).toEqual([10]);
  });

  it("builds without them 8 ms after the block, whenever it was asked", () => {
    waiting = 10;
    finalBlock({ left: 0 });
    clock.advance(5);
    gathering.before(build);
    arrive(9);
    clock.advance(2);
    expect(built).toEqual([]);
    clock.advance(1);
    expect(built).toEqual([9]);
  });

  it("never waits for a single client, after an empty block, or where the interval of blocks is longer", () => {
    waiting = 1;
    finalBlock({ left: 0 });
    arrive(1);
    gathering.before(build);
    expect(built).toEqual([1]);
    waiting = 0;
    finalBlock({ left: 0 });
    gathering.before(build);
    expect(built).toEqual([1, 0]);
    waiting = 100;
    finalBlock({ left: 0 });
    clock.advance(8);
    gathering.before(build);
    expect(built).toEqual([1, 0, 0]);
  });

  it("waits ever more rarely while nobody comes, and again once they do", () => {
    const waits = (comes: boolean): boolean => {
      waiting = 10;
      finalBlock({ left: 0 });
      built = [];
      gathering.before(build);
      const hasWaited = built.length === 0;
      if (comes) arrive(10);
      clock.advance(8);
      expect(built).toHaveLength(1);
      return hasWaited;
    };
    const inVain = Array.from({ length: 400 }, () => waits(false)).filter(Boolean).length;
    expect(inVain).toBeGreaterThan(5);
    expect(inVain).toBeLessThan(20);
    const worth = Array.from({ length: 200 }, () => waits(true)).filter(Boolean).length;
    expect(worth).toBeGreaterThan(130);
  });

  it("tells of the first transaction of a height that begins without any, and of no other", () => {
    arrive(3);
    expect(told).toBe(1);
    finalBlock({ left: 1 });
    arrive(2);
    expect(told).toBe(1);
    finalBlock({ left: 0 });
    arrive(2);
    expect(told).toBe(2);
  });

  it("builds nothing of a height that is over", () => {
    waiting = 4;
    finalBlock({ left: 0 });
    gathering.before(build);
    finalBlock({ left: 0 });
    clock.advance(20);
    expect(built).toEqual([]);
  });

  it("builds for the last round that asked", () => {
    waiting = 4;
    finalBlock({ left: 0 });
    gathering.before(() => built.push(-1));
    gathering.before(build);
    arrive(4);
    expect(built).toEqual([4]);
  });
});

import { ManualClock, silentLogger } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import type { UnitClient } from "./unit-client.ts";
import type { UnitHeartbeat } from "./unit-heartbeat.ts";
import { Uplinks } from "./uplinks.ts";

const answer: UnitHeartbeat = {
  ...{ id: "unit-1", incarnation: "aa", term: 1, leader: null },
  ...{ connectedVersion: 1, stateVersion: 1 },
};

/** One way: how long its answers take; undefined while it is down. */
class Way {
  delay_ms: number | undefined;
  asked = 0;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock, delay_ms: number) {
    this.#clock = clock;
    this.delay_ms = delay_ms;
  }

  client(url: string): UnitClient {
    return {
      url,
      heartbeat: () => this.#answer(),
      status: () => Promise.reject(new Error("not asked")),
      assign: () => Promise.resolve(),
      close() {},
    };
  }

  #answer(): Promise<UnitHeartbeat> {
    this.asked += 1;
    const { delay_ms } = this;
    if (delay_ms === undefined) return Promise.reject(new Error("no answer"));
    return new Promise((resolve) => this.#clock.after(delay_ms, () => resolve(answer)));
  }
}

interface Site {
  readonly ways: readonly [Way, Way];
  readonly uplinks: Uplinks;
  chosen(): string | undefined;
  /** So many heartbeats; false for each that nobody answered. */
  beat(times: number): Promise<boolean[]>;
}

function site(a_ms: number, b_ms: number): Site {
  const clock = new ManualClock(0);
  const ways = [new Way(clock, a_ms), new Way(clock, b_ms)] as const;
  const clients = [ways[0].client("https://a"), ways[1].client("https://b")] as const;
  const uplinks = new Uplinks({ id: "unit-1", clients, clock, logger: silentLogger });
  const beatOnce = async (): Promise<boolean> => {
    let isOver = false;
    const heard = uplinks.heartbeat(undefined).then(
      () => true,
      () => false,
    );
    void heard.then(() => {
      isOver = true;
    });
    // The slower way answers after the faster one: that is waited for as well.
    for (let i = 0; i < 200 || !isOver; i++) {
      clock.advance(1);
      await Promise.resolve();
    }
    return heard;
  };
  return {
    ways,
    uplinks,
    chosen: () => uplinks.views.find(({ chosen }) => chosen)?.url,
    async beat(times) {
      const heard: boolean[] = [];
      for (let i = 0; i < times; i++) heard.push(await beatOnce());
      return heard;
    },
  };
}

describe("Uplinks", () => {
  it("asks the chosen way each time and all ways each fourth time", async () => {
    const { ways, beat, chosen } = site(10, 10);
    await beat(12);
    expect(ways.map(({ asked }) => asked)).toEqual([12, 3]);
    expect(chosen()).toBe("https://a");
  });

  it("changes to a way that is faster by a fifth and 2 ms only after three comparisons in a row", async () => {
    const { ways, uplinks, beat, chosen } = site(10, 50);
    await beat(8);
    ways[0].delay_ms = 100;
    ways[1].delay_ms = 50;
    // The median of nine has to follow first.
    await beat(4);
    expect(chosen()).toBe("https://a");
    await beat(24);
    expect(chosen()).toBe("https://b");
    expect(uplinks.latency_ms).toBe(50);
    expect(uplinks.client.url).toBe("https://b");
  });

  it("stays where it is while the other is not better by enough, however long", async () => {
    const { beat, chosen } = site(10, 8.5);
    await beat(60);
    expect(chosen()).toBe("https://a");
    const far = site(100, 85);
    await far.beat(60);
    expect(far.chosen()).toBe("https://a");
  });

  it("does not go back and forth between two ways whose latencies change in turns", async () => {
    const { ways, beat, chosen } = site(20, 20);
    let changes = 0;
    let last = chosen();
    for (let i = 0; i < 120; i++) {
      const isEven = Math.floor(i / 4) % 2 === 0;
      ways[0].delay_ms = isEven ? 16 : 24;
      ways[1].delay_ms = isEven ? 24 : 16;
      await beat(1);
      if (chosen() !== last) changes += 1;
      last = chosen();
    }
    expect(changes).toBeLessThanOrEqual(1);
  });

  it("answers over the other way in the same heartbeat when the chosen one fails, and stays there", async () => {
    const { ways, beat, chosen, uplinks } = site(10, 30);
    await beat(5);
    ways[0].delay_ms = undefined;
    expect(await beat(3)).toEqual([true, true, true]);
    expect(chosen()).toBe("https://b");
    expect(uplinks.views[0]).toMatchObject({ latency_ms: null, chosen: false });
    ways[0].delay_ms = 29;
    await beat(40);
    expect(chosen()).toBe("https://b");
  });

  it("is a miss when no way answers, and is back with the first that does", async () => {
    const { ways, beat, chosen } = site(10, 30);
    await beat(5);
    for (const way of ways) way.delay_ms = undefined;
    expect(await beat(4)).toEqual([false, false, false, false]);
    ways[1].delay_ms = 30;
    expect(await beat(1)).toEqual([true]);
    expect(chosen()).toBe("https://b");
  });
});

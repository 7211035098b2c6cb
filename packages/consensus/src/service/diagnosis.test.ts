import { expect, test } from "vitest";
import { CertifiedService, certificatesKept } from "./certified-service.ts";
import { consensusOffset_ms, diagnose, type ServiceFacts } from "./diagnosis.ts";
import type { LinkView } from "./link-measure.ts";
import { OwnPauses } from "./own-pauses.ts";

const goodLink: LinkView = {
  connected: true,
  silent_ms: 100,
  lowest_ms: 4,
  median_ms: 6,
  clockOffset_ms: 12,
  pausedShare: 0,
  drainRate_bytes_per_s: 5_000_000,
};

function facts(options: {
  participation?: number;
  certificates?: number;
  link?: Partial<LinkView>;
  stoppedLately?: boolean;
}): ServiceFacts {
  const { participation = 1, certificates = 100, stoppedLately = false } = options;
  const link = { ...goodLink, ...options.link };
  return { certified: { participation, certificates, delay_ms: 20 }, link, stoppedLately };
}

const verdict = (options: Parameters<typeof facts>[0]): unknown => diagnose(facts(options), 0);

test("who seals most certificates over a sound link is agile, on a slow or narrow one too", () => {
  const agile = { state: "agile", cause: null };
  expect(verdict({})).toEqual(agile);
  expect(verdict({ participation: 0.67 })).toEqual(agile);
  expect(verdict({ link: { lowest_ms: 900, median_ms: 900 } })).toEqual(agile);
  expect(verdict({ link: { drainRate_bytes_per_s: 1000 } })).toEqual(agile);
});

test("few seals name the cause that the link shows", () => {
  const low = { participation: 0.3 };
  const slow = { lowest_ms: 600, median_ms: 650 };
  expect(verdict({ ...low, link: slow })).toEqual({ state: "blunt", cause: "latency" });
  const queue = { lowest_ms: 20, median_ms: 1500 };
  expect(verdict({ ...low, link: queue })).toEqual({ state: "blunt", cause: "bandwidth" });
  const narrow = { drainRate_bytes_per_s: 30_000 };
  expect(verdict({ ...low, link: narrow })).toEqual({ state: "blunt", cause: "bandwidth" });
  expect(verdict({ ...low, stoppedLately: true })).toEqual({ state: "blunt", cause: "stopped" });
  expect(verdict(low)).toEqual({ state: "blunt", cause: null });
});

test("a stopped process and a wrong clock are blunt at once, whatever was sealed before", () => {
  const stopped = { state: "blunt", cause: "stopped" };
  expect(verdict({ link: { connected: false } })).toEqual(stopped);
  expect(verdict({ link: { pausedShare: 0.4 } })).toEqual(stopped);
  expect(verdict({ link: { silent_ms: 6000 } })).toEqual(stopped);
  expect(verdict({ certificates: 0, link: { clockOffset_ms: -30_000 } })).toEqual({
    state: "blunt",
    cause: "clock",
  });
});

test("a long trip does not pass for a wrong clock", () => {
  const link = { lowest_ms: 3000, median_ms: 3000, clockOffset_ms: 1500 };
  expect(verdict({ link })).toEqual({ state: "agile", cause: null });
});

test("before enough certificates nothing is said", () => {
  expect(verdict({ certificates: 9 })).toEqual({ state: "unknown", cause: null });
});

test("the clock that is wrong finds itself wrong", () => {
  expect(consensusOffset_ms([-30_000, -29_990, -30_010])).toBeCloseTo(-29_995, 0);
  expect(consensusOffset_ms([30_000, 5, -5])).toBeCloseTo(2.5, 1);
  expect(consensusOffset_ms([30_000])).toBe(0);
});

test("only the last certificates count, each for those who could seal it", () => {
  const service = new CertifiedService();
  const add = (seats: string[], ids: string[], proposer: string, delay_ms = 10): void => {
    const seals = ids.map((id) => ({ id, delay_ms }));
    service.add({ seats, seals, proposer, at_ms: 0 });
  };
  for (let i = 0; i < 50; i++) add(["a", "b"], ["b"], "b", 500);
  for (let i = 0; i < certificatesKept - 10; i++) add(["a", "b"], ["a"], "a", 30);
  for (let i = 0; i < 10; i++) add(["a", "b", "c"], ["a", "c"], "a", 30);
  expect(service.of("a")).toEqual({ participation: 1, certificates: 100, delay_ms: 30 });
  expect(service.of("b")).toEqual({ participation: 0, certificates: 100, delay_ms: undefined });
  expect(service.of("c")).toMatchObject({ participation: 1, certificates: 10 });
  expect(service.of("d")).toMatchObject({ participation: undefined, certificates: 0 });
});

test("a process that was held up counts how long, and takes what most links show as its own", () => {
  const pauses = new OwnPauses({ tick_ms: 100, now_ms: 0 });
  expect(pauses.tick(100)).toBe(false);
  expect(pauses.tick(220)).toBe(false);
  expect(pauses.total_ms(1320)).toBe(1000);
  expect(pauses.tick(10_320)).toBe(true);
  expect(pauses.total_ms(10_320)).toBe(10_000);
  const slow = { ...goodLink, lowest_ms: 800, median_ms: 900 };
  const view = pauses.ownView([slow, slow, goodLink], 10_320);
  expect(view).toMatchObject({ connected: true, lowest_ms: 800, pausedShare: 0.5 });
  expect(pauses.ownView([], 60_000)).toMatchObject({ pausedShare: 0, lowest_ms: undefined });
});

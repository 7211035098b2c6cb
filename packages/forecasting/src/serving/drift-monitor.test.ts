import { expect, test } from "vitest";
import type { FeedRecord, FeedSnapshot } from "../feeds/charger-feed.ts";
import { DriftMonitor } from "./drift-monitor.ts";
import type { PointShares } from "./served-model.ts";

const points = Array.from({ length: 600 }, (_, i) => `p${i}`);

function came(status: FeedRecord["status"]): FeedSnapshot {
  return { at_ms: 0, records: points.map((pointId) => ({ pointId, status }) as FeedRecord) };
}
const saying = (available: number): PointShares =>
  new Map(points.map((id) => [id, { available, charging: 1 - available }]));

test("a model that is better than the blend is trusted, however wrong both are", () => {
  const monitor = new DriftMonitor();
  monitor.add(came("charging"), { model: saying(0.8), blend: saying(0.9) });
  expect(monitor.reason).toBeUndefined();
});

test("a model that has become worse is not, and the reason has both figures", () => {
  const monitor = new DriftMonitor();
  monitor.add(came("charging"), { model: saying(0.9), blend: saying(0.5) });
  expect(monitor.reason).toContain("2.303, that of the blend 0.693");
});

test("it is trusted again when the last six snapshots say so", () => {
  const monitor = new DriftMonitor();
  monitor.add(came("charging"), { model: saying(0.9), blend: saying(0.5) });
  for (let i = 0; i < 6; i++) {
    monitor.add(came("available"), { model: saying(0.9), blend: saying(0.5) });
  }
  expect(monitor.reason).toBeUndefined();
});

test("few rows, and points that one of the two does not know, say nothing", () => {
  const monitor = new DriftMonitor();
  const few = new Map([...saying(0.9)].slice(0, 100));
  monitor.add(came("charging"), { model: few, blend: saying(0.5) });
  monitor.add(came("charging"), { model: new Map(), blend: saying(0.5) });
  expect(monitor.reason).toBeUndefined();
});

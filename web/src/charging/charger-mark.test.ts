import { expect, test } from "vitest";
import type { ChargerFacts } from "../api/shapes.ts";
import {
  type Charger,
  canServe,
  kindOf,
  markAt,
  markPath,
  marksIn,
  marksText,
  plugCounts,
} from "./charger-mark.ts";

const frame = { width: 300, height: 300 };
const view = { latitude: 48.85, longitude: 2.35, width_km: 10 };
const facts: ChargerFacts = {
  name: "Quai",
  plugs: 3,
  inService: 3,
  free: 1,
  types: ["type2"],
  powerMax_kW: 22,
  price_EURperkWh: null,
};

function charger(id: string, east: number, more: Partial<ChargerFacts> = {}): Charger {
  const coordinates: readonly [number, number] = [view.longitude + east, view.latitude];
  return { id, geometry: { coordinates }, properties: { ...facts, ...more } };
}

function marks(chargers: readonly Charger[], ranks = new Map<string, number>()): string[] {
  return marksIn(chargers, { view, frame, ranks }).map(({ id }) => id);
}

test("a charger is free, full or out of service, each with a shape of its own", () => {
  expect(kindOf(facts)).toBe("free");
  expect(kindOf({ ...facts, free: 0 })).toBe("full");
  expect(kindOf({ ...facts, free: 0, inService: 0 })).toBe("out");
  const shapes = (["free", "full", "out"] as const).map((kind) => markPath(kind, 7));
  expect(new Set(shapes.map((path) => path.replace(/[-\d. ]/g, ""))).size).toBe(3);
});

test("plugs are counted over all chargers", () => {
  const all = [charger("a", 0), charger("b", 0, { free: 0, inService: 2 })];
  expect(plugCounts(all)).toEqual({ free: 1, inService: 5 });
  expect(plugCounts([])).toEqual({ free: 0, inService: 0 });
});

test("only chargers with a plug and a power that may fit are for this driver", () => {
  expect(canServe(facts, { plugs: ["type2", "ccs"], powerMin_kW: 22 })).toBe(true);
  expect(canServe(facts, { plugs: ["ccs"], powerMin_kW: 0 })).toBe(false);
  expect(canServe(facts, { plugs: ["type2"], powerMin_kW: 50 })).toBe(false);
});

test("the recommended are drawn above the others, the best on top, and what is out of view not at all", () => {
  const all = [charger("best", 0.01), charger("near", 0), charger("second", 0.02)];
  const ranks = new Map([
    ["best", 1],
    ["second", 2],
  ]);
  expect(marks([...all, charger("far", 2)], ranks)).toEqual(["near", "second", "best"]);
});

test("a crowded map draws the nearest to its middle, up to a limit", () => {
  const crowd = Array.from({ length: 900 }, (_, i) => charger(`c${i}`, i * 1e-5));
  const drawn = marks(crowd);
  expect(drawn).toHaveLength(600);
  expect(drawn).toContain("c0");
  expect(drawn).not.toContain("c899");
});

test("a tap means the nearest mark within a finger's width, else the place itself", () => {
  const drawn = marksIn([charger("a", 0), charger("b", 0.005)], { view, frame, ranks: new Map() });
  expect(markAt({ x: 152, y: 150 }, drawn)?.id).toBe("a");
  expect(markAt({ x: 159, y: 150 }, drawn)?.id).toBe("b");
  expect(markAt({ x: 152, y: 190 }, drawn)).toBeUndefined();
});

test("the map says in words what it shows", () => {
  expect(marksText([])).toBe("No charger in view.");
  const shown = [charger("a", 0), charger("b", 0.01, { free: 0 }), charger("c", 0.02, { free: 0 })];
  const drawn = marksIn(shown, { view, frame, ranks: new Map() });
  expect(marksText(drawn)).toBe(
    "3 chargers in view: 1 with a free plug, 2 with all taken, 0 out of service.",
  );
});

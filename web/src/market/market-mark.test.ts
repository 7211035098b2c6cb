import type { MarketOrderView } from "@voltfog/messages";
import { expect, it } from "vitest";
import { marketMarkAt, marketMarksIn, marketMarksText } from "./market-mark.ts";

type Order = Pick<MarketOrderView, "id" | "side" | "place">;
const order: Order = {
  id: "a1",
  side: "sell",
  place: { kind: "earth", latitude: 48.85, longitude: 2.35 },
};
const meetingPoints = [
  {
    id: "1",
    geometry: { coordinates: [2.36, 48.85] },
    properties: { name: "North gate" },
  } as const,
];
const shown = {
  view: { latitude: 48.85, longitude: 2.35, width_km: 10 },
  frame: { width: 300, height: 300 },
};

it("orders and meeting points are drawn where they are, an experiment's plane is not", () => {
  const plane: Order = { ...order, id: "a2", place: { kind: "plane", x_m: 1, y_m: 1 } };
  const away: Order = {
    ...order,
    id: "a3",
    place: { kind: "earth", latitude: 0, longitude: 0 },
  };
  const marks = marketMarksIn({ orders: [order, plane, away], meetingPoints }, shown);
  expect(marks.map(({ id, name, kind }) => [id, name, kind])).toEqual([
    ["a1", "a1", "sell"],
    ["1", "North gate", "meeting"],
  ]);
  expect([marks[0]?.x, marks[0]?.y]).toEqual([150, 150]);
  expect(marketMarkAt({ x: 160, y: 150 }, marks)?.id).toBe("a1");
  expect(marketMarkAt({ x: 10, y: 10 }, marks)).toBe(undefined);
  expect(marketMarksText(marks)).toBe("In view: 1 offer, 0 requests, 1 meeting point.");
  expect(marketMarksText([])).toBe("Nothing of the market in view.");
});

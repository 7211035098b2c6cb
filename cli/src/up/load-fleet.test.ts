import { expect, test } from "vitest";
import { parseFleet } from "./load-fleet.ts";

test("a history is 200 vehicles over two years, or what is asked for", () => {
  expect(parseFleet("history")).toEqual({ vehicles: 200, days: 731 });
  expect(parseFleet("history:20x60")).toEqual({ vehicles: 20, days: 60 });
});

test.each([
  "",
  "future",
  "history:0x60",
  "history:20x0",
  "history:99999x1",
  "history:20",
  "history:1x99999",
])("%j is no fleet", (text) => {
  expect(() => parseFleet(text)).toThrow(expect.objectContaining({ code: "FLEET_UNKNOWN" }));
});

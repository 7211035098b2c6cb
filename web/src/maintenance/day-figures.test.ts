import { expect, test } from "vitest";
import { calendarPlace, dayFigure, dayFigures } from "./day-figures.ts";

test("days stand under their week and beside their weekday, from Monday on", () => {
  expect(calendarPlace("2026-01-01")).toEqual({ year: 2026, week: 0, weekday: 3 });
  expect(calendarPlace("2026-01-05")).toEqual({ year: 2026, week: 1, weekday: 0 });
  expect(calendarPlace("2024-12-31")).toEqual({ year: 2024, week: 52, weekday: 1 });
});

test("an address with an unknown figure shows the first", () => {
  expect(dayFigure("hot").label).toContain("40 °C");
  expect(dayFigure("nothing")).toBe(dayFigures[0]);
  expect(dayFigure(null)).toBe(dayFigures[0]);
});

import { expect, it } from "vitest";
import { readable } from "./sentence.ts";

it("writes units as people do, and settings by what they are", () => {
  expect(
    readable(
      "temperature-regulation 1.1.0 of vehicle-05: earlier_degC from 0 to 3 degC: the pack is cold, -14.0 degC; earlier_degC 3, because 2 alarms of the pack are open",
    ),
  ).toBe(
    "temperature-regulation 1.1.0 of vehicle-05: head start of cooling from 0 to 3\u2009°C: the pack is cold, −14.0\u2009°C; head start of cooling 3, because 2 alarms of the pack are open",
  );
});

it("leaves everything else as the unit signed it", () => {
  const sentence = "vehicle-05 itself reports cell-under-voltage, level 1: cell 75 at 2.765 V";
  expect(readable(sentence)).toBe(sentence);
  expect(readable("new_setting from 1 to 2")).toBe("new_setting from 1 to 2");
});

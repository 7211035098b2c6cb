import { expect, test } from "vitest";
import { parseTarget, parseTargets } from "./uplink-target.ts";

test.each([
  ["unit-1@127.0.0.1:1883", { unitId: "unit-1", host: "127.0.0.1", port: 1883 }],
  ["unit-1@mqtts://unit-1.example:1", { unitId: "unit-1", host: "unit-1.example", port: 1 }],
  ["unit-1@[::1]:1883", { unitId: "unit-1", host: "::1", port: 1883 }],
])("%s is a unit", (text, target) => {
  expect(parseTarget(text)).toEqual(target);
});

test.each([
  "",
  "unit-1",
  "unit-1@host",
  "unit-1@mqtt://host:1",
  "Unit@host:1",
  "u@host:0",
  "u@host:70000",
  "u@ho/st:1",
])("%j is none", (text) => {
  expect(parseTarget(text)).toBeUndefined();
  expect(() => parseTargets([text])).toThrow(/units holds/);
});

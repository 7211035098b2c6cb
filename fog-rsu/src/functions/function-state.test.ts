import fc from "fast-check";
import { expect, test } from "vitest";
import { stateMax_bytes } from "./function-run.ts";
import { type FunctionState, parseFunctionStates } from "./function-state.ts";

const state: FunctionState = {
  functionId: "thermal-alert",
  version: "2.1.0",
  vehicleId: "vehicle-01",
  at_ms: 1_790_000_000_000,
  seen: { boot: 3, monotonic_ms: 5000, wall_ms: 1_790_000_000_000 },
  open: [{ name: "over-temperature", class: "thermal-alert", level: 2 }],
  state: "{}",
};

const isTaken = (value: unknown): boolean => parseFunctionStates({ states: [value] }).ok;

test("states are read as they came", () => {
  const answer = JSON.parse(JSON.stringify({ states: [state, state] })) as unknown;
  expect(parseFunctionStates(answer)).toEqual({ ok: true, value: [state, state] });
});

test.each([
  ["a vehicle that is none", { vehicleId: "../" }],
  ["a state that is too large", { state: "x".repeat(stateMax_bytes + 1) }],
  ["a mark in the future of all clocks", { seen: { ...state.seen, wall_ms: 1e16 } }],
  ["a boot that is no number", { seen: { ...state.seen, boot: "3" } }],
  ["a condition of no class", { open: [{ ...state.open[0], class: "other" }] }],
  ["a condition without level", { open: [{ ...state.open[0], level: 0 }] }],
  ["more conditions than there are", { open: Array.from({ length: 33 }, () => state.open[0]) }],
  ["a further field", { more: 1 }],
])("a state with %s is refused", (_name, changes) => {
  expect(isTaken({ ...state, ...changes })).toBe(false);
});

test("any answer gets a verdict", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseFunctionStates(value).ok).toBe(false);
      expect(isTaken(value)).toBe(false);
    }),
  );
});

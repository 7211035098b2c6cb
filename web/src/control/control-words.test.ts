import { expect, test } from "vitest";
import { afterWords, loadOf, triggerWords, verdictWords } from "./control-words.ts";
import { pairsOf } from "./links.ts";

test("a rule or trigger that is not known here is shown by its own name", () => {
  expect(verdictWords({ verdict: "fuller" })).toBe("as fast, but fuller");
  expect(verdictWords({ verdict: "zone-refused" })).toBe("zone refused");
  expect(triggerWords("dead")).toBe("unit died");
  expect(triggerWords("full-moon")).toBe("full moon");
});

test("the time after a step has its unit, and says when two clocks differ", () => {
  const after = (after_ms: number | null) => afterWords({ after_ms, afterStep: "record" });
  expect(after(40)).toBe("40\u2009ms after record");
  expect(after(12_345)).toBe("12.3\u2009s after record");
  expect(after(600_000)).toBe("10\u2009min after record");
  expect(after(-7)).toBe("7\u2009ms before record, by another clock");
  expect(after(null)).toBe("");
});

test("the load is the scarcer of processor and memory, and unknown without a capacity", () => {
  const capacity = { cpu: 2, memory_MB: 1000 };
  expect(loadOf({ capacity, used: { cpu: 1, memory_MB: 900 } })).toBe(0.9);
  expect(loadOf({ capacity: null, used: null })).toBeNull();
  expect(loadOf({ capacity: { cpu: 0, memory_MB: 0 }, used: capacity })).toBeNull();
});

test("two directions are one line with the longer time", () => {
  const way = { at_ms: 1, latency_ms: 3 };
  const links = [
    { ...way, from: "unit-2", to: "unit-1" },
    { ...way, from: "unit-1", to: "unit-2", latency_ms: 5 },
    { ...way, from: "unit-1", to: "unit-3", latency_ms: null },
    { ...way, from: "unit-1", to: "unit-1" },
  ];
  expect(pairsOf(links)).toMatchObject([
    { a: "unit-1", b: "unit-2", worst_ms: 5, ways: [{}, {}] },
    { a: "unit-1", b: "unit-3", worst_ms: null },
  ]);
});

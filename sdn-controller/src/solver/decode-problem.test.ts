import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeProblem } from "./decode-problem.ts";

const need = { id: "f", cpu: 1, memory: 1, latencyMax_ms: 10 };
const unit = { id: "u", cpu: 1, memory: 1, zone: "z" };
const sound = { functions: [need], units: [unit], latency_ms: [[5]] };

test("a sound problem is taken with weight 1 and no migration cost unless it says otherwise", () => {
  const decoded = decodeProblem(sound);
  expect(decoded).toMatchObject({
    ok: true,
    value: {
      problem: { functions: [{ ...need, weight: 1, migrationCost: 0 }], units: [unit] },
      ignored: [],
    },
  });
});

test("null in the place of what may be absent is absent", () => {
  const functions = [{ ...need, antiAffinity: null, zones: null }];
  const units = [{ ...unit, zone: null }];
  const decoded = decodeProblem({ ...sound, functions, units, current: null });
  expect(decoded.ok && decoded.value.problem.functions[0]).toEqual({
    ...need,
    weight: 1,
    migrationCost: 0,
  });
});

test.each([
  ["a number for all", { migrationCost: 3 }, 3],
  ["a table by function", { migrationCost: { f: 4 } }, 4],
  ["a function's own", { migrationCost: 3, functions: [{ ...need, migrationCost: 5 }] }, 5],
])("the migration cost may be %s", (_, change, cost) => {
  const decoded = decodeProblem({ ...sound, ...change });
  expect(decoded.ok && decoded.value.problem.functions[0]?.migrationCost).toBe(cost);
});

test.each([
  ["NUMBER_NEGATIVE", { latency_ms: [[-1]] }],
  ["NUMBER_NOT_FINITE", { latency_ms: [[null]] }],
  ["NUMBER_NOT_FINITE", { latency_ms: [[Number.NaN]] }],
  ["NUMBER_NOT_FINITE", { latency_ms: [[Number.POSITIVE_INFINITY]] }],
  ["NUMBER_TOO_LARGE", { latency_ms: [[1e13]] }],
  ["TYPE_WRONG", { latency_ms: [["5"]] }],
  ["FIELD_MISSING", { latency_ms: undefined }],
  ["SIZE_WRONG", { latency_ms: [] }],
  ["SIZE_WRONG", { latency_ms: [[5, 6]] }],
  ["SIZE_WRONG", { latency_ms: [[]] }],
  ["TYPE_WRONG", { latency_ms: [5] }],
  ["FIELD_MISSING", { functions: [{ ...need, latencyMax_ms: undefined }] }],
  ["NUMBER_NEGATIVE", { functions: [{ ...need, weight: -1 }] }],
  ["NUMBER_NEGATIVE", { functions: [{ ...need, migrationCost: -1 }] }],
  ["ID_INVALID", { functions: [{ ...need, antiAffinity: 3 }] }],
  ["TYPE_WRONG", { functions: [{ ...need, zones: "z" }] }],
  ["ID_REPEATED", { functions: [need, need], latency_ms: [[1], [1]] }],
  ["ID_REPEATED", { units: [unit, unit], latency_ms: [[1, 1]] }],
  ["ID_INVALID", { units: [{ ...unit, id: "" }] }],
  ["NUMBER_NOT_FINITE", { units: [{ ...unit, cpu: null }] }],
  ["FUNCTION_UNKNOWN", { current: { g: "u" } }],
  ["UNIT_UNKNOWN", { current: { f: "v" } }],
  ["FUNCTION_UNKNOWN", { migrationCost: { g: 1 } }],
  ["LIMIT_EXCEEDED", { units: Array.from({ length: 2001 }, () => unit) }],
])("%s is the code for %j", (code, change) => {
  expect(decodeProblem({ ...sound, ...change })).toMatchObject({ ok: false, problem: { code } });
});

test("a field that the format does not have is named, as it has no effect", () => {
  const decoded = decodeProblem({ ...sound, functions: [{ ...need, antiaffinity: "g" }], note: 1 });
  expect(decoded.ok && decoded.value.ignored).toEqual(["note", "functions[0].antiaffinity"]);
});

test("whatever JSON can hold is taken or refused with a code and a path, never thrown", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const decoded = decodeProblem(value);
      if (!decoded.ok) expect(decoded.problem.detail).toMatch(/ is .*; expected /);
    }),
  );
});

test("a sound problem with one value replaced is taken or refused with a code, and what is taken has only finite numbers from 0", () => {
  const paths = [
    ["functions", 0, "cpu"],
    ["functions", 0, "id"],
    ["functions", 0, "latencyMax_ms"],
    ["functions", 0, "weight"],
    ["functions", 0, "zones"],
    ["units", 0, "memory"],
    ["units", 0, "zone"],
    ["latency_ms", 0],
    ["latency_ms", 0, 0],
    ["current"],
    ["migrationCost"],
  ] as const;
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      const decoded = decodeProblem(replaced(sound, path, value));
      if (!decoded.ok) return;
      const { functions, units, latency_ms } = decoded.value.problem;
      const numbers = [
        ...functions.flatMap(({ cpu, memory, latencyMax_ms, weight, migrationCost }) => [
          ...[cpu, memory, latencyMax_ms, weight, migrationCost],
        ]),
        ...units.flatMap(({ cpu, memory }) => [cpu, memory]),
        ...latency_ms,
      ];
      expect(numbers.every((number) => Number.isFinite(number) && number >= 0)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return by;
  if (Array.isArray(value)) {
    return value.map((item, place) => (place === head ? replaced(item, rest, by) : item));
  }
  const record = value as Record<string, unknown>;
  return { ...record, [head]: replaced(record[head], rest, by) };
}

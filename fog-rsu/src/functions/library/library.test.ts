import { expect, test } from "vitest";
import { reading } from "../../testing/test-vehicle.ts";
import type {
  Condition,
  FunctionSample,
  NetworkFunction,
  OpenCondition,
} from "../network-function.ts";
import { networkFunction as chargeGuard } from "./charge-guard.ts";
import { networkFunction as stateEstimation } from "./state-estimation.ts";
import { networkFunction as thermalAlert } from "./thermal-alert.ts";

type Said =
  | { kind: "condition"; condition: Condition }
  | { kind: "estimate"; estimate: { name: string; value: number; low: number; high: number } }
  | { kind: "command"; request: { kind: string; value: number } };

/** Runs a function over one sample a second and gives what it said, with the second. */
function run(
  definition: NetworkFunction,
  samples: readonly Partial<FunctionSample>[],
  open: readonly OpenCondition[] = [],
): (Said & { second: number })[] {
  const running = definition.start({ open, settingsOf: () => ({}) });
  const said: (Said & { second: number })[] = [];
  for (const [second, changes] of samples.entries()) {
    const at_ms = 1000 * second;
    const sample = {
      ...reading(),
      vehicleId: "vehicle-01",
      boot: 1,
      wall_ms: 1_700_000_000_000 + at_ms,
      monotonic_ms: at_ms,
      ...changes,
    };
    running.onSample(sample, {
      condition: (condition) => said.push({ kind: "condition", condition, second }),
      estimate: (estimate) => said.push({ kind: "estimate", estimate, second }),
      command: (request) => said.push({ kind: "command", request, second }),
    });
  }
  return said;
}

const conditions = (said: readonly Said[]): string[] =>
  said.flatMap((one) => {
    if (one.kind !== "condition") return [];
    const { name, state, level, standing } = one.condition;
    return [`${name} ${state} ${level}, ${standing} stands`];
  });
const hot = (value: number): Partial<FunctionSample> => ({
  temperature_degC: Float32Array.of(25, value),
});
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const cells = (...cellVoltage_mV: number[]): Partial<FunctionSample> => ({
  cellVoltage_mV: Uint16Array.from(cellVoltage_mV),
});

test("a temperature past its limit is one condition: asserted after a second, cleared after a hold", () => {
  const said = run(thermalAlert, [
    ...times(20, (i) => hot(56 + 0.01 * i)),
    ...times(60, () => hot(40)),
  ]);
  expect(conditions(said)).toEqual([
    "over-temperature asserted 1, 1 stands",
    "over-temperature cleared 1, 0 stands",
  ]);
  expect(said[0]).toMatchObject({
    condition: {
      class: "thermal-alert",
      cell: 1,
      limit: 55,
      unit: "degC",
      sentence: expect.stringContaining("vehicle-01"),
    },
  });
});

test("one hot reading alone is no alert", () => {
  expect(run(thermalAlert, [hot(30), hot(58), hot(30), hot(30)])).toEqual([]);
});

test("a fast rise with a temperature at the maker's limit is a confirmed runaway, said once", () => {
  const said = run(
    thermalAlert,
    times(40, (i) => hot(40 + 3 * i)),
  );
  const runaway = said.filter(
    (one) => one.kind === "condition" && one.condition.name === "runaway",
  );
  expect(runaway).toMatchObject([
    {
      condition: {
        level: 3,
        unit: "degC/s",
        sentence: expect.stringContaining("temperature limit"),
      },
    },
  ]);
});

test("a fast rise with a cell that lost a quarter of its voltage is a confirmed runaway too", () => {
  const said = run(
    thermalAlert,
    times(15, (i) => ({ ...hot(25 + 2.5 * i), ...(i > 8 ? cells(3700, 2500, 3700, 3700) : {}) })),
  );
  expect(conditions(said)).toContain("runaway asserted 3, 3 stands");
});

test("a cell that lost a quarter of its voltage without heat is no runaway", () => {
  const said = run(
    thermalAlert,
    times(30, () => ({ ...hot(25), ...cells(3700, 2500, 3700, 3700) })),
  );
  expect(conditions(said)).toEqual([]);
});

test("a condition that stood before a restart is cleared when it stays away, and kept when it is found again", () => {
  const open: readonly OpenCondition[] = [
    { name: "over-temperature", vehicleId: "vehicle-01", level: 2 },
  ];
  expect(
    conditions(
      run(
        thermalAlert,
        times(40, () => hot(30)),
        open,
      ),
    ),
  ).toEqual(["over-temperature cleared 2, 0 stands"]);
  const found = run(
    thermalAlert,
    times(40, () => hot(56)),
    open,
  );
  expect(conditions(found)).toEqual(["over-temperature asserted 1, 1 stands"]);
  const known: readonly OpenCondition[] = [{ name: "runaway", vehicleId: "vehicle-01", level: 3 }];
  expect(
    conditions(
      run(
        thermalAlert,
        times(40, (i) => hot(40 + 3 * i)),
        known,
      ),
    ),
  ).not.toContain("runaway asserted 3, 3 stands");
});

test("an overcharged cell limits the charge current, again while it stands, and frees it afterwards", () => {
  const said = run(chargeGuard, [
    ...times(5, () => cells(4100, 4100)),
    ...times(40, () => cells(4100, 4235)),
    ...times(20, () => cells(4100, 4100)),
  ]);
  const asked = said.flatMap((one) => (one.kind === "command" ? [one] : []));
  expect(conditions(said)).toEqual([
    "cell-over-voltage asserted 2, 2 stands",
    "cell-over-voltage cleared 2, 0 stands",
  ]);
  expect(asked.map(({ request }) => request.kind)).toEqual(times(3, () => "limit-charge-current"));
  const [first, repeated, last] = asked.map(({ request }) => request.value);
  expect(first).toBe(0);
  expect(repeated).toBe(0);
  expect(last).toBeGreaterThan(100);
  expect((asked[1]?.second ?? 0) - (asked[0]?.second ?? 0)).toBe(30);
});

test("a deep-discharged cell limits the discharge current", () => {
  const said = run(
    chargeGuard,
    times(5, () => cells(3000, 2600)),
  );
  expect(said).toMatchObject([
    { condition: { class: "deep-discharge", level: 2, cell: 1, unit: "V" } },
    { request: { kind: "limit-discharge-current", value: 0 } },
  ]);
});

test("the estimate lies in its interval, which narrows as the cells' voltages come in", () => {
  const said = run(
    stateEstimation,
    times(100, () => ({ packCurrent_A: 150 })),
  );
  const estimates = said.flatMap((one) =>
    one.kind === "estimate" && one.estimate.name === "soc" ? [one.estimate] : [],
  );
  expect(estimates).toHaveLength(100);
  const [first = expect.fail(), last = expect.fail()] = [estimates[0], estimates.at(-1)];
  expect(last.value).toBeGreaterThan(last.low);
  expect(last.value).toBeLessThan(last.high);
  expect(last.high - last.low).toBeLessThan(first.high - first.low);
});

test("vehicles are watched apart", () => {
  const said = run(
    thermalAlert,
    times(20, (i) => ({ ...hot(i % 2 === 0 ? 58 : 30), vehicleId: `vehicle-0${i % 2}` })),
  );
  expect(said.map((one) => one.kind === "condition" && one.condition.sentence)).toEqual([
    expect.stringContaining("vehicle-00"),
  ]);
});

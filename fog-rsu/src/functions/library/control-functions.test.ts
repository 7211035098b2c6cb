import { PackSimulator } from "@voltfog/battery";
import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  CommandRequest,
  Condition,
  FunctionSample,
  NetworkFunction,
} from "../network-function.ts";
import { cellBalancing, networkFunction as passiveBalancing } from "./cell-balancing.ts";
import { networkFunction as chargingControl } from "./charging-control.ts";
import { networkFunction as stateEstimation } from "./state-estimation.ts";
import { networkFunction as temperatureRegulation } from "./temperature-regulation.ts";
import { networkFunction as thermalAlert } from "./thermal-alert.ts";

interface Said {
  readonly commands: readonly (CommandRequest & { readonly second: number })[];
  readonly conditions: readonly (Condition & { readonly second: number })[];
}

interface Load {
  readonly current_A: number;
  readonly step_s: number;
  readonly ambient_degC?: number;
}

/** A simulated pack under a load, seen by a function; `change` spoils what it sees. */
function run(options: {
  definition: NetworkFunction;
  steps: number;
  load: (second: number) => Load;
  pack?: PackSimulator;
  change?: (sample: FunctionSample, step: number) => FunctionSample;
  act?: (command: CommandRequest, pack: PackSimulator) => void;
}): Said {
  const pack = options.pack ?? simulated({});
  const running = options.definition.start({ open: [], settingsOf: () => ({}) });
  const commands: (CommandRequest & { second: number })[] = [];
  const conditions: (Condition & { second: number })[] = [];
  for (let step = 0; step < options.steps; step++) {
    const second = pack.elapsed_s;
    const { current_A, step_s, ambient_degC } = options.load(second);
    const monotonic_ms = Math.round(1000 * (second + step_s));
    const wall_ms = 1_700_000_000_000 + monotonic_ms;
    const inlet_degC = ambient_degC ?? 25;
    const read = pack.step({ current_A, step_s, wall_ms, monotonic_ms, inlet_degC });
    const sample: FunctionSample = { ...read, vehicleId: "vehicle-01", boot: 1 };
    running.onSample(options.change?.(sample, step) ?? sample, {
      condition: (condition) => conditions.push({ ...condition, second }),
      command: (command) => {
        commands.push({ ...command, second });
        options.act?.(command, pack);
      },
      estimate: () => {},
    });
  }
  return { commands, conditions };
}

function simulated(
  options: Partial<ConstructorParameters<typeof PackSimulator>[0]>,
): PackSimulator {
  return new PackSimulator({ random: new SeededRandom(11), startSoc: 0.5, ...options });
}

const stateOf = ({ conditions }: Said): string[] =>
  conditions.map(({ name, state, level }) => `${name} ${state} ${level}`);

describe("charging-control", () => {
  test("says nothing about regeneration and driving", () => {
    const load = (second: number): Load => ({
      current_A: second % 60 < 20 ? 60 : -60,
      step_s: 1,
    });
    expect(run({ definition: chargingControl, steps: 600, load }).commands).toEqual([]);
  });

  test("lowers a charge in the cold with the reason, and frees it when the pack drives", () => {
    const pack = simulated({ ambient_degC: 3 });
    const load = (second: number): Load => ({
      current_A: second < 300 ? 100 : -20,
      step_s: 1,
      ambient_degC: 3,
    });
    const said = run({ definition: chargingControl, steps: 420, load, pack });
    expect(stateOf(said)).toEqual(["charge-limited asserted 1", "charge-limited cleared 1"]);
    expect(said.conditions[0]?.sentence).toMatch(/vehicle-01 .* (temperature|anode)/);
    const [first, last] = [said.commands[0], said.commands.at(-1)];
    expect(first).toMatchObject({ kind: "limit-charge-current", second: 60 });
    expect(first?.value).toBeLessThan(100);
    expect(first?.because).not.toBe("");
    expect(last?.value).toBeGreaterThan(300);
    // Said again twice a minute while it stands.
    expect(said.commands.length).toBeGreaterThanOrEqual(9);
  });

  test("holds the fullest cell at its end without a fatal voltage", () => {
    const pack = simulated({ startSoc: 0.5 });
    let limit_A = 150;
    let highest_mV = 0;
    run({
      definition: chargingControl,
      pack,
      steps: 7200,
      load: () => ({ current_A: Math.min(150, limit_A), step_s: 1 }),
      act: ({ kind, value }) => {
        if (kind === "limit-charge-current") limit_A = value;
      },
      change: (sample) => {
        highest_mV = Math.max(highest_mV, ...sample.cellVoltage_mV);
        return sample;
      },
    });
    expect(highest_mV).toBeGreaterThan(4150);
    expect(highest_mV).toBeLessThan(4220);
  });
});

describe("temperature-regulation", () => {
  test("cools a hot pack and stops when it is cool, with few commands", () => {
    const load = (second: number): Load => ({
      current_A: 0,
      step_s: 10,
      ambient_degC: second < 7200 ? 45 : 15,
    });
    const said = run({ definition: temperatureRegulation, steps: 2000, load });
    expect(stateOf(said)).toEqual(["regulation asserted 1", "regulation cleared 1"]);
    expect(said.commands.every(({ kind }) => kind === "request-cooling")).toBe(true);
    expect(said.commands.at(-1)?.value).toBe(0);
    const values = new Set(said.commands.map(({ value }) => value));
    expect(values.size).toBeLessThanOrEqual(5);
  });

  test("heats a cold pack that is used, not one that is parked", () => {
    const cold = (current_A: number) => (): Load => ({ current_A, step_s: 10, ambient_degC: -10 });
    const start = { ambient_degC: -10 };
    const used = run({
      definition: temperatureRegulation,
      steps: 100,
      load: cold(-30),
      pack: simulated(start),
    });
    expect(used.commands[0]).toMatchObject({ kind: "request-heating", value: 1 });
    const parked = run({
      definition: temperatureRegulation,
      steps: 100,
      load: cold(0),
      pack: simulated(start),
    });
    expect(parked.commands).toEqual([]);
  });
});

describe("cell-balancing", () => {
  const rest = (): Load => ({ current_A: 0, step_s: 10 });
  const spread = { capacityShare: 0.01, resistanceShare: 0.1, chargeShare: 0.02 };

  test.each([
    ["passive", passiveBalancing],
    ["active", cellBalancing({ transfer_A: 2 })],
  ] as const)(
    "%s: names the cells that hold more after a rest, and says why",
    (kind, definition) => {
      const pack = simulated({ startSoc: 0.8, spread });
      const said = run({ definition, steps: 240, load: rest, pack });
      const first = said.commands[0];
      expect(first?.kind).toBe("balance-cells");
      const { bleed = [], fill = [] } = first?.cells ?? {};
      expect(bleed.length).toBeGreaterThan(0);
      expect(fill.length > 0).toBe(kind === "active");
      expect(first?.because).toContain("% of capacity");
      const { soc } = pack.physics;
      const mean = soc.reduce((sum, each) => sum + each, 0) / soc.length;
      for (const cell of fill) expect(soc[cell]).toBeLessThan(mean);
      if (kind === "active") for (const cell of bleed) expect(soc[cell]).toBeGreaterThan(mean);
      expect(stateOf(said)).toEqual(["imbalance asserted 1"]);
    },
  );

  test("noise alone and a pack that drives start nothing", () => {
    const even = { capacityShare: 0, resistanceShare: 0, chargeShare: 0 };
    const pack = simulated({ startSoc: 0.8, spread: even, offset_mV: 0 });
    expect(run({ definition: passiveBalancing, steps: 400, load: rest, pack })).toEqual({
      commands: [],
      conditions: [],
    });
    const drive = (second: number): Load => ({
      current_A: second % 20 < 10 ? 20 : -30,
      step_s: 10,
    });
    const driven = simulated({ startSoc: 0.8, spread });
    expect(
      run({ definition: passiveBalancing, steps: 400, load: drive, pack: driven }).commands,
    ).toEqual([]);
  });
});

describe("thermal-alert", () => {
  const heat = (sample: FunctionSample, sensor: number, rise_degC: number): FunctionSample => {
    const temperature_degC = Float32Array.from(sample.temperature_degC);
    temperature_degC[sensor] = Math.round(2 * ((temperature_degC[sensor] ?? 0) + rise_degC)) / 2;
    return { ...sample, temperature_degC };
  };
  const rest = (): Load => ({ current_A: 0, step_s: 0.5 });

  test("tier 2 comes before tier 1 when a sensor heats up, and says where and why", () => {
    const said = run({
      definition: thermalAlert,
      steps: 200,
      load: rest,
      change: (sample, step) => heat(sample, 5, Math.max(0, step - 100) * 0.6),
    });
    const breakdown = said.conditions.find(({ name }) => name === "thermal-breakdown");
    const limit = said.conditions.find(({ name }) => name === "over-temperature");
    expect(breakdown).toMatchObject({
      level: 2,
      cell: 5,
      sentence: expect.stringContaining("sensor 6"),
    });
    expect(breakdown?.second).toBeLessThan(limit?.second ?? 0);
  });

  test("is over when nothing is seen for ten minutes", () => {
    const said = run({
      definition: thermalAlert,
      steps: 2000,
      load: rest,
      change: (sample, step) => heat(sample, 5, step < 100 ? 0 : Math.min(8, (step - 100) * 0.6)),
    });
    const states = stateOf(said).filter((one) => one.startsWith("thermal-breakdown"));
    expect(states).toEqual(["thermal-breakdown asserted 2", "thermal-breakdown cleared 2"]);
  });

  const faults: [string, (value_degC: number, step: number) => number][] = [
    ["stuck low", () => -40],
    ["stuck high", () => 150],
    ["no number", () => Number.NaN],
    ["noise of 10 °C", (value_degC, step) => value_degC + 10 * Math.sin(7919 * step)],
    ["drift", (value_degC, step) => value_degC + 0.01 * step],
  ];

  test.each(faults)("tier 1 is not held back by a bad sensor: %s", (_, fault) => {
    const spoil = (sample: FunctionSample, step: number): FunctionSample => {
      const hot = heat(sample, 5, Math.max(0, step - 50) * 0.8);
      const temperature_degC = Float32Array.from(hot.temperature_degC);
      for (const sensor of [0, 4, 6]) {
        temperature_degC[sensor] = fault(temperature_degC[sensor] ?? 0, step);
      }
      return { ...hot, temperature_degC };
    };
    const said = run({ definition: thermalAlert, steps: 200, load: rest, change: spoil });
    const seen = said.conditions.filter(({ cell }) => cell === 5).map(({ name }) => name);
    const tier1 = ["over-temperature", "temperature-rise", "runaway"];
    const any = said.conditions.some(({ name }) => tier1.includes(name));
    expect(any).toBe(true);
    expect(new Set([...seen, ...said.conditions.map(({ name }) => name)])).toContain("runaway");
  });
});

test("no function throws or says NaN, whatever it is shown", () => {
  const number = fc.oneof(
    fc.double({ min: -1e4, max: 1e4 }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0),
  );
  const sample: fc.Arbitrary<FunctionSample> = fc.record({
    vehicleId: fc.constantFrom("vehicle-01", "vehicle-02"),
    boot: fc.nat({ max: 3 }),
    // A frame holds times as whole numbers; everything else is as wild as it can be.
    wall_ms: fc.maxSafeNat(),
    monotonic_ms: fc.oneof(fc.maxSafeNat(), fc.nat({ max: 1e6 })),
    packVoltage_V: number,
    packCurrent_A: number,
    soc: number,
    cellVoltage_mV: fc.uint16Array({ maxLength: 8 }),
    temperature_degC: fc.float32Array({ maxLength: 4 }),
  });
  const library = [
    passiveBalancing,
    chargingControl,
    stateEstimation,
    temperatureRegulation,
    thermalAlert,
  ];
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
      for (const definition of library) {
        const running = definition.start({ open: [], settingsOf: () => ({}) });
        for (const one of samples) {
          running.onSample(one, {
            condition: ({ value, limit }) => {
              expect(Number.isFinite(value)).toBe(true);
              expect(Number.isFinite(limit)).toBe(true);
            },
            command: ({ value }) => expect(Number.isFinite(value)).toBe(true),
            estimate: ({ value, low, high }) => {
              expect(value).toBeGreaterThanOrEqual(low);
              expect(value).toBeLessThanOrEqual(high);
            },
          });
        }
      }
    }),
    { numRuns: 200 },
  );
});

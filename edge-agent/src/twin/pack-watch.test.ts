import { expect, test } from "vitest";
import type { Reading } from "../sampling/battery-source.ts";
import { testReading } from "../testing/test-vehicle.ts";
import { PackWatch, replayedPackArea } from "./pack-watch.ts";

function watch(): PackWatch {
  return new PackWatch({ area: replayedPackArea });
}

function reading(number: number, given: Partial<Reading["sample"]> = {}): Reading {
  const plain = testReading(number);
  return { ...plain, sample: { ...plain.sample, ...given } };
}

test.each([
  ["NOT_FINITE", { packCurrent_A: Number.NaN }],
  ["NOT_FINITE", { temperature_degC: Float32Array.of(20, Number.NaN) }],
  ["NO_CELLS", { cellVoltage_mV: new Uint16Array(0) }],
  ["SOC_RANGE", { soc: 1.2 }],
  ["SUM_MISMATCH", { packVoltage_V: 20 }],
])("a reading that no pack can show is refused: %s", (code, given) => {
  expect(watch().judge(reading(1, given))).toMatchObject({ plausible: false, problem: { code } });
});

test("a limit that is passed gives one alarm with the cell, the value and the limit, and no storm", () => {
  const target = watch();
  const hot = { temperature_degC: Float32Array.of(22, 61) };
  const alarms = Array.from({ length: 100 }, (_, i) => target.judge(reading(i, hot))).flatMap(
    (verdict) => (verdict.plausible ? verdict.alarms : []),
  );
  expect(alarms).toMatchObject([
    { type: "alarm", alarm: "over-temperature", level: 2, cell: 1, value: 61, limit: 60 },
  ]);
  expect(alarms[0]?.origin).toBe("replayed");
});

test("a temperature that rises by 1 °C a second is an alarm before any limit is reached", () => {
  const target = watch();
  const rising = Array.from({ length: 12 }, (_, i) =>
    target.judge(reading(i, { temperature_degC: Float32Array.of(22, 22 + i) })),
  );
  const alarms = rising.flatMap((verdict) => (verdict.plausible ? verdict.alarms : []));
  expect(alarms[0]).toMatchObject({ alarm: "temperature-rise", cell: 1 });
});

test("a measurement that only looks stuck is recorded and marked", () => {
  const target = watch();
  const same = Uint16Array.of(3600, 3601, 3602, 3603);
  const last = Array.from({ length: 40 }, (_, i) =>
    target.judge(reading(i, { cellVoltage_mV: same, packCurrent_A: i % 2 === 0 ? -50 : 50 })),
  ).at(-1);
  expect(last).toMatchObject({ plausible: true, suspect: "STUCK" });
});

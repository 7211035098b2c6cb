import { describe, expect, it } from "vitest";
import { energy_J, recordsUntilEmpty, statedModel } from "./energy-model.ts";

const spent = { spent_J: 2, records: 100, battery_Wh: 1, for_ms: 10_000 };

describe("the energy model", () => {
  it("takes watts by processor time and joules by byte", () => {
    const model = { active_W: 4, perByte_J: 1e-6, idle_W: 2 };
    expect(energy_J({ cpu_ms: 500, traffic_bytes: 1_000_000 }, model)).toBeCloseTo(3, 12);
    expect(energy_J({ cpu_ms: 0, traffic_bytes: 0 }, statedModel)).toBe(0);
  });

  it("empties a battery by what each record took", () => {
    expect(recordsUntilEmpty({ ...spent, idle_W: 0 })).toBe(180_000);
  });

  it("empties it sooner where the board idles besides", () => {
    expect(recordsUntilEmpty({ ...spent, idle_W: 0.2 })).toBe(90_000);
  });
});

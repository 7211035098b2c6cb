import { examplePrices, ServiceCounter, type ServiceReading } from "@voltfog/battery";
import { describe, expect, it } from "vitest";
import type { PackHistory } from "./pack-history.ts";
import { type Claims, valuation } from "./valuation.ts";
import { valuationPage, valuationText } from "./valuation-text.ts";

const claims: Claims = {
  soh: undefined,
  energy_kWh: { low: 52, high: 52 },
  prices: examplePrices,
  pricesSource: "examples",
};

function history(readings: number, fatalEvents = 0): PackHistory {
  const counter = new ServiceCounter();
  for (let at = 0; at < readings; at++) {
    const reading: ServiceReading = {
      wall_ms: at * 1000,
      packVoltage_V: 400,
      packCurrent_A: 36,
      cellVoltage_mV: [3600],
      temperature_degC: [25],
    };
    counter.add(reading);
  }
  const proof = readings === 0 ? [] : ["unit-1: 1 frames in its log of 1, root 00"];
  const gaps = [{ unitId: "unit-1", index: 7, samples: 12 }];
  return {
    counts: counter.counts,
    frames: 1,
    fatalEvents,
    gaps,
    refused: 0,
    origins: ["replayed"],
    proof,
  };
}

describe("a valuation", () => {
  it("counts the service, names its log, and says that the factory's count is missing", () => {
    const text = valuationText(valuation({ pack: "p", history: history(3601), claims }));
    expect(text).toContain("charged: 36 Ah, 14400 Wh [unit-1: 1 frames");
    expect(text).toContain("until factory exit: not on record [no proof]");
    expect(text).toContain("declared gaps: 1, 12 readings [unit-1 entry 7]");
    expect(text).toContain("grade: D to A");
  });

  it("is narrower with a measured health, and lower with a fatal event", () => {
    const soh = { low: 0.86, high: 0.88 };
    const known = valuation({ pack: "p", history: history(10), claims: { ...claims, soh } });
    const unknown = valuation({ pack: "p", history: history(10), claims });
    expect(known.grade).toEqual({ best: "A", worst: "A" });
    expect(known.value_EUR.high - known.value_EUR.low).toBeLessThan(
      unknown.value_EUR.high - unknown.value_EUR.low,
    );
    const hurt = valuation({ pack: "p", history: history(10, 1), claims: { ...claims, soh } });
    expect(hurt.grade.best).toBe("B");
  });

  it("keeps the factory's signed count apart from service, and takes the energy from it", () => {
    const factory = {
      ...{ pack: "p", manufacturer: "Example", exit_ms: 1.77e12, nominal_Wh: 55_000 },
      ...{ charged_Ah: 310, discharged_Ah: 290, charged_Wh: 112_000, discharged_Wh: 108_000 },
      publicKey: new Uint8Array(32).fill(0xab),
    };
    const told = valuation({ pack: "p", history: history(3601), claims: { ...claims, factory } });
    const text = valuationText(told);
    expect(text).toContain(
      "charged until then: 310 Ah, 112000 Wh [record signed by Example, key ab",
    );
    expect(text).toContain("equivalent full cycles until then: 2 [");
    expect(text).toContain("charged: 36 Ah, 14400 Wh [unit-1: 1 frames");
    expect(text).toContain("nominal energy: 54.45 to 55.55 kWh");
    const wide = { ...claims, energy_kWh: { low: 40, high: 80 } };
    const unsigned = valuation({ pack: "p", history: history(10), claims: wide });
    const signed = valuation({ pack: "p", history: history(10), claims: { ...wide, factory } });
    const width = (value: { low: number; high: number }): number => value.high - value.low;
    expect(width(signed.value_EUR)).toBeLessThan(width(unsigned.value_EUR));
  });

  it("invents nothing for a pack without readings", () => {
    const text = valuationText(valuation({ pack: "p", history: history(0), claims }));
    expect(text).toContain("in service: not on record [no proof]");
    expect(text).not.toContain("NaN");
  });

  it("is a page in which a name cannot become markup", () => {
    const page = valuationPage(valuation({ pack: "<script>", history: history(10), claims }));
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toContain("<script");
  });
});

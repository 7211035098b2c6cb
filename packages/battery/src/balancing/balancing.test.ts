import { describe, expect, it } from "vitest";
import type { PackSample } from "../pack-sample.ts";
import { cellVoltageAtRest_V, nmcSimulated } from "../simulation/simulated-cell.ts";
import { steadySample } from "../testing/steady-sample.ts";
import {
  type BalancingRule,
  foxBms10,
  foxBmsDefault,
  libreSolar,
  VoltageRule,
} from "./balancing-rule.ts";
import { ChargeLedger } from "./charge-ledger.ts";

const { ocv_V } = nmcSimulated;
const rested_mV = (soc: number): number => Math.round(1000 * cellVoltageAtRest_V(ocv_V, soc));

function restAt(charges: readonly number[], at_min: number, current_A = 0): PackSample {
  return {
    ...steadySample(at_min * 60_000, { cells_mV: charges.map(rested_mV) }),
    monotonic_ms: at_min * 60_000,
    packCurrent_A: current_A,
  };
}

function feed(
  rule: BalancingRule,
  charges: readonly number[],
  minutes: number,
  from_min = 0,
): number[] {
  let actions: Int8Array = new Int8Array(0);
  for (let minute = 0; minute < minutes; minute++) {
    actions = rule.update(restAt(charges, from_min + minute));
  }
  return [...actions];
}

const ledger = (transfer_A?: number): ChargeLedger =>
  new ChargeLedger({
    cells: 4,
    capacity_Ah: 60,
    ocv_V,
    noise_mV: 1.5,
    bleed_Ohm: 41,
    ...(transfer_A === undefined ? {} : { transfer_A }),
  });

describe("voltage rules", () => {
  it("bleed what is above the lowest by their threshold", () => {
    expect(feed(new VoltageRule(foxBms10), [0.8, 0.81, 0.83, 0.8], 1)).toEqual([0, 0, -1, 0]);
    expect(feed(new VoltageRule(foxBmsDefault), [0.8, 0.81, 0.83, 0.8], 1)).toEqual([0, 0, 0, 0]);
  });

  it("of Libre Solar wait for half an hour of rest and for 3.8 V", () => {
    const charges = [0.8, 0.82, 0.83, 0.8];
    expect(feed(new VoltageRule(libreSolar), charges, 30)).toEqual([0, 0, 0, 0]);
    expect(feed(new VoltageRule(libreSolar), charges, 31)).toEqual([0, -1, -1, 0]);
    expect(
      feed(
        new VoltageRule(libreSolar),
        charges.map((z) => z - 0.5),
        60,
      ),
    ).toEqual([0, 0, 0, 0]);
  });

  it("rest only while hardly any current flows, and not on a current that is no number", () => {
    const rule = new VoltageRule(foxBms10);
    expect([...rule.update(restAt([0.8, 0.9], 0, -20))]).toEqual([0, 0]);
    expect([...rule.update(restAt([0.8, 0.9], 1, Number.NaN))]).toEqual([0, 0]);
  });
});

describe("the charge ledger", () => {
  const charges = [0.78, 0.8, 0.82, 0.78];

  it("waits for a settled mean before it bleeds", () => {
    expect(feed(ledger(), charges, 40)).toEqual([0, 0, 0, 0]);
    expect(feed(ledger(), charges, 46)).toEqual([0, -1, -1, 0]);
  });

  it("books what it bleeds and stops by the books, also under load", () => {
    const rule = ledger();
    feed(rule, charges, 46);
    let actions: number[] = [];
    let minutes = 0;
    do {
      actions = [...rule.update(restAt(charges, 46 + minutes, -30))];
      minutes++;
    } while (actions[2] === -1 && minutes < 10_000);
    // 4 % of 60 Ah less the 0.65 % that stay, at 3.85 V over 41 Ω.
    const expected_min = (((0.04 - 0.0065) * 60) / (3.85 / 41)) * 60;
    expect(minutes).toBeGreaterThan(0.7 * expected_min);
    expect(minutes).toBeLessThan(1.1 * expected_min);
    expect(actions).toEqual([0, 0, 0, 0]);
  });

  it("leaves cells alone that differ by less than it can know", () => {
    expect(feed(ledger(), [0.8, 0.803, 0.801, 0.8], 300)).toEqual([0, 0, 0, 0]);
  });

  it("with converters gives to the low as it takes from the high", () => {
    expect(feed(ledger(1), [0.76, 0.8, 0.84, 0.8], 46)).toEqual([1, 0, -1, 0]);
  });

  it("does nothing on a pack with another number of cells", () => {
    const rule = ledger();
    feed(rule, charges, 46);
    expect([...rule.update(restAt([0.8, 0.9], 47))]).toEqual([0, 0, 0, 0]);
  });
});

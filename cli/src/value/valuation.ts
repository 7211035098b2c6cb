import {
  bestTest,
  type Interval,
  type PackGrade,
  type PackPrices,
  packGrade,
  packValueInterval_EUR,
} from "@voltfog/battery";
import { rounded, toHex } from "@voltfog/runtime";
import type { FactoryRecord } from "./factory-record.ts";
import type { PackHistory } from "./pack-history.ts";

/** A number with what stands behind it. */
export interface Shown {
  readonly name: string;
  readonly value: string;
  /** Undefined where nothing vouches for it; then the page says "no proof". */
  readonly proof: string | undefined;
}

export interface Valuation {
  readonly pack: string;
  readonly factory: readonly Shown[];
  readonly service: readonly Shown[];
  readonly declaredGaps: readonly Shown[];
  readonly grade: { readonly best: PackGrade; readonly worst: PackGrade };
  readonly value_EUR: Interval;
  readonly assumptions: readonly Shown[];
  readonly test: { readonly name: string; readonly width_EUR: number };
}

/** What the buyer claims or configures, beside the record. */
export interface Claims {
  readonly soh: Interval | undefined;
  readonly energy_kWh: Interval;
  readonly prices: PackPrices;
  readonly pricesSource: string;
  /** The manufacturer's record, if it is there and its signature and key were checked. */
  readonly factory?: FactoryRecord | undefined;
}

/** No health is known: anything from the end of a second use to new. */
const anyHealth: Interval = { low: 0.5, high: 1 };

/** Weighs a pack's record by the rules of battery/src/value; nothing missing is filled in. */
export function valuation(o: { pack: string; history: PackHistory; claims: Claims }): Valuation {
  const { history, claims } = o;
  const soh = claims.soh ?? anyHealth;
  const energy_kWh = energyOf(claims);
  const asked = { energy_kWh, soh, prices: claims.prices };
  const value_EUR = packValueInterval_EUR(asked);
  const test = bestTest(asked);
  const gradeAt = (health: number): PackGrade =>
    packGrade({
      soh: health,
      capacitySpread: undefined,
      resistanceRise: undefined,
      fatalEvents: history.fatalEvents,
    });
  return {
    pack: o.pack,
    factory: factoryFacts(claims.factory),
    service: serviceFacts(history, energy_kWh),
    declaredGaps: gapFacts(history),
    grade: { best: gradeAt(soh.high), worst: gradeAt(soh.low) },
    value_EUR: { low: Math.round(value_EUR.low), high: Math.round(value_EUR.high) },
    assumptions: [
      {
        name: "state of health",
        value:
          claims.soh === undefined
            ? "not measured: .5 to 1 is possible"
            : `${soh.low} to ${soh.high}, as claimed`,
        proof: undefined,
      },
      {
        name: "nominal energy",
        value: `${rounded(energy_kWh.low)} to ${rounded(energy_kWh.high)} kWh, ${claims.factory === undefined ? "as claimed" : "from the manufacturer's record, ± 1 %"}`,
        proof: claims.factory && proofOf(claims.factory),
      },
      { name: "prices", value: claims.pricesSource, proof: undefined },
      {
        name: "spread of cells' capacity, rise of resistance",
        value: "not measured",
        proof: undefined,
      },
    ],
    test: { name: test.name, width_EUR: Math.round(test.width_EUR) },
  };
}

/** What a manufacturer's own measurement of the energy leaves open, as in doubtTests. */
const recordedDoubt = 0.01;

function energyOf({ energy_kWh, factory }: Claims): Interval {
  if (factory === undefined) return energy_kWh;
  const nominal_kWh = factory.nominal_Wh / 1000;
  return { low: nominal_kWh * (1 - recordedDoubt), high: nominal_kWh * (1 + recordedDoubt) };
}

function proofOf({ manufacturer, publicKey }: FactoryRecord): string {
  return `record signed by ${manufacturer}, key ${toHex(publicKey).slice(0, 16)}…`;
}

/** The count until factory exit, which is never added to that of service. */
function factoryFacts(record: FactoryRecord | undefined): readonly Shown[] {
  if (record === undefined) {
    const name = "charged and discharged until factory exit";
    return [{ name, value: "not on record", proof: undefined }];
  }
  const proof = proofOf(record);
  const cycles = (record.charged_Wh + record.discharged_Wh) / 2 / record.nominal_Wh;
  const amount = (charge_Ah: number, energy_Wh: number): string =>
    `${rounded(charge_Ah)} Ah, ${rounded(energy_Wh)} Wh`;
  return [
    { name: "left the factory", value: new Date(record.exit_ms).toISOString(), proof },
    { name: "charged until then", value: amount(record.charged_Ah, record.charged_Wh), proof },
    {
      name: "discharged until then",
      value: amount(record.discharged_Ah, record.discharged_Wh),
      proof,
    },
    { name: "equivalent full cycles until then", value: String(rounded(cycles)), proof },
  ];
}

function serviceFacts(history: PackHistory, energy_kWh: Interval): readonly Shown[] {
  const { counts } = history;
  const proof = history.proof.length === 0 ? undefined : history.proof.join("; ");
  const shown = (name: string, value: string): Shown => ({ name, value, proof });
  if (counts.readings === 0)
    return [{ name: "in service", value: "not on record", proof: undefined }];
  const energy_Wh = 500 * (energy_kWh.low + energy_kWh.high);
  const cycles = (counts.charged_Wh + counts.discharged_Wh) / 2 / energy_Wh;
  const time = (at_ms: number): string => new Date(at_ms).toISOString();
  return [
    shown("origin of the readings", history.origins.join(", ")),
    shown("readings", `${counts.readings} in ${history.frames} frames`),
    shown("from, to", `${time(counts.from_ms)} to ${time(counts.to_ms)}`),
    shown("charged", `${rounded(counts.charged_Ah)} Ah, ${rounded(counts.charged_Wh)} Wh`),
    shown("discharged", `${rounded(counts.discharged_Ah)} Ah, ${rounded(counts.discharged_Wh)} Wh`),
    shown("equivalent full cycles", String(rounded(cycles))),
    shown("time covered", `${rounded(counts.covered_h)} h`),
    shown(
      "time over 45 °C",
      `${rounded(counts.hot_h)} h, hottest ${rounded(counts.hottest_degC)} °C`,
    ),
    shown("greatest difference between cells", `${rounded(counts.cellSpread_mV)} mV`),
    shown("fatal alarms", String(history.fatalEvents)),
  ];
}

function gapFacts(history: PackHistory): readonly Shown[] {
  const { gaps, counts } = history;
  const samples = gaps.reduce((sum, gap) => sum + gap.samples, 0);
  const places = gaps.slice(0, 20).map(({ unitId, index }) => `${unitId} entry ${index}`);
  const logs = history.proof.length === 0 ? undefined : history.proof.join("; ");
  const proof = places.length === 0 ? logs : places.join(", ");
  return [
    { name: "declared gaps", value: `${gaps.length}, ${samples} readings`, proof },
    {
      name: "time between readings that none covers",
      value: `${rounded(counts.uncovered_h)} h`,
      proof: logs,
    },
    { name: "refused frames", value: String(history.refused), proof: logs },
  ];
}

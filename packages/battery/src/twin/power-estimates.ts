import type { Estimate } from "../estimation/estimate.ts";
import { chargeShare, dischargeShare, rateUntil } from "../estimation/power-limit.ts";
import { lgHg2Cell, scaledToPack } from "../safe-operating-area.ts";
import type { PackTwin } from "./pack-twin.ts";

/** What the pack can give and take for so long, and which cell decides. Magnitudes. */
export interface PowerEstimate {
  readonly time_s: number;
  readonly discharge_kW: Estimate & { readonly cell: number };
  readonly charge_kW: Estimate & { readonly cell: number };
}

const times_s = [2, 10, 30] as const;
const reference_K = 298.15;
const zero_K = 273.15;
/** A cell's sensor may be off by so much; a resistance by this share. */
const sensor_V = 0.005;
const resistanceShare = 0.1;

/**
 * Power limits of the pack for 2, 10 and 30 s: per cell the current that ends at its voltage limit, the least
 * of them, no more than the operating area allows, then derated by temperature. Empty before a sound sample.
 */
export function powerEstimates(twin: PackTwin): readonly PowerEstimate[] {
  return times_s.map((time_s) => ({
    time_s,
    discharge_kW: powerOf(twin, { time_s, way: -1 }),
    charge_kW: powerOf(twin, { time_s, way: 1 }),
  }));
}

function powerOf(
  twin: PackTwin,
  o: { time_s: number; way: 1 | -1 },
): Estimate & { readonly cell: number } {
  const likely = ratesOf(twin, { ...o, doubt: 0 });
  const careful = ratesOf(twin, { ...o, doubt: 1 });
  const bold = ratesOf(twin, { ...o, doubt: -1 });
  return {
    ...{ value: kWOf(twin, o.way * likely.rate), cell: likely.cell },
    ...{ low: kWOf(twin, o.way * careful.rate), high: kWOf(twin, o.way * bold.rate) },
    ...{ estimator: "power-limit", version: "1", at_ms: twin.soc?.at_ms ?? 0 },
  };
}

/** The least magnitude over cells, in C, with what bounds the pack as a whole. */
function ratesOf(
  twin: PackTwin,
  o: { time_s: number; way: 1 | -1; doubt: number },
): { rate: number; cell: number } {
  const { options, latest, resistance, capacity } = twin;
  const { cell, capacity_Ah } = options;
  if (latest === undefined) return { rate: 0, cell: 0 };
  const area = scaledToPack(lgHg2Cell, capacity_Ah);
  const isCharge = o.way > 0;
  const limit_V = isCharge ? cell.chargeEnd_V : cell.dischargeEnd_V;
  const [most_A] = isCharge ? area.chargeCurrentMax_A : area.dischargeCurrentMax_A;
  const sensors = latest.temperature_degC;
  let [rate, decides] = [most_A / capacity_Ah, 0];
  for (let i = 0; i < options.cells; i++) {
    const its_degC = sensors[Math.floor((i * sensors.length) / options.cells)] ?? 25;
    const warmth = Math.exp(cell.arrhenius_K * (1 / (its_degC + zero_K) - 1 / reference_K));
    const found = rateUntil({
      ...{ cell, ...resistance.relaxing, limit_V, time_s: o.time_s },
      soc: twin.cellSoc(i),
      voltage_V: (latest.cellVoltage_mV[i] ?? 0) / 1000 + o.way * o.doubt * sensor_V,
      rate: latest.packCurrent_A / capacity_Ah,
      resistanceFactor:
        (resistance.perRate(i) / cell.ohmicPerRate) * warmth * (1 + o.doubt * resistanceShare),
      capacityFactor: capacity.estimate.capacity_Ah / capacity_Ah,
    });
    const share = isCharge ? chargeShare(its_degC) : dischargeShare(its_degC, area);
    const own = Math.max(0, o.way * found) * share;
    if (own < rate) [rate, decides] = [own, i];
  }
  return { rate, cell: decides };
}

/** At the pack's terminals while that current flows: magnitude. */
function kWOf(twin: PackTwin, rate: number): number {
  const { latest, options, resistance } = twin;
  if (latest === undefined) return 0;
  const { cells, capacity_Ah, cell } = options;
  const change = rate - latest.packCurrent_A / capacity_Ah;
  const drop_V = cells * resistance.meanFactor * cell.ohmicPerRate * change;
  return Math.max(0, (Math.abs(rate) * capacity_Ah * (latest.packVoltage_V + drop_V)) / 1000);
}

import { assumedLifeCycles, examplePrices, wearCost_EURperkWh } from "@voltfog/battery";
import type { WearView } from "@voltfog/messages";
import type { IndicatorStore, IssuedDay } from "../maintenance/indicator-store.ts";
import { type PackSettings, packOf } from "../maintenance/pack-settings.ts";

/** What of the view is about the pack alone. */
export type PackWear = Omit<WearView, "orders">;

const million = 1_000_000;

/**
 * What a kilowatt-hour costs the vehicle's battery: the price of a new pack over the energy of its life, from
 * the newest daily figures where they tell how many cycles are left, else as a new pack of its kind.
 */
export async function wearOf(
  vehicleId: string,
  from: { indicators: IndicatorStore; packs: PackSettings },
): Promise<PackWear> {
  const setting = from.packs.packs.get(vehicleId) ?? from.packs.usual;
  const pack = packOf(setting, 0);
  const { ocv_V, chemistry } = pack.cell;
  const mean_V = ocv_V.reduce((sum, point_V) => sum + point_V, 0) / ocv_V.length;
  const capacity_kWh = (pack.cells * pack.capacity_Ah * mean_V) / 1000;
  const days = await from.indicators.history({ vehicleId });
  const life = lifeOf(days.at(-1));
  const lifeCycles = life?.cycles ?? assumedLifeCycles[chemistry];
  const remainingCycles = life?.remaining ?? Math.max(0, lifeCycles - pack.fullCyclesBefore);
  const replacement_EUR = capacity_kWh * examplePrices.newPerEnergy_EUR;
  const cost_EURperkWh = wearCost_EURperkWh({ replacement_EUR, capacity_kWh, lifeCycles });
  const source =
    life === undefined
      ? `no daily figures tell of its life, so ${lifeCycles} full cycles are taken as for a new ${chemistry} pack`
      : `daily figures tell of ${lifeCycles} full cycles in all, ${remainingCycles} of them ahead`;
  return {
    vehicleId,
    wearCostPerKWh: Math.round(cost_EURperkWh * million),
    basis: `A new pack of ${Math.round(capacity_kWh)} kWh costs ${Math.round(replacement_EUR)} EUR (example price ${examplePrices.newPerEnergy_EUR} EUR per kWh), over the energy of its life at nine tenths of its capacity: ${source}.`,
    replacement_EUR: Math.round(replacement_EUR),
    remaining_kWh: Math.round(remainingCycles * capacity_kWh),
    capacity_kWh: Math.round(10 * capacity_kWh) / 10,
    remainingCycles,
    origin: days.at(-1)?.origin ?? "assumed",
  };
}

/** Cycles from new to the end of the first life; undefined where the figures don't tell. */
function lifeOf(day: IssuedDay | undefined): { cycles: number; remaining: number } | undefined {
  if (day === undefined) return undefined;
  const { totals, remainingLife } = day.figures;
  if (remainingLife === null) return undefined;
  const remaining = Math.round(remainingLife.fullCycles.value);
  const cycles = Math.round(totals.fullCycles + remainingLife.fullCycles.value);
  return cycles > 0 ? { cycles, remaining } : undefined;
}

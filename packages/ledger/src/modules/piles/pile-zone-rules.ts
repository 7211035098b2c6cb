import { crrStepPpm } from "@voltfog/market";
import type { StateTree } from "../../state/state-tree.ts";
import { isAuthority } from "../account-authority.ts";
import type { TransactionContext, Verdict } from "../module.ts";
import { pileLimits } from "./pile-limits.ts";
import { pileCurveName, pileZonesName } from "./pile-names.ts";
import type { Catalogue, CurveOrder, LoadOrder } from "./pile-orders.ts";
import { type CurveRecord, encodeCurve, encodeZones, zonesMax } from "./pile-records.ts";
import { pileCurve, pileZones } from "./pile-state.ts";

/** Sets a zone's curve, or sets it anew: the load that was reported stays. */
export function setCurve(
  state: StateTree,
  { sender }: TransactionContext,
  order: CurveOrder,
): Verdict {
  if (!isAuthority(state, sender.key)) return { code: "NOT_AUTHORISED" };
  if (!isCurve(order) || !isCatalogue(order.catalogue)) return { code: "CURVE_ABSURD" };
  const before = pileCurve(state, order.zone);
  const zones = pileZones(state);
  if (before === undefined && zones.length >= zonesMax) return { code: "ZONES_FULL" };
  const { loadPpm, loadTime_ms } = before ?? { loadPpm: 0, loadTime_ms: 0 };
  const generation = (before?.generation ?? 0) + 1;
  const curve = { ...order, generation, loadPpm, loadTime_ms };
  const listed =
    before === undefined ? state.with(pileZonesName, encodeZones([...zones, order.zone])) : state;
  return withCurve(listed, curve);
}

/** What the grid carries, as the authority hears it from the controller. */
export function reportLoad(
  state: StateTree,
  { sender, time_ms }: TransactionContext,
  { zone, loadPpm }: LoadOrder,
): Verdict {
  if (!isAuthority(state, sender.key)) return { code: "NOT_AUTHORISED" };
  const curve = pileCurve(state, zone);
  if (curve === undefined) return { code: "ZONE_UNKNOWN" };
  if (loadPpm > pileLimits.loadMaxPpm) return { code: "LOAD_ABSURD" };
  return withCurve(state, { ...curve, loadPpm, loadTime_ms: time_ms });
}

function withCurve(state: StateTree, curve: CurveRecord): Verdict {
  const data = encodeCurve(curve);
  return { code: "OK", state: state.with(pileCurveName(curve.zone), data), data };
}

function isCurve({ reserve, supply_Wh, crrPpm }: CurveOrder): boolean {
  const isWeight = crrPpm >= crrStepPpm && crrPpm <= 1_000_000 && crrPpm % crrStepPpm === 0;
  const isSupply = supply_Wh >= pileLimits.supplyMin_Wh && supply_Wh <= pileLimits.supplyMax_Wh;
  return isWeight && isSupply && reserve >= 1 && reserve <= pileLimits.reserveMax;
}

function isCatalogue(catalogue: Catalogue): boolean {
  const { valleyPricePerKWh, peakPricePerKWh, peakFrom_min, peakTo_min } = catalogue;
  const dearest = Math.max(valleyPricePerKWh, peakPricePerKWh);
  return dearest <= pileLimits.pricePerKWhMax && peakFrom_min <= peakTo_min && peakTo_min <= 1440;
}

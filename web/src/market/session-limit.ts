import { costOf } from "@voltfog/market";

/** What so much energy can cost at most, the session's fee included [millionths]. */
export function sessionCostMax(o: {
  readonly limit_Wh: number;
  readonly pricePerKWh: number;
  readonly sessionFee: number;
}): number {
  return costOf({ energy_Wh: o.limit_Wh, pricePerKWh: o.pricePerKWh }) + o.sessionFee;
}

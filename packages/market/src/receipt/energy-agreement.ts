/** How the charge point's count of a session stands to the vehicle's own. */
export interface EnergyAgreement {
  readonly charger_Wh: number;
  readonly pack_Wh: number;
  readonly least_Wh: number;
  readonly most_Wh: number;
  readonly agrees: boolean;
}

/** What both counts may differ by through rounding and the beginning and end of counting. */
const slack_Wh = 100;
/**
 * Of the energy at the charge point's meter, a pack gets 0.80 to 1.02: chargers in vehicles and at the
 * roadside lose 4 to 16 per cent, more in the cold where the pack is warmed, and both counts are of 1 per
 * cent (EN 50470-3 class B; current sensors of vehicles).
 */
const leastPart = { of: 80, per: 100 };
const mostPart = { of: 102, per: 100 };

/** Whole watt-hours below 2^40; no floating point decides. */
export function energyAgreement(counts: { charger_Wh: number; pack_Wh: number }): EnergyAgreement {
  const { charger_Wh, pack_Wh } = counts;
  const least = Math.floor((charger_Wh * leastPart.of) / leastPart.per) - slack_Wh;
  const most_Wh = Math.floor((charger_Wh * mostPart.of) / mostPart.per) + slack_Wh;
  const least_Wh = Math.max(0, least);
  return {
    ...{ charger_Wh, pack_Wh, least_Wh, most_Wh },
    agrees: pack_Wh >= least_Wh && pack_Wh <= most_Wh,
  };
}

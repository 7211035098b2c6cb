import { costOf } from "../money.ts";

/** Millionths per kilowatt-hour and per session. */
export interface SessionTariff {
  readonly pricePerKWh: number;
  readonly sessionFee: number;
}

/** What was agreed before the first watt-hour. */
export interface SessionTerms extends SessionTariff {
  readonly limitAmount: number;
  readonly limit_Wh: number;
  /** Beans that are locked for the session. */
  readonly heldBeans_Wh: number;
}

/** Who pays for the energy. */
export interface SessionBill {
  readonly beans_Wh: number;
  /** Millionths in money. */
  readonly amount: number;
}

/**
 * Beans pay first, one kilowatt-hour each, money the rest and the session's fee. A session without energy
 * costs nothing. Exact, rounded down once.
 */
export function billOf(
  energy_Wh: number,
  terms: SessionTariff & { readonly heldBeans_Wh: number },
): SessionBill {
  if (energy_Wh === 0) return { beans_Wh: 0, amount: 0 };
  const beans_Wh = Math.min(energy_Wh, terms.heldBeans_Wh);
  const { pricePerKWh, sessionFee } = terms;
  return {
    beans_Wh,
    amount: sessionFee + costOf({ energy_Wh: energy_Wh - beans_Wh, pricePerKWh }),
  };
}

/** The most that may be delivered [Wh]: at this energy the bill keeps both limits, one watt-hour more breaks one. */
export function energyAllowed_Wh(terms: SessionTerms): number {
  const { pricePerKWh, sessionFee, limitAmount, limit_Wh, heldBeans_Wh } = terms;
  if (limitAmount < sessionFee) return 0;
  if (pricePerKWh === 0) return limit_Wh;
  // The largest e with ⌊e · price / 1000⌋ ≤ amount.
  const amount = BigInt(limitAmount - sessionFee);
  const paid_Wh = ((amount + 1n) * 1000n - 1n) / BigInt(pricePerKWh);
  const byMoney_Wh = paid_Wh + BigInt(heldBeans_Wh);
  return byMoney_Wh < BigInt(limit_Wh) ? Number(byMoney_Wh) : limit_Wh;
}

import { complaint } from "../complaint.ts";

/** Amounts are whole millionths of the union's currency. */
const decimals = 6;
const unit = 10 ** decimals;

/**
 * Millionths of "12", "12.5" or "0.000001", exact: a text with more than six decimals, a sign, or a value of
 * 2^53 millionths or more is AMOUNT_INVALID. Zero only where the flag allows it.
 */
export function parseAmount(o: { flag: string; text: string; zero?: boolean }): number {
  const [, whole = "", fraction = ""] = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(o.text) ?? [];
  const amount = Number(whole) * unit + Number(fraction.padEnd(decimals, "0"));
  const isGiven = whole !== "" && Number.isSafeInteger(amount);
  if (isGiven && (amount > 0 || o.zero === true)) return amount;
  throw complaint({
    code: "AMOUNT_INVALID",
    what: `${o.flag} is ${JSON.stringify(o.text)}`,
    remedy: "write an amount with at most six decimals, such as 12.50",
  });
}

/** "12.50" of 12,500,000: two decimals at least, six at most. */
export function amountText(amount: number): string {
  const sign = amount < 0 ? "-" : "";
  const size = Math.abs(amount);
  const fraction = String(size % unit).padStart(decimals, "0");
  const shown = fraction.replace(/0{1,4}$/, "");
  return `${sign}${Math.floor(size / unit)}.${shown}`;
}

/** Watt-hours of "10kWh", "2.5 kWh" or "750Wh", whole: ENERGY_INVALID for anything else. */
export function parseEnergy_Wh(o: { flag: string; text: string; zero?: boolean }): number {
  const match = /^(\d{1,10})(?:\.(\d{1,3}))?\s*(k?)Wh$/i.exec(o.text);
  const [, whole = "", fraction = "", kilo = ""] = match ?? [];
  const isWhole = kilo !== "" || fraction === "";
  const energy_Wh =
    kilo === "" ? Number(whole) : Number(whole) * 1000 + Number(fraction.padEnd(3, "0"));
  if (match !== null && isWhole && (energy_Wh > 0 || o.zero === true)) return energy_Wh;
  throw complaint({
    code: "ENERGY_INVALID",
    what: `${o.flag} is ${JSON.stringify(o.text)}`,
    remedy: "write an energy such as 10kWh, 2.5kWh or 750Wh",
  });
}

/** "12.5 kWh" of 12,500 Wh. */
export function energyText(energy_Wh: number): string {
  return `${energy_Wh / 1000} kWh`;
}

const thinSpace = "\u2009";
const millionths = 1_000_000;
/** Above this a whole number of millionths would not be exact. */
const amountMax = Number.MAX_SAFE_INTEGER;
/** What one field takes: 1,000 MWh is more than any battery or pile trades at once. */
const energyMax_Wh = 1_000_000_000;

/** "1 234.50 EUR", as a person reads it: to the hundredth; below a tenth to the ten-thousandth. A minus stays. */
export function money(amount: number | null | undefined, currency: string): string {
  if (amount === null || amount === undefined) return "–";
  const size = Math.abs(amount);
  return exactMoney(rounded(amount, size < millionths / 10 ? 4 : 2), currency);
}

/** The same with every digit that is there, at least two behind the point. */
export function exactMoney(amount: number | null | undefined, currency: string): string {
  if (amount === null || amount === undefined) return "–";
  const sign = amount < 0 ? "−" : "";
  const size = Math.abs(amount);
  const fraction = trimmed(String(size % millionths).padStart(6, "0"), 2);
  return `${sign}${grouped(Math.floor(size / millionths))}.${fraction}${thinSpace}${currency}`;
}

/** "0.3251 EUR/kWh" of millionths per kilowatt-hour, as a person reads it: to the ten-thousandth. */
export function price(pricePerKWh: number | null | undefined, currency: string): string {
  return pricePerKWh === null || pricePerKWh === undefined
    ? "–"
    : exactPrice(rounded(pricePerKWh, 4), currency);
}

/** The same with every digit that is there. */
export function exactPrice(pricePerKWh: number | null | undefined, currency: string): string {
  return pricePerKWh === null || pricePerKWh === undefined
    ? "–"
    : `${exactMoney(pricePerKWh, currency)}/kWh`;
}

/** "12.345 kWh": exact, at least one digit behind the point. */
export function energy(energy_Wh: number | null | undefined): string {
  return energy_Wh === null || energy_Wh === undefined
    ? "–"
    : `${thousandths(energy_Wh)}${thinSpace}kWh`;
}

/** "3.5 beans": one bean pays one kilowatt-hour at its issuer's charge points. */
export function beans(energy_Wh: number): string {
  return `${thousandths(energy_Wh)}${thinSpace}${energy_Wh === 1000 ? "bean" : "beans"}`;
}

/** Millionths of what somebody typed, such as "12.5" or "12,5"; undefined where that is no amount. */
export function amountFrom(text: string): number | undefined {
  return scaledFrom(text, { digits: 6, max: amountMax });
}

/** Watt-hours of typed kilowatt-hours; undefined where that is no energy. */
export function energyFrom_Wh(text: string): number | undefined {
  return scaledFrom(text, { digits: 3, max: energyMax_Wh });
}

/** What a field shows of an amount, and what programs read: no unit, no grouping, no needless zeros. */
export function amountField(amount: number): string {
  const size = Math.abs(amount);
  const fraction = trimmed(String(size % millionths).padStart(6, "0"), 0);
  const sign = amount < 0 ? "-" : "";
  return `${sign}${Math.floor(size / millionths)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Digits and one point alone: no exponent, sign or grouping, which Number() would take. */
function scaledFrom(text: string, o: { digits: number; max: number }): number | undefined {
  const match = /^(\d{1,10})(?:[.,](\d*))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > o.digits) return undefined;
  const value = Number(whole + fraction.padEnd(o.digits, "0"));
  return value <= o.max ? value : undefined;
}

function thousandths(value: number): string {
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  const fraction = trimmed(String(size % 1000).padStart(3, "0"), 1);
  return `${sign}${grouped(Math.floor(size / 1000))}.${fraction}`;
}

/** To so many decimals, halves away from zero; what would read as nothing stays as it is. */
function rounded(amount: number, decimals: number): number {
  const step = 10 ** (6 - decimals);
  const near = Math.sign(amount) * Math.round(Math.abs(amount) / step) * step;
  return near === 0 || !Number.isSafeInteger(near) ? amount : near;
}

/** Without the zeros at the end, but with so many digits. */
function trimmed(digits: string, least: number): string {
  return digits.replace(/0+$/, "").padEnd(least, "0");
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, thinSpace);
}

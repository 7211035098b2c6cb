const million = 1_000_000;

/** Millionths as a decimal number, exactly: 1,234,500 is 1.2345. */
export function amountInWords(amount: number): string {
  const whole = Math.floor(amount / million);
  const rest = String(amount % million)
    .padStart(6, "0")
    .replace(/0{1,4}$/, "");
  return `${whole}.${rest}`;
}

/** Watt-hours as kilowatt-hours, exactly: 1,500 is 1.5 kWh. */
export function energyInWords(energy_Wh: number): string {
  return `${energy_Wh / 1000} kWh`;
}

/** What a buyer pays and a seller spends; configuration, never a measurement. */
export interface PackPrices {
  readonly newPerEnergy_EUR: number;
  readonly scrapPerEnergy_EUR: number;
  /** Of a used pack against a new one of the same remaining life, 0..1. */
  readonly usedDiscount: number;
  readonly test_EUR: number;
  readonly transport_EUR: number;
  /** Warranty money per kWh and per unit of doubt in the state of health (its half width). */
  readonly warrantyPerDoubt_EUR: number;
}

/** Examples to show the sums with; whoever trades sets its own. */
export const examplePrices: PackPrices = {
  newPerEnergy_EUR: 110,
  scrapPerEnergy_EUR: 8,
  usedDiscount: 0.6,
  test_EUR: 60,
  transport_EUR: 150,
  warrantyPerDoubt_EUR: 100,
};

/** From low to high, both possible. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A second use ends here; remaining life counts linearly from 1 down to it. */
const endOfSecondUse = 0.5;

/**
 * Value of a pack in euros, per kWh of nominal energy below: the greater of scrap and
 * kWh · SoH · price of new · remaining life over new life · discount − test − transport − warranty.
 */
export function packValue_EUR(o: {
  energy_kWh: number;
  soh: number;
  /** Half width of the interval of soh. */
  doubt: number;
  prices: PackPrices;
}): number {
  const { energy_kWh, soh, doubt, prices } = o;
  const life = Math.min(1, Math.max(0, (soh - endOfSecondUse) / (1 - endOfSecondUse)));
  const used_EUR = energy_kWh * soh * prices.newPerEnergy_EUR * life * prices.usedDiscount;
  const spent_EUR =
    prices.test_EUR + prices.transport_EUR + prices.warrantyPerDoubt_EUR * doubt * energy_kWh;
  return Math.max(energy_kWh * prices.scrapPerEnergy_EUR, used_EUR - spent_EUR);
}

/** Least and greatest value over what the state of health may be. */
export function packValueInterval_EUR(o: {
  energy_kWh: Interval;
  soh: Interval;
  prices: PackPrices;
}): Interval {
  const doubt = (o.soh.high - o.soh.low) / 2;
  const at = (side: "low" | "high"): number =>
    packValue_EUR({ energy_kWh: o.energy_kWh[side], soh: o.soh[side], doubt, prices: o.prices });
  return { low: at("low"), high: at("high") };
}

/** A way to know more, and the intervals that it would leave. */
export interface DoubtTest {
  readonly name: string;
  readonly leaves: { readonly sohDoubt?: number; readonly energyDoubt?: number };
}

export const doubtTests: readonly DoubtTest[] = [
  // Half widths that our own left-out cells gave: docs/specs/health-models.md.
  { name: "pulse test of the cells, minutes", leaves: { sohDoubt: 0.06 } },
  { name: "full charge and discharge at C/3, a day", leaves: { sohDoubt: 0.01 } },
  { name: "type plate or the manufacturer's signed record", leaves: { energyDoubt: 0.01 } },
];

/** The test that leaves the narrowest value, with the width that it would leave; ties go to the first. */
export function bestTest(o: { energy_kWh: Interval; soh: Interval; prices: PackPrices }): {
  readonly name: string;
  readonly width_EUR: number;
} {
  const widths = doubtTests.map(({ name, leaves }) => {
    const value_EUR = packValueInterval_EUR({
      prices: o.prices,
      soh: narrowed(o.soh, leaves.sohDoubt),
      energy_kWh: narrowed(o.energy_kWh, scaled(o.energy_kWh, leaves.energyDoubt)),
    });
    return { name, width_EUR: value_EUR.high - value_EUR.low };
  });
  return widths.reduce((best, test) => (test.width_EUR < best.width_EUR ? test : best));
}

function scaled(interval: Interval, share: number | undefined): number | undefined {
  return share === undefined ? undefined : (share * (interval.low + interval.high)) / 2;
}

/** The interval around its own middle, if that is narrower. */
function narrowed(interval: Interval, half: number | undefined): Interval {
  const middle = (interval.low + interval.high) / 2;
  if (half === undefined || half >= (interval.high - interval.low) / 2) return interval;
  return { low: middle - half, high: middle + half };
}

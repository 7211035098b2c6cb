import { type MatchBook, type Position, playBook } from "@voltfog/market";
import { type Clock, quantile, SeededRandom } from "@voltfog/runtime";

const openOrders = 10_000;
const meetingPoints = 100;
/** Micro-degrees: a town of some twenty kilometres. */
const town = { east: 2_350_000, north: 48_850_000, size: 200_000 } as const;
const low = { least: 200_000, range: 100_000 } as const;

export interface MatchTime {
  readonly openOrders: number;
  readonly meetingPoints: number;
  readonly arrivals: number;
  readonly matches: number;
  /** Of all arrivals together. */
  readonly mean_us: number;
  readonly median_us: number;
  readonly p99_us: number;
  readonly max_us: number;
}

/**
 * Time per order that arrives at a full book: half of the open orders ask more than anybody pays, the other
 * half pay less than anybody asks, so that they stay; of those who come, half agree with somebody.
 */
export function matchTime(o: { arrivals: number; seed: number; clock: Clock }): MatchTime {
  const random = new SeededRandom(o.seed);
  const book = fullBook({ arrivals: o.arrivals, random });
  const spent_us: number[] = [];
  let matches = 0;
  let count = 0;
  let start_ms = o.clock.monotonic_ms();
  for (const match of playBook(book)) {
    const end_ms = o.clock.monotonic_ms();
    if (count++ >= openOrders) {
      spent_us.push(1000 * (end_ms - start_ms));
      if (match !== undefined) matches++;
    }
    start_ms = o.clock.monotonic_ms();
  }
  return {
    ...{ openOrders, meetingPoints, arrivals: spent_us.length, matches },
    mean_us: spent_us.reduce((sum, one) => sum + one, 0) / spent_us.length,
    median_us: quantile(Float64Array.from(spent_us), 0.5),
    p99_us: quantile(Float64Array.from(spent_us), 0.99),
    max_us: spent_us.reduce((most, one) => Math.max(most, one), 0),
  };
}

function fullBook(o: { arrivals: number; random: SeededRandom }): MatchBook {
  const { random } = o;
  const whole = (least: number, range: number): number =>
    least + Math.floor(range * random.uniform());
  const position = (): Position => ({
    kind: "earth",
    east: whole(town.east, town.size),
    north: whole(town.north, town.size),
  });
  const orders = Array.from({ length: openOrders + o.arrivals }, (_, i) => {
    const isOpen = i < openOrders;
    const common = {
      ...{ id: i + 1, owner: undefined, arrival: i + 1, milliWhPerKm: 160_000 },
      ...{ energy_Wh: whole(5000, 15_000), ownPricePerKWh: 200_000, position: position() },
    };
    if (i % 2 === 0) {
      // Who stays asks for more than the others give, who comes for what half of them would.
      const pricePerKWh = isOpen ? whole(600_000, 100_000) : whole(low.least, low.range);
      return { ...common, side: "sell" as const, spare_Wh: 40_000, pricePerKWh };
    }
    const maxPricePerKWh = isOpen ? whole(low.least, low.range) : whole(550_000, 100_000);
    return { ...common, side: "buy" as const, maxPricePerKWh, funds: 50_000_000 };
  });
  const points = Array.from({ length: meetingPoints }, (_, i) => ({
    id: i + 1,
    position: position(),
  }));
  return { feePerKWh: 10_000, meetingPoints: points, orders };
}

import type { CurveOrder, MeetingPoint, Tariff, UnionTerms, V2vRules } from "@voltfog/ledger";
import { standardTemplate, templateHash } from "@voltfog/market";
import { nodeCrypto } from "@voltfog/runtime/node";

/**
 * What a demonstration site's market begins with. Amounts are millionths of its currency. The authority
 * changes all of it with voltfog authority; nothing here is said twice.
 */
const unit = 1_000_000;

export const firstTariff: Tariff = { pricePerKWh: 390_000, sessionFee: 500_000 };

/** Four deposits of 100 with half of each in the pool pay a block's reward for two and a half days. */
export const operatorDeposit: number = 100 * unit;

export const firstTerms: UnionTerms = {
  rewardPerBlock: 800,
  promotionSharePpm: 100_000,
  poolSharePpm: 500_000,
  depositMin: 50 * unit,
};

export const firstV2vRules: V2vRules = {
  feePerKWh: 20_000,
  lossMaxPpm: 150_000,
  meterPpm: 50_000,
  tradeLife_ms: 86_400_000,
};

/** Longitude and latitude in micro-degrees: the middle of the demonstration's town. */
export const townCentre = { east: 2_352_000, north: 48_857_000 } as const;

const pointsFromCentre: readonly (readonly [name: string, east: number, north: number])[] = [
  ["North gate", 4000, 31_000],
  ["River bank", -19_000, -6000],
  ["Market hall", 7000, 3000],
  ["East station", 27_000, 12_000],
  ["South park", -3000, -28_000],
  ["West square", -33_000, 9000],
];

/** Places where two vehicles can meet. */
export const firstMeetingPoints: readonly MeetingPoint[] = pointsFromCentre.map(
  ([name, east, north], i) => ({
    id: i + 1,
    name,
    position: {
      kind: "earth",
      east: townCentre.east + east,
      north: townCentre.north + north,
    },
  }),
);

/** The price of private piles of the only zone: 0.30 per kilowatt-hour before anybody buys. */
export const firstCurve: CurveOrder = {
  zone: 1,
  reserve: 300 * unit,
  supply_Wh: 2_000_000,
  crrPpm: 500_000,
  catalogue: {
    valleyPricePerKWh: 180_000,
    peakPricePerKWh: 320_000,
    peakFrom_min: 420,
    peakTo_min: 1260,
  },
  template: templateHash(standardTemplate, nodeCrypto),
};

export interface PlannedChargePoint {
  readonly pileId: string;
  readonly plugType: number;
  readonly power_W: number;
  readonly longitude: number;
  readonly latitude: number;
}

const pointsPerOperator = 2;
const fastPlug = 2;

/** Two fast charge points of an operator, by its place among the operators from 0. */
export function plannedChargePoints(place: number): readonly PlannedChargePoint[] {
  return Array.from({ length: pointsPerOperator }, (_, i) => {
    const number = place * pointsPerOperator + i + 1;
    return {
      pileId: `pile-${number}`,
      plugType: fastPlug,
      power_W: 300_000,
      longitude: townCentre.east + ((number * 7) % 11) * 4000 - 20_000,
      latitude: townCentre.north + ((number * 5) % 9) * 4000 - 16_000,
    };
  });
}

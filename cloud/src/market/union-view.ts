import {
  balanceOf,
  beanIssuerOf,
  chargePointKeys,
  chargePointOf,
  delegatedTo,
  operatorIds,
  operatorOf,
  promotionPot,
  tariffOf,
  unionOf,
  unionPool,
} from "@voltfog/ledger";
import { beanBound_Wh } from "@voltfog/market";
import type {
  BeanIssuerView,
  ChargePointView,
  UnionOperatorView,
  UnionView,
} from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { MarketReading } from "./market-reading.ts";

const million = 1_000_000;

/** The union and all who ever joined, in that order. */
export function unionView({ state }: MarketReading): UnionView {
  const { terms, paidBlocks, unpaidBlocks } = unionOf(state);
  return {
    pool: balanceOf(state, unionPool),
    promotion: balanceOf(state, promotionPot),
    rewardPerBlock: terms?.rewardPerBlock ?? 0,
    promotionShare: (terms?.promotionSharePpm ?? 0) / million,
    depositMin: terms?.depositMin ?? 0,
    ...{ paidBlocks, unpaidBlocks },
    operators: operatorIds(state).flatMap((organisation) => operatorView(state, organisation)),
  };
}

function operatorView(
  state: MarketReading["state"],
  organisation: string,
): readonly UnionOperatorView[] {
  const record = operatorOf(state, organisation);
  if (record === undefined) return [];
  const { key, deposit, earned, penalties, tariff, chargePoints, leftHeight } = record;
  return [
    {
      ...{ organisation, key: toHex(key), deposit, rewardsEarned: earned, penalties },
      tariff: tariff ?? null,
      delegated: delegatedTo(state, organisation),
      chargePoints,
      beansOutstanding_Wh: beanIssuerOf(state, organisation).outstanding_Wh,
      left: leftHeight !== undefined,
    },
  ];
}

/** What each operator owes in beans. */
export function beanIssuerViews({ state }: MarketReading): readonly BeanIssuerView[] {
  return operatorIds(state).map((organisation) => {
    const { outstanding_Wh, issued_Wh, redeemed_Wh, pricePerKWh } = beanIssuerOf(
      state,
      organisation,
    );
    return {
      ...{ organisation, outstanding_Wh, issued_Wh, redeemed_Wh },
      bound_Wh: boundOf_Wh(state, organisation),
      pricePerKWh: pricePerKWh === 0 ? null : pricePerKWh,
    };
  });
}

/** 0 before there is a tariff: then it can issue none. */
function boundOf_Wh(state: MarketReading["state"], organisation: string): number {
  const pricePerKWh = tariffOf(state, organisation)?.pricePerKWh;
  const earned = operatorOf(state, organisation)?.earned ?? 0;
  return pricePerKWh === undefined ? 0 : beanBound_Wh({ earned, pricePerKWh });
}

/** The first of an operator's charge points that are not removed, in the order in which they came. */
export function chargePointViews(
  { state }: MarketReading,
  query: { operator: string; limit: number },
): readonly ChargePointView[] {
  const { operator: organisation, limit } = query;
  const points: ChargePointView[] = [];
  for (const key of chargePointKeys(state, organisation)) {
    const point = chargePointOf(state, key);
    if (point === undefined || point.removedHeight !== undefined) continue;
    if (points.length >= limit) break;
    const { pileId, plugType, power_W, latitude, longitude } = point;
    points.push({
      ...{ key: toHex(key), organisation, pileId, plugType, power_W },
      ...{ latitude: latitude / million, longitude: longitude / million },
    });
  }
  return points;
}

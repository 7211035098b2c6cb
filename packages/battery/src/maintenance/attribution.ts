import type { DailyIndicators, LifeTrend } from "./daily-indicators.ts";
import { coldness, trendAt } from "./life-trend.ts";
import { leftByImbalance } from "./usable-share.ts";

/** A change of capacity over nominal: −0.01 is a point lost. */
type SohChange = number;

/** Why the state of health of a pack changed. The parts sum to the total. */
export interface Attribution {
  readonly total: SohChange;
  readonly ageing: SohChange;
  readonly temperature: SohChange;
  readonly imbalance: SohChange;
  readonly recalibration: SohChange;
  /** Another version of the estimator: what it says of the first day less what the older one said of it. */
  readonly estimator: SohChange;
  /** What none of them explains. */
  readonly unexplained: SohChange;
}

/** What the capacity filter keeps of its older looks at each new one. */
const kept = 0.98;
/** Looks so much older count less than a thousandth. */
const memory = 350;

/**
 * Splits what changed between two days of one vehicle. `history` are all its days up to the later one by the
 * later one's estimator, so the earlier day is in it once more where the versions differ. Undefined where a
 * day has no state of health. The figure of a day is a mean of looks, new ones counting most, brought up to
 * the day by the trend; the parts are what the trend says of age and cycles, of the cold of those looks, and
 * of those before a recalibration. Cost: some µs per look.
 */
export function attributionOf(
  before: DailyIndicators,
  after: DailyIndicators,
  context: { readonly history: readonly DailyIndicators[] },
): Attribution | undefined {
  const { history } = context;
  const same = history.find(({ day }) => day === before.day);
  if (before.soh === null || after.soh === null || same?.soh == null) return undefined;
  const total = after.soh.value - before.soh.value;
  const estimator = same.soh.value - before.soh.value;
  if (after.trend === null) return unsplit(total, estimator);
  const [from, to] = [same, after].map((one) => levelOf(one, history, after.trend as LifeTrend));
  if (from === undefined || to === undefined) return unsplit(total, estimator);
  const leftBefore = leftByImbalance(same.imbalanceShare);
  const leftAfter = leftByImbalance(after.imbalanceShare);
  const left = (leftBefore + leftAfter) / 2;
  const apparent = (same.soh.value / leftBefore + after.soh.value / leftAfter) / 2;
  const ageing = left * (to.ageing - from.ageing);
  const temperature = left * (to.cold - from.cold);
  const recalibration = left * (to.excess - from.excess);
  const imbalance = apparent * (leftAfter - leftBefore);
  const unexplained = total - estimator - ageing - temperature - recalibration - imbalance;
  return { total, ageing, temperature, imbalance, recalibration, estimator, unexplained };
}

function unsplit(total: number, estimator: number): Attribution {
  const none = { ageing: 0, temperature: 0, imbalance: 0, recalibration: 0 };
  return { total, ...none, estimator, unexplained: total - estimator };
}

/** What the trend says of a day, and of the looks that the filter remembers on it. */
function levelOf(
  one: DailyIndicators,
  history: readonly DailyIndicators[],
  trend: LifeTrend,
): { readonly ageing: number; readonly cold: number; readonly excess: number } | undefined {
  const days = history.filter(({ day }) => day <= one.day);
  const looks = days.flatMap((own) => own.looks).slice(-memory);
  const sum = { weight: 0, cold: 0, excess: 0 };
  looks.forEach((look, i) => {
    const weight = look.weight * kept ** (looks.length - 1 - i);
    const excess = trend.steps.reduce(
      (added, step) => added + (look.age_d < step.age_d ? step.excess : 0),
      0,
    );
    sum.weight += weight;
    sum.cold -= weight * trend.coldShare * coldness(look);
    sum.excess += weight * excess;
  });
  if (sum.weight === 0) return undefined;
  return {
    ageing: trendAt(trend, one.totals).value,
    cold: sum.cold / sum.weight,
    excess: sum.excess / sum.weight,
  };
}

import {
  type Attribution,
  attributionOf,
  type DailyIndicators,
  nothingCarried,
  trendAt,
  type Warranty,
  type WarrantyPlace,
  warrantyOf,
} from "@voltfog/battery";
import type { DataOrigin } from "@voltfog/messages";
import type { IndicatorStore, IssuedDay } from "./indicator-store.ts";
import type { Interval } from "./maintenance-desk.ts";

/** One day of one vehicle by one version of the estimator. */
export interface HealthDay {
  readonly day: string;
  readonly estimator: string;
  readonly version: string;
  readonly issued_ms: number;
  readonly origin: DataOrigin;
  readonly finality: "final" | "none";
  readonly samples: number;
  readonly covered_s: number;
  readonly soh: Interval | null;
  readonly cellHealth: Interval | null;
  readonly resistance_Ohm: Interval | null;
  readonly imbalance_mV: number | null;
  readonly temperatureSpread_K: number | null;
  readonly timeHot_s: number;
  readonly timeCold_s: number;
  readonly timeHighSoc_s: number;
  readonly timeLowSoc_s: number;
  readonly fastChargeShare: number;
  readonly throughput_Ah: number;
  readonly fullCycles: number;
  readonly distance_km: number | null;
  readonly anomalyScore: number;
  readonly safetyScore: number;
  readonly remainingLife_d: Interval | null;
  readonly remainingLifeCycles: Interval | null;
  readonly isRecalibrated: boolean;
}

/** Why the state of health changed between two days; the parts sum to the total. */
export interface AttributionView extends Attribution {
  readonly from: string;
  readonly to: string;
}

/** Capacity of the cells as the trend goes on, if use goes on alike. */
export interface ForecastPoint {
  readonly day: string;
  readonly cellHealth: Interval;
}

export interface HealthView {
  readonly vehicleId: string;
  /** Of every day shown here; `mixed` where days differ. */
  readonly origin: DataOrigin | "mixed";
  readonly days: readonly HealthDay[];
  readonly attributions: readonly AttributionView[];
  readonly forecast: readonly ForecastPoint[];
  readonly warranty: Warranty | null;
}

const day_ms = 86_400_000;
const forecastStep_d = 30;
const forecastSteps = 37;
const usage_d = 90;

/**
 * A vehicle's figures over time by every version, with what the newest version says of causes and of the
 * future. undefined where no day was ever issued.
 */
export async function healthOf(
  indicators: IndicatorStore,
  query: { vehicleId: string; from: string; to: string },
): Promise<HealthView | undefined> {
  const all = await indicators.history({ vehicleId: query.vehicleId });
  if (all.length === 0) return undefined;
  const newest =
    all
      .map(({ figures }) => figures.estimator.version)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
      .at(-1) ?? "";
  const shown = all.filter(({ figures: { day } }) => day >= query.from && day <= query.to);
  const history = all
    .filter(({ figures }) => figures.estimator.version === newest)
    .map(({ figures }): DailyIndicators => ({ ...figures, carried: nothingCarried }));
  const origins = new Set(shown.map(({ origin }) => origin));
  const [origin = "measured"] = origins;
  return {
    vehicleId: query.vehicleId,
    origin: origins.size > 1 ? "mixed" : origin,
    days: shown.map(healthDay),
    attributions: attributionsOf({ all, history, query }),
    ...futureOf(history),
  };
}

export function healthDay({ figures, ...row }: IssuedDay): HealthDay {
  const { estimator, remainingLife } = figures;
  return {
    day: figures.day,
    estimator: estimator.name,
    version: estimator.version,
    issued_ms: row.issued_ms,
    origin: row.origin,
    finality: row.finality,
    samples: row.samples,
    covered_s: figures.covered_s,
    soh: figures.soh,
    cellHealth: figures.cellHealth,
    resistance_Ohm: figures.resistance_Ohm,
    imbalance_mV: figures.imbalance_mV,
    temperatureSpread_K: figures.temperatureSpread_K,
    timeHot_s: figures.timeHot_s,
    timeCold_s: figures.timeCold_s,
    timeHighSoc_s: figures.timeHighSoc_s,
    timeLowSoc_s: figures.timeLowSoc_s,
    fastChargeShare: figures.fastChargeShare,
    throughput_Ah: figures.throughput_Ah,
    fullCycles: figures.fullCycles,
    distance_km: figures.distance_km,
    anomalyScore: figures.anomalyScore,
    safetyScore: figures.safetyScore,
    remainingLife_d: remainingLife?.days ?? null,
    remainingLifeCycles: remainingLife?.fullCycles ?? null,
    isRecalibrated: figures.isRecalibrated,
  };
}

/**
 * Between the last days of consecutive months, as each was told then: where an older version told the first
 * of the two, what the newer one says of it is the estimator's part.
 */
function attributionsOf(o: {
  all: readonly IssuedDay[];
  history: readonly DailyIndicators[];
  query: { from: string; to: string };
}): readonly AttributionView[] {
  const { all, history, query } = o;
  const ends = monthEnds(history.filter(({ soh }) => soh !== null));
  const toldThen = new Map<string, DailyIndicators>();
  for (const { figures } of all) {
    // Versions come in order, so the oldest that told a day stays.
    if (!toldThen.has(figures.day))
      toldThen.set(figures.day, { ...figures, carried: nothingCarried });
  }
  return ends.slice(1).flatMap((after, at) => {
    const before = toldThen.get(ends[at]?.day ?? "");
    const then = toldThen.get(after.day);
    if (
      before === undefined ||
      then === undefined ||
      after.day < query.from ||
      after.day > query.to
    ) {
      return [];
    }
    // Both told by the older version: what changed is of that version's own making.
    const isSame = then.estimator.version === before.estimator.version;
    const first = isSame ? history.find(({ day }) => day === before.day) : before;
    if (first === undefined) return [];
    const split = attributionOf(first, after, { history });
    return split === undefined ? [] : [{ from: before.day, to: after.day, ...split }];
  });
}

function monthEnds(days: readonly DailyIndicators[]): readonly DailyIndicators[] {
  return days.filter((day, at) => days[at + 1]?.day.slice(0, 7) !== day.day.slice(0, 7));
}

function futureOf(history: readonly DailyIndicators[]): Pick<HealthView, "forecast" | "warranty"> {
  const last = history.at(-1);
  const trend = last?.trend ?? null;
  if (last === undefined || trend === null) return { forecast: [], warranty: null };
  const place = placeOf(history, last);
  const from_ms = Date.parse(last.day);
  const forecast = Array.from({ length: forecastSteps }, (_, step): ForecastPoint => {
    const ahead_d = step * forecastStep_d;
    const cellHealth = trendAt(trend, {
      age_d: place.age_d + ahead_d,
      fullCycles: place.fullCycles + ahead_d * place.cyclesPerDay,
    });
    const day = new Date(from_ms + ahead_d * day_ms).toISOString().slice(0, 10);
    return { day, cellHealth };
  });
  return { forecast, warranty: warrantyOf(trend, place) };
}

/** Where the pack stands, and how it was used over the last three months. */
function placeOf(history: readonly DailyIndicators[], last: DailyIndicators): WarrantyPlace {
  const before = history.at(-usage_d) ?? last;
  const span_d = Math.max(1, last.totals.age_d - before.totals.age_d);
  const distance_km = last.totals.distance_km;
  const driven_km = (distance_km ?? 0) - (before.totals.distance_km ?? 0);
  return {
    ...{ age_d: last.totals.age_d, fullCycles: last.totals.fullCycles, distance_km },
    cyclesPerDay: (last.totals.fullCycles - before.totals.fullCycles) / span_d,
    distancePerDay_km: driven_km / span_d,
  };
}

import {
  type DailyIndicators,
  type Depot,
  faultHorizon_d,
  nothingCarried,
  planWork,
  rankByExpectedCost,
  type WorkRequest,
} from "@voltfog/battery";
import type { DataOrigin } from "@voltfog/messages";
import type { Clock } from "@voltfog/runtime";
import type { DepotSetting } from "./depots.ts";
import { workableDays } from "./depots.ts";
import type { IndicatorStore, IssuedDay } from "./indicator-store.ts";
import { type Learned, learnedFrom } from "./learned-factor.ts";
import type { WorkOrder, WorkOrderStore } from "./work-order-store.ts";

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One vehicle in the order of what looking at it saves. */
export interface RankedView {
  readonly vehicleId: string;
  /** That a fault fails within `horizon_d`, by the model and what outcomes taught. */
  readonly faultProbability: Interval;
  /** Above 0 an inspection pays. */
  readonly expectedCost_EUR: number;
  readonly because: string;
  /** The day that it rests on. */
  readonly day: string;
  readonly soh: number | null;
  readonly anomalyScore: number;
  readonly safetyScore: number;
  readonly remainingLife_d: number | null;
  readonly openOrder: number | null;
  readonly origin: DataOrigin;
  readonly finality: "final" | "none";
  readonly estimator: string;
}

export interface RankingView {
  readonly horizon_d: number;
  readonly failure_EUR: number;
  readonly inspection_EUR: number;
  readonly learned: Learned;
  readonly vehicles: readonly RankedView[];
}

/** One slot of the plan. */
export interface SlotView {
  readonly vehicleId: string;
  /** null: nobody ordered it; the ranking suggests it. */
  readonly orderId: number | null;
  readonly work: string;
  readonly because: string;
  readonly depotId: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly waitingPerDay_EUR: number;
  readonly origin: DataOrigin;
}

export interface PlanView {
  readonly from: string;
  readonly days: number;
  readonly cost_EUR: number;
  readonly slots: readonly SlotView[];
  /** Vehicles for which no place is free before the plan ends. */
  readonly unplaced: readonly string[];
}

export interface MaintenanceDeskOptions {
  readonly indicators: IndicatorStore;
  readonly orders: WorkOrderStore;
  readonly costs: { readonly failure_EUR: number; readonly inspection_EUR: number };
  readonly depots: readonly DepotSetting[];
  readonly clock: Clock;
}

/** Days of each vehicle that the ranking looks at. */
const looked_d = 31;
const planned_d = 30;
/** What a day of waiting costs where nothing is known of the vehicle: the order was made for a reason. */
const unknownWait_EUR = 5;
const day_ms = 86_400_000;
const ordersMax = 10_000;

/** Ranking and plan over the newest figures; worked out anew when figures, orders or outcomes change. */
export class MaintenanceDesk {
  readonly #options: MaintenanceDeskOptions;
  #newest: Promise<readonly IssuedDay[]> | undefined;

  constructor(options: MaintenanceDeskOptions) {
    this.#options = options;
  }

  /** New figures were issued. */
  refresh(): void {
    this.#newest = undefined;
  }

  async ranking(): Promise<RankingView> {
    const { orders, costs } = this.#options;
    const [days, record, open] = await Promise.all([
      this.#newestDays(),
      orders.record(),
      orders.orders({ state: "open", before: Number.MAX_SAFE_INTEGER, limit: ordersMax }),
    ]);
    const learned = learnedFrom(record);
    const byVehicle = grouped(days);
    const histories = [...byVehicle].map(([vehicleId, history]) => ({
      vehicleId,
      history: history.map(
        ({ figures }): DailyIndicators => ({ ...figures, carried: nothingCarried }),
      ),
    }));
    const orderOf = new Map(open.map(({ vehicleId, id }) => [vehicleId, id]));
    const vehicles = rankByExpectedCost(histories, costs)
      .map(({ vehicleId, faultProbability, because }): RankedView => {
        const last = byVehicle.get(vehicleId)?.at(-1);
        const probability = scaled(faultProbability, learned.factor);
        return {
          vehicleId,
          faultProbability: probability,
          expectedCost_EUR: probability.value * costs.failure_EUR - costs.inspection_EUR,
          because,
          ...newestFigures(last),
          openOrder: orderOf.get(vehicleId) ?? null,
        };
      })
      .sort((a, b) => b.expectedCost_EUR - a.expectedCost_EUR);
    return { horizon_d: faultHorizon_d, ...costs, learned, vehicles };
  }

  /** Open orders and what the ranking suggests, over the places of the depots: the cheapest plan there is. */
  async plan(): Promise<PlanView> {
    const { orders, depots, clock, costs } = this.#options;
    const [{ vehicles }, open] = await Promise.all([
      this.ranking(),
      orders.orders({ state: "open", before: Number.MAX_SAFE_INTEGER, limit: ordersMax }),
    ]);
    const ranked = new Map(vehicles.map((one) => [one.vehicleId, one]));
    const asked = [
      ...open.map((order) => askedBy(order, ranked.get(order.vehicleId))),
      ...vehicles
        .filter(({ expectedCost_EUR, openOrder }) => expectedCost_EUR > 0 && openOrder === null)
        .map((one) => suggestedBy(one)),
    ];
    const travel_EUR = Object.fromEntries(depots.map(({ id }) => [id, 0]));
    const requests = asked.map(({ key, probability }): WorkRequest => {
      const waiting_EUR = ((probability ?? 0) * costs.failure_EUR) / faultHorizon_d;
      const waitingPerDay_EUR = probability === null ? unknownWait_EUR : waiting_EUR;
      return { orderId: key, waitingPerDay_EUR, travel_EUR };
    });
    const from_ms = Math.floor(clock.wall_ms() / day_ms) * day_ms + day_ms;
    const places = depots.map(({ id, perDay }): Depot => {
      return { depotId: id, capacity: workableDays({ from_ms, days: planned_d, perDay }) };
    });
    const { slots, unplaced, cost_EUR } = planWork(requests, places);
    const byKey = new Map(asked.map((one) => [one.key, one]));
    const waits = new Map(requests.map((one) => [one.orderId, one.waitingPerDay_EUR]));
    return {
      ...{ from: dateOf(from_ms), days: planned_d, cost_EUR },
      slots: slots.flatMap(({ orderId: key, depotId, day }): SlotView[] => {
        const one = byKey.get(key);
        if (one === undefined) return [];
        const { shown } = one;
        const waitingPerDay_EUR = waits.get(key) ?? 0;
        return [{ ...shown, depotId, date: dateOf(from_ms + day * day_ms), waitingPerDay_EUR }];
      }),
      unplaced: unplaced.flatMap((key) => byKey.get(key)?.shown.vehicleId ?? []),
    };
  }

  async #newestDays(): Promise<readonly IssuedDay[]> {
    this.#newest ??= this.#options.indicators.newest(looked_d).catch((thrown: unknown) => {
      this.#newest = undefined;
      throw thrown;
    });
    return await this.#newest;
  }
}

interface Asked {
  readonly key: string;
  readonly probability: number | null;
  readonly shown: Pick<SlotView, "vehicleId" | "orderId" | "work" | "because" | "origin">;
}

function askedBy(order: WorkOrder, ranked: RankedView | undefined): Asked {
  const { id, vehicleId, work, reason } = order;
  const origin = ranked?.origin ?? "measured";
  return {
    key: `order ${id}`,
    probability: ranked?.faultProbability.value ?? order.faultProbability,
    shown: { vehicleId, orderId: id, work, because: reason, origin },
  };
}

function suggestedBy({ vehicleId, faultProbability, because, origin }: RankedView): Asked {
  return {
    key: `vehicle ${vehicleId}`,
    probability: faultProbability.value,
    shown: { vehicleId, orderId: null, work: "inspection", because, origin },
  };
}

function newestFigures(
  last: IssuedDay | undefined,
): Omit<
  RankedView,
  "vehicleId" | "faultProbability" | "expectedCost_EUR" | "because" | "openOrder"
> {
  const figures = last?.figures;
  return {
    day: figures?.day ?? "",
    soh: figures?.soh?.value ?? null,
    anomalyScore: figures?.anomalyScore ?? 0,
    safetyScore: figures?.safetyScore ?? 0,
    remainingLife_d: figures?.remainingLife?.days.value ?? null,
    origin: last?.origin ?? "measured",
    finality: last?.finality ?? "none",
    estimator:
      figures === undefined ? "" : `${figures.estimator.name} ${figures.estimator.version}`,
  };
}

function grouped(days: readonly IssuedDay[]): ReadonlyMap<string, readonly IssuedDay[]> {
  const groups = new Map<string, IssuedDay[]>();
  for (const day of days) {
    const known = groups.get(day.vehicleId);
    if (known === undefined) groups.set(day.vehicleId, [day]);
    else known.push(day);
  }
  return groups;
}

function scaled({ value, low, high }: Interval, factor: number): Interval {
  const times = (one: number): number => Math.min(1, one * factor);
  return { value: times(value), low: times(low), high: times(high) };
}

function dateOf(at_ms: number): string {
  return new Date(at_ms).toISOString().slice(0, 10);
}

import type { ChargerSite, PlugWish } from "./charger-site.ts";
import { chargingTime_min } from "./charging-time.ts";
import type { PromisedArrivals } from "./promised-arrivals.ts";
import { SiteOccupancy } from "./site-occupancy.ts";
import type { Position, TravelTime, Trip } from "./travel-time.ts";

/** A driver who asks. */
export interface DriverRequest {
  readonly position: Position;
  readonly at_ms: number;
  /** 0 to 1. */
  readonly soc: number;
  readonly targetSoc: number;
  readonly capacity_kWh: number;
  /** From full to empty. */
  readonly range_km: number;
  /** What the car takes at most. */
  readonly power_kW: number;
  readonly wish: PlugWish;
  /** What a driver's hour is worth to the driver. */
  readonly hour_EUR: number;
  /** No site is recommended that would be reached with less. */
  readonly arrivalSocMin: number;
}

/** What is known of one site. */
export interface SiteState {
  readonly site: ChargerSite;
  /** Fitting plugs that are in service, and how many of them are taken, as the feed says. */
  readonly inService: number;
  readonly taken: number;
  /** When the feed was true. */
  readonly known_ms: number;
  /** Share of time that a plug here is usually taken at the hour of arrival, 0 to 1. */
  readonly usual: number;
  readonly stay_min: number;
  /** Highest power of the fitting plugs in service. */
  readonly power_kW: number;
}

/** Parts of the cost in minutes; money is counted at the driver's value of time. */
export interface CostParts {
  readonly travel_min: number;
  readonly wait_min: number;
  readonly charging_min: number;
  readonly price_min: number;
  readonly reliability_min: number;
  readonly wear_min: number;
}

export interface Recommendation {
  readonly site: ChargerSite;
  readonly cost_min: number;
  readonly parts: CostParts;
  readonly distance_km: number;
  /** Probability that a fitting plug is free at arrival. */
  readonly free: number;
  readonly arrival_ms: number;
  readonly arrivalSoc: number;
  readonly energy_kWh: number;
  readonly price_EUR: number;
  readonly plugs: number;
  readonly freeNow: number;
  /** Highest of the fitting plugs. */
  readonly power_kW: number;
  readonly known_ms: number;
}

export interface RecommendOptions {
  readonly travelTime: TravelTime;
  readonly promised: PromisedArrivals;
  /** Of one site for this driver; undefined where nothing fits or nothing is known. */
  readonly stateOf: (site: ChargerSite, wish: PlugWish) => SiteState | undefined;
}

/** A driver who finds nothing within this time has failed to arrive: published benchmark. */
export const patience_min = 5;
/** What a failed arrival costs beside the wait: looking for another charger and getting there. */
const failure_min = 30;
/** Sites nearer than all others that are looked at closely; the rest cannot win on travel alone. */
const nearestLooked = 60;
/** Wear of a battery that is charged at 1 C, in EUR per kWh; grows with the square of the rate. Assumed. */
const wearAtRate1_EURperkWh = 0.02;

/**
 * Sites in reach, best first: the least of travel, expected wait, charging time, price, risk and wear. Drivers
 * who were sent before count as load from their arrival on. The wait comes from what the feed said, carried on
 * to the arrival (SiteOccupancy). Empty where no fitting site is in reach. Cost: about 60 sites looked at, 1 ms.
 */
export function recommend(
  request: DriverRequest,
  sites: readonly ChargerSite[],
  options: RecommendOptions,
): readonly Recommendation[] {
  const trips = options.travelTime(request.position, sites, request.at_ms);
  const inReach = sites
    .map((site, i) => ({ site, trip: trips[i] as Trip }))
    .filter(({ trip }) => arrivalSoc(request, trip) >= request.arrivalSocMin)
    .sort((a, b) => a.trip.travel_min - b.trip.travel_min);
  const found: Recommendation[] = [];
  let looked = 0;
  for (const { site, trip } of inReach) {
    if (looked >= nearestLooked) break;
    const state = options.stateOf(site, request.wish);
    if (state === undefined || state.inService === 0) continue;
    looked++;
    found.push(weigh({ request, state, trip, promised: options.promised }));
  }
  return found.sort((a, b) => a.cost_min - b.cost_min);
}

/** State of charge that the nearest fitting site would be reached with; undefined where there is none. */
export function bestArrivalSoc(
  request: DriverRequest,
  sites: readonly ChargerSite[],
  options: RecommendOptions,
): number | undefined {
  const fitting = sites.filter((site) => (options.stateOf(site, request.wish)?.inService ?? 0) > 0);
  const trips = options.travelTime(request.position, fitting, request.at_ms);
  return trips
    .map((trip) => arrivalSoc(request, trip))
    .reduce<number | undefined>((best, soc) => Math.max(best ?? soc, soc), undefined);
}

function arrivalSoc({ soc, range_km }: DriverRequest, trip: Trip): number {
  return soc - trip.distance_km / range_km;
}

function weigh(options: {
  request: DriverRequest;
  state: SiteState;
  trip: Trip;
  promised: PromisedArrivals;
}): Recommendation {
  const { request, state, trip } = options;
  const arrival_ms = request.at_ms + 60_000 * trip.travel_min;
  const occupancy = occupancyAt(state, arrival_ms, options.promised);
  const soc = arrivalSoc(request, trip);
  const power_kW = Math.min(request.power_kW, state.power_kW);
  const energy_kWh = Math.max(0, request.targetSoc - soc) * request.capacity_kWh;
  const charging_min = chargingTime_min({
    from: soc,
    to: request.targetSoc,
    capacity_kWh: request.capacity_kWh,
    power_kW,
  });
  const price_EUR = energy_kWh * state.site.price_EURperkWh;
  const rate = power_kW / request.capacity_kWh;
  const toMinutes = 60 / request.hour_EUR;
  const parts: CostParts = {
    travel_min: trip.travel_min,
    wait_min: occupancy.wait_min,
    charging_min,
    price_min: price_EUR * toMinutes,
    reliability_min: failure_min * occupancy.waitsLonger(patience_min),
    wear_min: energy_kWh * wearAtRate1_EURperkWh * rate ** 2 * toMinutes,
  };
  return {
    site: state.site,
    cost_min: Object.values(parts).reduce((sum: number, part: number) => sum + part, 0),
    parts,
    distance_km: trip.distance_km,
    free: occupancy.free,
    arrival_ms,
    arrivalSoc: soc,
    energy_kWh,
    price_EUR,
    plugs: state.inService,
    freeNow: state.inService - state.taken,
    power_kW: state.power_kW,
    known_ms: state.known_ms,
  };
}

/** What the feed said, carried on to a time, with every driver who was sent there coming in between. */
export function occupancyAt(
  state: SiteState,
  arrival_ms: number,
  promised: PromisedArrivals,
): SiteOccupancy {
  const { inService: plugs, taken, stay_min, usual, known_ms } = state;
  const occupancy = new SiteOccupancy({ plugs, taken, stay_min, usual });
  let now_ms = known_ms;
  const range = { after_ms: known_ms, upTo_ms: arrival_ms };
  for (const comes_ms of promised.between(state.site.id, range)) {
    occupancy.pass((comes_ms - now_ms) / 60_000);
    occupancy.arrive();
    now_ms = comes_ms;
  }
  occupancy.pass((arrival_ms - now_ms) / 60_000);
  return occupancy;
}

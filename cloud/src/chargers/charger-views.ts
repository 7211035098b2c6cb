import {
  type ChargerBoard,
  type DriverRequest,
  type FeedState,
  isInService,
  powerMaxOf,
  type Recommendation,
  type ReportedSite,
  reasonText,
} from "@voltfog/forecasting";

/** A driver's question with every default filled in. */
export interface Question extends Omit<DriverRequest, "position" | "at_ms" | "wish"> {
  readonly latitude: number;
  readonly longitude: number;
  readonly plugs: DriverRequest["wish"]["types"];
  readonly powerMin_kW: number;
  readonly limit: number;
  /** As in a destination; absent for somebody who goes nowhere yet. */
  readonly driver?: string;
}

interface PointFeature<T> {
  readonly type: "Feature";
  readonly id: string;
  readonly geometry: { readonly type: "Point"; readonly coordinates: readonly [number, number] };
  readonly properties: T;
}

/** Every site with how many plugs are free now. */
export function chargerCollection(board: ChargerBoard, feed: FeedState): object {
  return {
    type: "FeatureCollection",
    feed,
    features: board.sites.map((site) => feature(site, siteFacts(site))),
  };
}

/** One site with the class probabilities of each charge point. */
export function chargerDetail(site: ReportedSite, feed: FeedState): object {
  const { id, name, latitude, longitude, plugs } = site;
  return {
    ...{ feed, id, name, latitude, longitude },
    points: plugs.map(({ id: pointId, status, types, power_kW, shares }) => ({
      ...{ id: pointId, status, types, power_kW, shares },
    })),
  };
}

/** Where to charge, best first, or why nowhere. */
export function adviceCollection(
  board: ChargerBoard,
  { question, feed }: { question: Question; feed: FeedState },
): object {
  const { latitude, longitude, plugs, powerMin_kW, limit, driver, ...car } = question;
  const request = {
    ...car,
    position: { latitude, longitude },
    at_ms: feed.now_ms,
    wish: { types: plugs, powerMin_kW },
  };
  const { found, none } = board.advise(request, driver);
  return {
    type: "FeatureCollection",
    feed,
    asked: { latitude, longitude, plugs, powerMin_kW, limit, ...car },
    none: none ?? null,
    features: found
      .slice(0, limit)
      .map((one, i) => feature(one.site, adviceFacts(one, { rank: i + 1, feed }))),
  };
}

function siteFacts({ name, plugs, price_EURperkWh }: ReportedSite): object {
  return {
    name,
    plugs: plugs.length,
    inService: plugs.filter(isInService).length,
    free: plugs.filter(({ status }) => status === "available").length,
    types: [...new Set(plugs.flatMap(({ types }) => types))],
    powerMax_kW: powerMaxOf(plugs),
    price_EURperkWh: knownPrice(price_EURperkWh),
  };
}

function adviceFacts(
  one: Recommendation,
  { rank, feed }: { rank: number; feed: FeedState },
): object {
  const { cost_min, distance_km, free, arrival_ms, arrivalSoc, energy_kWh, price_EUR } = one;
  return {
    rank,
    name: one.site.name,
    cost_min,
    parts: one.parts,
    ...{ distance_km, free, arrival_ms: Math.round(arrival_ms), arrivalSoc, energy_kWh },
    price_EUR: one.site.price_EURperkWh > 0 ? price_EUR : null,
    plugs: one.plugs,
    freeNow: one.freeNow,
    power_kW: one.power_kW,
    known_ms: one.known_ms,
    reason: reasonText(one, feed.now_ms),
  };
}

function knownPrice(price_EURperkWh: number): number | null {
  return price_EURperkWh > 0 ? price_EURperkWh : null;
}

function feature<T>(
  { id, longitude, latitude }: { id: string; longitude: number; latitude: number },
  properties: T,
): PointFeature<T> {
  const coordinates: readonly [number, number] = [longitude, latitude];
  return { type: "Feature", id, geometry: { type: "Point", coordinates }, properties };
}

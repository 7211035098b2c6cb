import type { ChargerSite } from "../recommendation/charger-site.ts";
import {
  type DriverRequest,
  occupancyAt,
  type RecommendOptions,
  recommend,
  type SiteState,
} from "../recommendation/recommend.ts";
import type { Trip } from "../recommendation/travel-time.ts";

export const policyNames = [
  "nearest",
  "nearest-available-now",
  "likely-free",
  "ours",
  "ours-half-compliance",
  "clairvoyant",
] as const;

export type PolicyName = (typeof policyNames)[number];

/** What a policy may know of a driver who asks; only the clairvoyant knows `truth`. */
export interface PolicyView {
  readonly request: DriverRequest;
  readonly sites: readonly ChargerSite[];
  /** In the order of the sites. */
  readonly trips: readonly Trip[];
  readonly options: RecommendOptions;
  /** Place of the site among the sites, by id. */
  readonly placeOf: ReadonlyMap<string, number>;
  /** Minutes until the driver would be plugged in there. */
  readonly truth: (place: number) => number;
  /** Whether this driver follows advice, where only half do. */
  readonly isCompliant: boolean;
}

export interface Choice {
  readonly place: number;
  /** The choice was a recommendation that counts as load. */
  readonly isPromised: boolean;
}

type Policy = (view: PolicyView) => Choice;

/** Sites that the clairvoyant and the threshold policy look at, nearest first. */
const looked = 60;
const likely = 0.9;

export const policies: Readonly<Record<PolicyName, Policy>> = {
  nearest: (view) => chosen(byDistance(view)[0]),
  "nearest-available-now": nearestAvailable,
  "likely-free": (view) => {
    const near = byDistance(view)
      .slice(0, looked)
      .map((place) => ({ place, free: freeAtArrival(view, place) }));
    const first = near.find(({ free }) => free >= likely);
    return chosen(first?.place ?? near.toSorted((a, b) => b.free - a.free)[0]?.place);
  },
  ours,
  "ours-half-compliance": (view) => (view.isCompliant ? ours(view) : nearestAvailable(view)),
  clairvoyant: (view) => {
    const near = byDistance(view).slice(0, looked);
    const times = near.map((place) => ({ place, reach_min: view.truth(place) }));
    return chosen(times.toSorted((a, b) => a.reach_min - b.reach_min)[0]?.place);
  },
};

function ours(view: PolicyView): Choice {
  const best = recommend(view.request, view.sites, view.options)[0];
  if (best === undefined) return nearestAvailable(view);
  return { place: view.placeOf.get(best.site.id) ?? 0, isPromised: true };
}

function nearestAvailable(view: PolicyView): Choice {
  const near = byDistance(view);
  const free = near.find((place) => {
    const state = stateAt(view, place);
    return state !== undefined && state.taken < state.inService;
  });
  return chosen(free ?? near[0]);
}

function freeAtArrival(view: PolicyView, place: number): number {
  const state = stateAt(view, place);
  if (state === undefined) return 0;
  const arrival_ms = view.request.at_ms + 60_000 * (view.trips[place]?.travel_min ?? 0);
  return occupancyAt(state, arrival_ms, view.options.promised).free;
}

function stateAt(view: PolicyView, place: number): SiteState | undefined {
  const site = view.sites[place];
  return site === undefined ? undefined : view.options.stateOf(site, view.request.wish);
}

function byDistance({ trips }: PolicyView): readonly number[] {
  return trips
    .map((_, place) => place)
    .sort((a, b) => (trips[a]?.travel_min ?? 0) - (trips[b]?.travel_min ?? 0));
}

function chosen(place = 0): Choice {
  return { place, isPromised: false };
}

import { CodedError, normal, SeededRandom } from "@voltfog/runtime";
import {
  type ChargerSite,
  fits,
  type PlugWish,
  plugTypes,
} from "../recommendation/charger-site.ts";
import { PromisedArrivals } from "../recommendation/promised-arrivals.ts";
import { type DriverRequest, patience_min, type SiteState } from "../recommendation/recommend.ts";
import { offeredLoad } from "../recommendation/site-occupancy.ts";
import { streetEstimate, type Trip } from "../recommendation/travel-time.ts";
import { type PolicyName, policies } from "./driver-policies.ts";
import { type SentDriver, SimulatedSite, type Visit } from "./simulated-site.ts";

export interface BenchmarkSettings {
  readonly seed: number;
  /** Share of time that a plug is taken, mean over sites: by others, and by the drivers who ask. */
  readonly utilisation: number;
  readonly requestsPerHour: number;
  readonly hours: number;
}

export interface PolicyOutcome {
  /** Scored: those who asked after the lead-in. */
  readonly drivers: number;
  /** Share of drivers who found no free fitting plug within 5 minutes. */
  readonly failed: number;
  /** Means over drivers: the wait at the site, and the way there with it. */
  readonly wait_min: number;
  readonly reach_min: number;
  /** The same of the drivers who follow advice where only half do. */
  readonly compliant: { readonly failed: number; readonly reach_min: number };
  /** Share of plug time in use by anyone, from the first request to the last. */
  readonly utilisation: number;
}

/** A Friday in May at 08:00 in Paris; only the hour matters. */
const start_ms = Date.UTC(2023, 4, 5, 6);
const zone_min = 120;
const feedAge_ms = 300_000;
/** Others' stays: lognormal; the mean of the Belib' sessions of 2017 is about 110 min. */
const stay = { mean_min: 110, sigma: 0.7 } as const;
/** Before the first request the sites fill up; drivers ask for so long before any is scored. */
const warmUp_ms = 12 * 3_600_000;
const leadIn_ms = 3 * 3_600_000;
const drain_ms = 48 * 3_600_000;
/** Sites differ in how busy they are. */
const busySpread = 0.15;
/** Where drivers ask: the box of Paris. */
const box = { south: 48.818, north: 48.9, west: 2.26, east: 2.41 } as const;
/** Every plug fits and every stay is the driver's own, so that only way and wait tell policies apart. */
const wish: PlugWish = { types: plugTypes, powerMin_kW: 0 };

/** Share of those who ask that a policy does not know the way of, where it is not all. */
const unpromised: Partial<Readonly<Record<PolicyName, number>>> = {
  ours: 0,
  "ours-half-compliance": 0.5,
};

interface Demand {
  readonly request: DriverRequest;
  readonly stay_ms: number;
  readonly isCompliant: boolean;
}

/** Everything that is the same for every policy: others' visits, and who asks where and when. Repeats by its seed. */
export class DriverBenchmark {
  readonly #sites: readonly ChargerSite[];
  /** Share of plug time that others take, by site, and that the drivers who ask take everywhere. */
  readonly #usual: readonly number[];
  readonly #asked: number;
  readonly #visits: readonly (readonly Visit[])[];
  readonly #demand: readonly Demand[];
  readonly #settings: BenchmarkSettings;
  readonly #travelTime = streetEstimate({ zone_min });

  constructor(sites: readonly ChargerSite[], settings: BenchmarkSettings) {
    const random = new SeededRandom(settings.seed);
    this.#settings = settings;
    this.#sites = sites
      .map((site) => ({ ...site, plugs: site.plugs.filter((plug) => fits(plug, wish)) }))
      .filter(({ plugs }) => plugs.length > 0);
    const plugs = this.#sites.reduce((sum, site) => sum + site.plugs.length, 0);
    this.#asked = (settings.requestsPerHour * stay.mean_min) / 60 / plugs;
    const others = settings.utilisation - this.#asked;
    if (others <= 0) throw tooManyDrivers(this.#asked);
    this.#usual = this.#sites.map(() =>
      Math.min(0.95, Math.max(0.02, others + busySpread * normal(random))),
    );
    const end_ms = start_ms + 3_600_000 * settings.hours + drain_ms;
    this.#visits = this.#sites.map((site, i) =>
      drawVisits({ plugs: site.plugs.length, usual: this.#usual[i] ?? 0, end_ms, random }),
    );
    this.#demand = drawDemand(settings, random);
  }

  get sites(): number {
    return this.#sites.length;
  }

  get requests(): number {
    return this.#demand.length;
  }

  /** Sends every driver by one policy, in the order of their asking. */
  run(name: PolicyName, onDriver: (done: number) => void = () => {}): PolicyOutcome {
    const live = this.#sites.map(
      ({ plugs }, i) => new SimulatedSite({ plugs: plugs.length, visits: this.#visits[i] ?? [] }),
    );
    const promised = new PromisedArrivals();
    const placeOf = new Map(this.#sites.map(({ id }, i) => [id, i]));
    const reached: Reached[] = [];
    for (const [done, demand] of this.#demand.entries()) {
      const { request, isCompliant } = demand;
      onDriver(done);
      const trips = this.#travelTime(request.position, this.#sites, request.at_ms);
      const sent = (place: number): SentDriver => sentDriver(demand, trips[place] as Trip);
      const choice = policies[name]({
        ...{ request, sites: this.#sites, trips, placeOf, isCompliant },
        options: {
          travelTime: () => trips,
          promised,
          stateOf: (site) => {
            const place = placeOf.get(site.id) ?? 0;
            return this.#stateOf(live, place, {
              at_ms: request.at_ms,
              unpromised: unpromised[name] ?? 1,
            });
          },
        },
        truth: (place) => this.#truth(live, place, { request, driver: sent(place) }),
      });
      const driver = sent(choice.place);
      const site = live[choice.place];
      site?.advance(request.at_ms);
      site?.send(driver, (from_ms) => {
        if (request.at_ms < start_ms) return;
        const wait_min = (from_ms - driver.at_ms) / 60_000;
        reached.push({ wait_min, reach_min: (from_ms - request.at_ms) / 60_000, isCompliant });
      });
      const siteId = this.#sites[choice.place]?.id ?? "";
      if (choice.isPromised) promised.promise(String(done), { siteId, arrival_ms: driver.at_ms });
    }
    return this.#outcome(live, reached);
  }

  #stateOf(
    live: readonly SimulatedSite[],
    place: number,
    { at_ms, unpromised }: { at_ms: number; unpromised: number },
  ): SiteState | undefined {
    const [site, simulated] = [this.#sites[place], live[place]];
    if (site === undefined || simulated === undefined) return undefined;
    simulated.advance(at_ms);
    const known_ms = at_ms - feedAge_ms;
    return {
      site,
      inService: site.plugs.length,
      taken: simulated.takenAt(known_ms),
      known_ms,
      // What the history of the site shows, less the drivers who were promised: those count one by one.
      usual: Math.min(0.95, (this.#usual[place] ?? 0) + unpromised * this.#asked),
      stay_min: stay.mean_min,
      power_kW: Math.max(...site.plugs.map(({ power_kW }) => power_kW)),
    };
  }

  #truth(
    live: readonly SimulatedSite[],
    place: number,
    sent: { request: DriverRequest; driver: SentDriver },
  ): number {
    const site = live[place];
    if (site === undefined) return Number.POSITIVE_INFINITY;
    site.advance(sent.request.at_ms);
    const from_ms = site.wouldServe(sent.driver, sent.driver.at_ms + drain_ms);
    return (from_ms - sent.request.at_ms) / 60_000;
  }

  #outcome(live: readonly SimulatedSite[], reached: readonly Reached[]): PolicyOutcome {
    const end_ms = start_ms + 3_600_000 * this.#settings.hours;
    for (const site of live) site.advance(end_ms + drain_ms);
    const busy = live.reduce((sum, site) => sum + site.busyBetween(start_ms, end_ms), 0);
    const plugs = live.reduce((sum, site) => sum + site.plugs, 0);
    const { wait_min, ...all } = scoreOf(reached);
    const { failed, reach_min } = scoreOf(reached.filter(({ isCompliant }) => isCompliant));
    return {
      drivers: reached.length,
      wait_min,
      ...all,
      compliant: { failed, reach_min },
      utilisation: busy / plugs,
    };
  }
}

interface Reached {
  readonly wait_min: number;
  readonly reach_min: number;
  readonly isCompliant: boolean;
}

function scoreOf(reached: readonly Reached[]): {
  failed: number;
  wait_min: number;
  reach_min: number;
} {
  const failed = reached.filter(({ wait_min }) => wait_min > patience_min).length;
  return {
    failed: failed / Math.max(1, reached.length),
    wait_min: meanOf(reached.map(({ wait_min }) => wait_min)),
    reach_min: meanOf(reached.map(({ reach_min }) => reach_min)),
  };
}

function sentDriver({ request, stay_ms }: Demand, trip: Trip): SentDriver {
  return { at_ms: Math.round(request.at_ms + 60_000 * trip.travel_min), stay_ms };
}

function drawStay_ms(random: SeededRandom): number {
  const scale_ms = 60_000 * stay.mean_min * Math.exp(-(stay.sigma ** 2) / 2);
  return Math.max(60_000, Math.round(scale_ms * Math.exp(stay.sigma * normal(random))));
}

function drawVisits(options: {
  plugs: number;
  usual: number;
  end_ms: number;
  random: SeededRandom;
}): readonly Visit[] {
  const { plugs, usual, end_ms, random } = options;
  const between_ms = (60_000 * stay.mean_min) / offeredLoad(plugs, usual);
  const visits: Visit[] = [];
  let at_ms = start_ms - leadIn_ms - warmUp_ms;
  for (;;) {
    at_ms += Math.max(1, Math.round(-between_ms * Math.log(1 - random.uniform())));
    if (at_ms > end_ms) return visits;
    visits.push({ at_ms, stay_ms: drawStay_ms(random) });
  }
}

function drawDemand(settings: BenchmarkSettings, random: SeededRandom): readonly Demand[] {
  const demand: Demand[] = [];
  const between_ms = 3_600_000 / settings.requestsPerHour;
  let at_ms = start_ms - leadIn_ms;
  for (;;) {
    at_ms += Math.max(1, Math.round(-between_ms * Math.log(1 - random.uniform())));
    if (at_ms > start_ms + 3_600_000 * settings.hours) return demand;
    const within = (low: number, high: number): number => low + (high - low) * random.uniform();
    const soc = within(0.15, 0.45);
    demand.push({
      request: {
        position: {
          latitude: within(box.south, box.north),
          longitude: within(box.west, box.east),
        },
        at_ms,
        soc,
        targetSoc: Math.min(0.8, soc + within(0.15, 0.4)),
        capacity_kWh: within(40, 75),
        range_km: within(250, 400),
        power_kW: 7,
        wish,
        hour_EUR: 20,
        arrivalSocMin: 0.03,
      },
      stay_ms: drawStay_ms(random),
      isCompliant: random.uniform() < 0.5,
    });
  }
}

function tooManyDrivers(asked: number): CodedError {
  return new CodedError({
    code: "DEMAND_TOO_HIGH",
    message: `the drivers who ask alone would take ${Math.round(100 * asked)} % of all plug time`,
    remedy: "lower the requests, or raise the utilisation",
  });
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

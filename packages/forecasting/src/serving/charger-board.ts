import { fits, type Plug, type PlugWish } from "../recommendation/charger-site.ts";
import { PromisedArrivals } from "../recommendation/promised-arrivals.ts";
import {
  bestArrivalSoc,
  type DriverRequest,
  type Recommendation,
  type RecommendOptions,
  recommend,
  type SiteState,
} from "../recommendation/recommend.ts";
import { streetEstimate, type TravelTime } from "../recommendation/travel-time.ts";
import { usualStay_min } from "../recommendation/usual-stay.ts";
import type { StatusClass } from "../status/status-class.ts";
import type { ChargerReport, ReportedPlug, ReportedSite } from "./charger-report.ts";

/** How a network's feed stands. */
export interface FeedState {
  readonly network: string;
  readonly title: string;
  readonly attribution: string;
  readonly origin: ChargerReport["origin"];
  readonly at_ms: number;
  /** The network's present: in a replay the recorded time, which goes on. */
  readonly now_ms: number;
  readonly age_s: number;
  readonly isStale: boolean;
  readonly isSuspect: boolean;
  readonly forecast: ChargerReport["forecast"];
  /** What a driver should know of it; null where there is nothing. */
  readonly note: string | null;
}

/** What a driver is told: sites best first, or why there is none. */
export interface Advice {
  readonly found: readonly Recommendation[];
  readonly none:
    | {
        readonly code: "NO_CHARGER_IN_REACH" | "NO_FITTING_CHARGER";
        readonly message: string;
        readonly bestArrivalSoc: number | null;
      }
    | undefined;
}

/** A feed older than this is stale. */
const staleAfter_ms = 900_000;
const inServiceClasses: readonly StatusClass[] = [
  "available",
  "charging",
  "occupied-not-charging",
  "reserved",
];

/** The newest report of a network's chargers, who was sent where, and the advice that follows. */
export class ChargerBoard {
  readonly #promised = new PromisedArrivals();
  #report: ChargerReport | undefined;
  #sites: ReadonlyMap<string, ReportedSite> = new Map();
  #travelTime: TravelTime = streetEstimate({ zone_min: 0 });

  /** Takes a report; what it replaces is forgotten, promised arrivals stay. */
  take(report: ChargerReport): void {
    this.#report = report;
    this.#sites = new Map(report.sites.map((site) => [site.id, site]));
    this.#travelTime = streetEstimate({ zone_min: report.zone_min });
  }

  get sites(): readonly ReportedSite[] {
    return this.#report?.sites ?? [];
  }

  siteOf(id: string): ReportedSite | undefined {
    return this.#sites.get(id);
  }

  /** Undefined before the first report. */
  feed(wall_ms: number): FeedState | undefined {
    const report = this.#report;
    if (report === undefined) return undefined;
    const {
      network,
      title,
      attribution,
      origin,
      at_ms,
      shown_ms,
      forecast,
      forecastNote,
      suspicion,
    } = report;
    const now_ms = origin === "replayed" ? at_ms + Math.max(0, wall_ms - shown_ms) : wall_ms;
    const age_ms = Math.max(0, now_ms - at_ms);
    const isStale = age_ms > staleAfter_ms;
    return {
      ...{ network, title, attribution, origin, at_ms, now_ms, forecast, isStale },
      age_s: Math.round(age_ms / 1000),
      isSuspect: suspicion !== "",
      note: noteOf({
        isStale,
        age_ms,
        suspicion,
        forecastNote: forecast === "model" ? "" : forecastNote,
      }),
    };
  }

  /** The site's fitting plugs and how many are taken, for every wish; undefined where none is in service. */
  stateOf(site: ReportedSite, wish: PlugWish): SiteState | undefined {
    const report = this.#report;
    const fitting = site.plugs.filter((plug) => isInService(plug) && fits(plug, wish));
    if (report === undefined || fitting.length === 0) return undefined;
    const power_kW = Math.max(...fitting.map((plug) => plug.power_kW));
    return {
      site,
      inService: fitting.length,
      taken: fitting.filter(({ status }) => status !== "available").length,
      known_ms: report.at_ms,
      usual: fitting.reduce((sum, plug) => sum + plug.usual, 0) / fitting.length,
      stay_min: usualStay_min(power_kW),
      power_kW,
    };
  }

  /** Where to charge; a driver who is on the way already is no load for that driver. Cost: about 1 ms. */
  advise(request: DriverRequest, driver = ""): Advice {
    const own = this.#promised.of(driver);
    if (own === undefined) return this.#advise(request);
    this.#promised.cancel(driver);
    const advice = this.#advise(request);
    this.#promised.promise(driver, own);
    return advice;
  }

  #advise(request: DriverRequest): Advice {
    const states = new Map<string, SiteState | undefined>();
    const options: RecommendOptions = {
      travelTime: this.#travelTime,
      promised: this.#promised,
      stateOf: (site, wish) => {
        if (states.has(site.id)) return states.get(site.id);
        const reported = this.#sites.get(site.id);
        const state = reported && this.stateOf(reported, wish);
        states.set(site.id, state);
        return state;
      },
    };
    const found = recommend(request, this.sites, options);
    if (found.length > 0) return { found, none: undefined };
    return { found, none: reasonOf(request, bestArrivalSoc(request, this.sites, options)) };
  }

  /** A driver is on the way; false where too many are. */
  promise(driver: string, way: { readonly siteId: string; readonly arrival_ms: number }): boolean {
    return this.#promised.promise(driver, way);
  }

  /** False where the driver was not on the way. */
  cancel(driver: string): boolean {
    return this.#promised.cancel(driver);
  }
}

export function isInService({ status }: Pick<ReportedPlug, "status">): boolean {
  return inServiceClasses.includes(status);
}

/** Highest power of some plugs; 0 where none says. */
export function powerMaxOf(plugs: readonly Pick<Plug, "power_kW">[]): number {
  return plugs.reduce((most_kW, { power_kW }) => Math.max(most_kW, power_kW), 0);
}

function noteOf(feed: {
  isStale: boolean;
  age_ms: number;
  suspicion: string;
  forecastNote: string;
}): string | null {
  if (feed.suspicion !== "") return `The feed cannot be true: ${feed.suspicion}.`;
  if (!feed.isStale && feed.forecastNote === "") return null;
  if (!feed.isStale) return `Class percentages are a baseline's: ${feed.forecastNote}.`;
  return `The feed has said nothing for ${Math.round(feed.age_ms / 60_000)} min; what follows may be over.`;
}

function reasonOf(request: DriverRequest, best: number | undefined): Advice["none"] {
  if (best === undefined) {
    const message = "No charger in service has such a plug with such a power.";
    return { code: "NO_FITTING_CHARGER", message, bestArrivalSoc: null };
  }
  const needed = Math.ceil(100 * (request.soc + request.arrivalSocMin - best));
  const reserve = Math.round(100 * request.arrivalSocMin);
  const message =
    needed > 100
      ? `The nearest fitting charger is ${Math.round((request.soc - best) * request.range_km)} km away, more than a full battery reaches.`
      : `The nearest fitting charger needs ${needed} % to arrive with ${reserve} %; the car has ${Math.floor(100 * request.soc)} %.`;
  return { code: "NO_CHARGER_IN_REACH", message, bestArrivalSoc: best };
}

import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";
import { type PlugType, plugTypes } from "../recommendation/charger-site.ts";
import { type StatusClass, statusClasses } from "../status/status-class.ts";

/** What a unit tells the cloud of one charge point. */
export interface ReportedPlug {
  readonly id: string;
  readonly types: readonly PlugType[];
  /** 0 where unknown. */
  readonly power_kW: number;
  readonly status: StatusClass;
  /** Share of its time in service that the plug is taken at this hour, 0 to 1. */
  readonly usual: number;
  /** Probability of each class at the next snapshot; they sum to 1 but for rounding. */
  readonly shares: Readonly<Partial<Record<StatusClass, number>>>;
}

export interface ReportedSite {
  readonly id: string;
  readonly name: string;
  /** WGS 84, degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** 0 where unknown. */
  readonly price_EURperkWh: number;
  readonly plugs: readonly ReportedPlug[];
}

/** A network's chargers as a unit knows them, version 1. */
export interface ChargerReport {
  readonly version: 1;
  /** Of the reports since the unit started; another count is another report. */
  readonly count: number;
  readonly network: string;
  readonly title: string;
  /** Whose data it is, under which licence. */
  readonly attribution: string;
  readonly origin: "replayed" | "live";
  /** Minutes that the network's local time is ahead of UTC. */
  readonly zone_min: number;
  /** The feed's own time, and the unit's when it came. */
  readonly at_ms: number;
  readonly shown_ms: number;
  /** What the shares look ahead. */
  readonly horizon_min: number;
  readonly forecast: "baseline" | "model";
  /** Why a model that should forecast does not; empty otherwise. */
  readonly forecastNote: string;
  /** Why the feed cannot be true; empty where it seems so. */
  readonly suspicion: string;
  readonly sites: readonly ReportedSite[];
}

export interface ReportProblem extends Problem {
  readonly code: "REPORT_INVALID";
  readonly detail: string;
}

const sitesMax = 20_000;
const plugsMax = 1000;
const textMax = 300;

/** A report in another process's JSON; REPORT_INVALID with the place of the first fault. */
export function decodeChargerReport(value: unknown): Outcome<ChargerReport, ReportProblem> {
  const fault = faultIn(value);
  if (fault === undefined) return accepted(value as ChargerReport);
  return refused({ code: "REPORT_INVALID", detail: fault });
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string" && value.length <= textMax;
const name: Check = (value) => text(value) && value !== "";
const between =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === "number" && value >= min && value <= max;
const oneOf =
  (values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const instant = between(0, 253_402_300_799_999);

const reportFields: Readonly<Record<string, Check>> = {
  version: oneOf([1]),
  count: between(1, Number.MAX_SAFE_INTEGER),
  network: name,
  title: name,
  attribution: text,
  origin: oneOf(["replayed", "live"]),
  zone_min: between(-1440, 1440),
  at_ms: instant,
  shown_ms: instant,
  horizon_min: between(0, 1_000_000),
  forecast: oneOf(["baseline", "model"]),
  forecastNote: text,
  suspicion: text,
};
const siteFields: Readonly<Record<string, Check>> = {
  id: name,
  name: text,
  latitude: between(-90, 90),
  longitude: between(-180, 180),
  price_EURperkWh: between(0, 100),
};
const plugFields: Readonly<Record<string, Check>> = {
  id: name,
  power_kW: between(0, 10_000),
  status: oneOf(statusClasses),
  usual: between(0, 1),
  types: (value) =>
    Array.isArray(value) && value.length <= plugTypes.length && value.every(oneOf(plugTypes)),
  shares: (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    return Object.entries(value).every(
      ([key, share]) => oneOf(statusClasses)(key) && between(0, 1.001)(share),
    );
  },
};

function faultIn(value: unknown): string | undefined {
  const wrong = faultyField(value, reportFields);
  if (wrong !== undefined) return wrong;
  const { sites } = value as { sites?: unknown };
  if (!Array.isArray(sites) || sites.length > sitesMax) return "sites";
  for (const [i, site] of sites.entries()) {
    const faulty = faultyField(site, siteFields);
    if (faulty !== undefined) return `sites[${i}].${faulty}`;
    const { plugs } = site as { plugs?: unknown };
    if (!Array.isArray(plugs) || plugs.length > plugsMax) return `sites[${i}].plugs`;
    for (const [j, plug] of plugs.entries()) {
      const bad = faultyField(plug, plugFields);
      if (bad !== undefined) return `sites[${i}].plugs[${j}].${bad}`;
    }
  }
  return undefined;
}

function faultyField(value: unknown, fields: Readonly<Record<string, Check>>): string | undefined {
  if (typeof value !== "object" || value === null) return "not an object";
  const record = value as Readonly<Record<string, unknown>>;
  return Object.keys(fields).find((key) => !fields[key]?.(record[key]));
}

import type { EngineChoice } from "@voltfog/ledger";
import { complaint } from "../complaint.ts";
import { parseDuration_ms, parseWhole } from "../flag-values.ts";
import { type MarketMode, parseMarketMode } from "../market/market-mode.ts";
import { parseEngine } from "../site/engine-flag.ts";
import { pilotSize } from "../site/open-site.ts";
import { parseBasePort, unitsMax } from "../site/site-ports.ts";
import { parseFleet, type ShownFleet } from "./load-fleet.ts";

/** The flags of `voltfog up` as commander gives them. */
export interface UpFlags {
  readonly data: string;
  readonly port: string;
  readonly vehicles?: string;
  readonly units?: string;
  readonly preset?: string;
  readonly engine?: string;
  readonly rate: string;
  readonly frameAge: string;
  readonly seed: string;
  readonly datasets?: string;
  readonly fleet?: string;
  readonly outboxMax?: string;
  readonly nats?: string;
  readonly influx?: string;
  readonly market?: string;
  readonly signIn?: boolean;
  readonly logLevel: string;
  readonly for?: string;
  readonly report?: string;
  readonly open?: boolean;
}

/** What the user asked for, checked. */
export interface UpOptions {
  readonly root: string;
  readonly basePort: number;
  readonly asked: {
    readonly units: number | undefined;
    readonly vehicles: number | undefined;
    readonly organisations?: readonly number[] | undefined;
    readonly engine?: EngineChoice | undefined;
  };
  readonly rate_Hz: number;
  readonly frameAge_ms: number;
  readonly seed: number;
  readonly datasets: string | undefined;
  readonly fleet: ShownFleet | undefined;
  readonly outboxMax: number | undefined;
  /** tls://host:port of a NATS server; the cloud asks the units directly without. */
  readonly natsUrl: string | undefined;
  /** Address of an InfluxDB for the samples; the store's own file has them without. */
  readonly influxUrl: string | undefined;
  readonly market: MarketMode;
  /** Nobody is let in without a token. */
  readonly signIn: boolean;
  readonly logLevel: string;
  readonly for_ms: number | undefined;
  readonly report: string | undefined;
  readonly open: boolean;
}

/** Vehicles of one site that `up` runs. */
export const vehiclesMax = 1000;

export function readUpFlags(flags: UpFlags): UpOptions {
  if (flags.report !== undefined && flags.for === undefined) {
    throw complaint({
      code: "FLAG_MISSING",
      what: "--report needs the length of the run",
      remedy: "add --for, such as --for 60s",
    });
  }
  const signIn = flags.signIn === true;
  if (signIn && flags.report !== undefined) {
    throw complaint({
      code: "FLAGS_CONFLICT",
      what: "--report asks the cloud without a token, which --sign-in refuses",
      remedy: "leave out one of the two",
    });
  }
  // People who sign in do not expect others who only act: a closed site's market is asked for by name.
  const market = parseMarketMode(flags.market ?? (signIn ? "none" : "simulated"));
  const whole = (flag: string, text: string, limits: { min: number; max: number }): number =>
    parseWhole({ flag, text, ...limits });
  const optional = <T>(text: string | undefined, read: (text: string) => T): T | undefined =>
    text === undefined ? undefined : read(text);
  return {
    root: flags.data,
    basePort: parseBasePort(flags.port),
    asked: askedSize(flags),
    rate_Hz: whole("--rate", flags.rate, { min: 1, max: 10 }),
    frameAge_ms: frameAge_ms(flags.frameAge),
    seed: whole("--seed", flags.seed, { min: 0, max: 4_294_967_295 }),
    datasets: flags.datasets,
    fleet: optional(flags.fleet, parseFleet),
    outboxMax: optional(flags.outboxMax, (text) =>
      whole("--outbox-max", text, { min: 64, max: 100_000_000 }),
    ),
    natsUrl: optional(flags.nats, parseNatsUrl),
    influxUrl: flags.influx,
    market,
    signIn,
    logLevel: flags.logLevel,
    for_ms: optional(flags.for, (text) => parseDuration_ms({ flag: "--for", text })),
    report: flags.report,
    open: flags.open === true,
  };
}

/** What the flags ask of a new site; a preset leaves no choice of units. */
function askedSize({ units, vehicles, preset, engine }: UpFlags): UpOptions["asked"] {
  const whole = (flag: string, text: string | undefined, max: number): number | undefined =>
    text === undefined ? undefined : parseWhole({ flag, text, min: 1, max });
  const asked = {
    units: whole("--units", units, unitsMax),
    vehicles: whole("--vehicles", vehicles, vehiclesMax),
    ...(engine === undefined ? {} : { engine: parseEngine(engine) }),
  };
  if (preset === undefined) return asked;
  if (preset === "pilot" && (asked.units ?? pilotSize.units) === pilotSize.units) {
    return { ...asked, units: pilotSize.units, organisations: pilotSize.organisations };
  }
  throw complaint({
    code: "PRESET_INVALID",
    what: preset === "pilot" ? `--units is ${units}` : `--preset is ${JSON.stringify(preset)}`,
    remedy: `give --preset pilot, which has ${pilotSize.units} units, or leave it out`,
  });
}

function parseNatsUrl(text: string): string {
  if (/^tls:\/\/\S+$/.test(text)) return text;
  throw complaint({
    code: "URL_INVALID",
    what: `--nats is ${JSON.stringify(text)}`,
    remedy: "give tls://host:port; logs travel under TLS only",
  });
}

function frameAge_ms(text: string): number {
  const value_ms = parseDuration_ms({ flag: "--frame-age", text });
  if (value_ms >= 100 && value_ms <= 60_000) return value_ms;
  throw complaint({
    code: "DURATION_INVALID",
    what: `--frame-age is ${JSON.stringify(text)}`,
    remedy: "give 100ms to 60s",
  });
}

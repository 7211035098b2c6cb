import { complaint } from "../complaint.ts";
import { parseDuration_ms, parseWhole } from "../flag-values.ts";
import { parseBasePort, unitsMax } from "../site/site-ports.ts";

/** The flags of `voltfog up` as commander gives them. */
export interface UpFlags {
  readonly data: string;
  readonly port: string;
  readonly vehicles?: string;
  readonly units?: string;
  readonly rate: string;
  readonly frameAge: string;
  readonly seed: string;
  readonly datasets?: string;
  readonly outboxMax?: string;
  readonly logLevel: string;
  readonly for?: string;
  readonly report?: string;
  readonly open?: boolean;
}

/** What the user asked for, checked. */
export interface UpOptions {
  readonly root: string;
  readonly basePort: number;
  readonly asked: { readonly units: number | undefined; readonly vehicles: number | undefined };
  readonly rate_Hz: number;
  readonly frameAge_ms: number;
  readonly seed: number;
  readonly datasets: string | undefined;
  readonly outboxMax: number | undefined;
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
  const whole = (flag: string, text: string, limits: { min: number; max: number }): number =>
    parseWhole({ flag, text, ...limits });
  const optional = <T>(text: string | undefined, read: (text: string) => T): T | undefined =>
    text === undefined ? undefined : read(text);
  return {
    root: flags.data,
    basePort: parseBasePort(flags.port),
    asked: {
      units: optional(flags.units, (text) => whole("--units", text, { min: 1, max: unitsMax })),
      vehicles: optional(flags.vehicles, (text) =>
        whole("--vehicles", text, { min: 1, max: vehiclesMax }),
      ),
    },
    rate_Hz: whole("--rate", flags.rate, { min: 1, max: 10 }),
    frameAge_ms: frameAge_ms(flags.frameAge),
    seed: whole("--seed", flags.seed, { min: 0, max: 4_294_967_295 }),
    datasets: flags.datasets,
    outboxMax: optional(flags.outboxMax, (text) =>
      whole("--outbox-max", text, { min: 64, max: 100_000_000 }),
    ),
    logLevel: flags.logLevel,
    for_ms: optional(flags.for, (text) => parseDuration_ms({ flag: "--for", text })),
    report: flags.report,
    open: flags.open === true,
  };
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

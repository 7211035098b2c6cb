import { complaint } from "../complaint.ts";
import { parseDuration_ms, parseWhole } from "../flag-values.ts";
import { unitsMax } from "../site/site-ports.ts";
import { vehiclesMax } from "../up/up-options.ts";

/** The flags of `voltfog soak` as commander gives them. */
export interface SoakFlags {
  readonly for: string;
  readonly seed?: string;
  readonly units: string;
  readonly vehicles: string;
  readonly rate: string;
  readonly frameAge: string;
  readonly datasets?: string;
}

/** What the user asked for, checked, and where it takes place. */
export interface SoakOptions {
  readonly folder: string;
  readonly for_ms: number;
  readonly seed: number;
  readonly units: number;
  readonly vehicles: number;
  readonly rate_Hz: number;
  readonly frameAge_ms: number;
  readonly datasets: string | undefined;
}

const shortest_ms = 30_000;
/** Seeds are of 32 bits. */
const seedMax = 4_294_967_295;

/** The flags' values; a seed is drawn where none is asked for. */
export function readSoakFlags(
  flags: SoakFlags,
  drawSeed: () => number,
): Omit<SoakOptions, "folder"> {
  const whole = (flag: string, text: string, limits: { min: number; max: number }): number =>
    parseWhole({ flag, text, ...limits });
  const for_ms = parseDuration_ms({ flag: "--for", text: flags.for });
  if (for_ms < shortest_ms) {
    throw complaint({
      code: "DURATION_INVALID",
      what: `--for is ${JSON.stringify(flags.for)}`,
      remedy: `give ${shortest_ms / 1000}s or more: processes must have time to come back`,
    });
  }
  return {
    for_ms,
    seed:
      flags.seed === undefined ? drawSeed() : whole("--seed", flags.seed, { min: 0, max: seedMax }),
    units: whole("--units", flags.units, { min: 2, max: unitsMax }),
    vehicles: whole("--vehicles", flags.vehicles, { min: 1, max: vehiclesMax }),
    rate_Hz: whole("--rate", flags.rate, { min: 1, max: 10 }),
    frameAge_ms: parseDuration_ms({ flag: "--frame-age", text: flags.frameAge }),
    datasets: flags.datasets,
  };
}

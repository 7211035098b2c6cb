import {
  type CarriedState,
  type DailyIndicators,
  dayOf,
  type FleetReference,
  fleetReference,
  indicatorsOf,
  nothingCarried,
} from "@voltfog/battery";
import type { Clock } from "@voltfog/runtime";
import type { AlertDesk } from "../alerts/alert-desk.ts";
import type { StepVerdict } from "../remote/repeat.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { alertFiguresOf } from "./alert-figures.ts";
import type { IndicatorStore, IssuedDay } from "./indicator-store.ts";
import { type PackSettings, packOf } from "./pack-settings.ts";
import { type FinalDay, readFinalDay } from "./read-day.ts";

export interface MaintenanceStageOptions {
  readonly store: TelemetryStore;
  readonly indicators: IndicatorStore;
  readonly packs: () => PackSettings;
  readonly desk: Pick<AlertDesk, "takeDays">;
  readonly clock: Clock;
  /** Called when figures were issued. */
  readonly issued: () => void;
  /** Of the estimator; the one in force unless a test says otherwise. */
  readonly version?: EstimatorVersion;
}

type EstimatorVersion = "1" | "2";

interface Issue {
  readonly row: Omit<IssuedDay, "figures">;
  readonly day: DailyIndicators;
}

const day_ms = 86_400_000;
/** What a vehicle sends late in the evening becomes final by then. */
const grace_ms = 3_600_000;
const idle_ms = 5000;
const entriesMax = 100_000;
/** Of the estimator that is in force; indicatorsOf gives it where nobody asks for another. */
export const currentVersion: EstimatorVersion = "2";
/** Days issued in one step: a year of them is no single stretch of work, nor one transaction. */
const stepDays = 8;

/**
 * Daily figures of each vehicle from what is final: new final frames open the days that they tell of, and an
 * ended day is worked out and issued. A frame that becomes final later, from whichever unit, opens its day
 * again: that day and those behind it are issued once more, beside what was said before. So are all days that
 * an older version of the estimator told, once, oldest first. Where it stands is on the disk, so a restart goes
 * on; one vehicle and a few days at a time, with a pause as long as the work, so that it takes half of the
 * process at most and memory holds one day of samples.
 */
export class MaintenanceStage {
  readonly #options: MaintenanceStageOptions;
  readonly #version: EstimatorVersion;
  #isReopened = false;
  #fleet: { readonly day: string; readonly reference: FleetReference } | undefined;

  constructor(options: MaintenanceStageOptions) {
    this.#options = options;
    this.#version = options.version ?? currentVersion;
  }

  async step(): Promise<StepVerdict> {
    const { indicators, clock } = this.#options;
    if (!this.#isReopened) await indicators.reopenFor(this.#version);
    this.#isReopened = true;
    await this.#openDays();
    const ended_ms = Math.floor((clock.wall_ms() - grace_ms) / day_ms) * day_ms;
    const open = await indicators.nextOpen(ended_ms);
    if (open === undefined) return { pause_ms: idle_ms };
    const begin_ms = clock.monotonic_ms();
    await this.#workOut(open.vehicleId, open.days_ms);
    return { pause_ms: Math.min(idle_ms, Math.round(clock.monotonic_ms() - begin_ms)) };
  }

  async #openDays(): Promise<void> {
    const { store, indicators } = this.#options;
    const cursors = await indicators.cursors();
    for (const { unitId, size } of await store.final.logs()) {
      for (let from = cursors.get(unitId) ?? 0; from < size; ) {
        const to = Math.min(size, from + entriesMax);
        const days = await store.final.days({ unitId, from, to });
        await indicators.openDays({ log: unitId, size: to, days });
        from = to;
      }
    }
  }

  async #workOut(vehicleId: string, open_ms: readonly number[]): Promise<void> {
    const { indicators, desk } = this.#options;
    const told = await indicators.history({ vehicleId });
    const known = told.filter(({ figures }) => figures.estimator.version === this.#version);
    const first = await this.#firstDay(vehicleId, { known, open_ms });
    const before = newestOf(told).filter(({ figures }) => figures.day < first.day);
    const history = before.map(({ figures }, at): DailyIndicators => {
      const carried = at === before.length - 1 ? (first.state ?? nothingCarried) : nothingCarried;
      return { ...figures, carried };
    });
    const days_ms = new Set([
      ...open_ms,
      ...known.map(({ figures }) => Date.parse(figures.day)).filter((at) => dayOf(at) >= first.day),
    ]);
    const { issued, rest_ms } = await this.#issue(vehicleId, {
      ...{ history, told: newestOf(told), days_ms: [...days_ms].sort((a, b) => a - b) },
    });
    const newest = issued.at(-1);
    // Before the rows are there: a crash between repeats the finding, which changes nothing.
    if (newest !== undefined && rest_ms.length === 0) {
      await desk.takeDays([alertFiguresOf(newest.row, newest.day)]);
    }
    const done_ms = [...days_ms].filter((at) => !rest_ms.includes(at));
    await indicators.issue(issued, { vehicleId, done_ms, rest_ms });
    if (issued.length > 0) this.#options.issued();
  }

  /** Where to begin: at the oldest open day if the state of the day before it is kept, else at the very first. */
  async #firstDay(
    vehicleId: string,
    o: { known: readonly IssuedDay[]; open_ms: readonly number[] },
  ): Promise<{ readonly day: string; readonly state: CarriedState | undefined }> {
    const day = dayOf(Math.min(...o.open_ms));
    const last = o.known.findLast(({ figures }) => figures.day < day)?.figures.day;
    if (last === undefined) return { day, state: undefined };
    const before = { vehicleId, version: this.#version, before: day };
    const kept = await this.#options.indicators.stateBefore(before);
    if (kept?.day === last) return { day, state: kept.state };
    return { day: o.known[0]?.figures.day ?? day, state: undefined };
  }

  /** The first few of the days, and which are left for the next step. */
  async #issue(
    vehicleId: string,
    o: {
      history: DailyIndicators[];
      told: readonly IssuedDay[];
      days_ms: readonly number[];
    },
  ): Promise<{ readonly issued: readonly Issue[]; readonly rest_ms: readonly number[] }> {
    const { store, packs, clock } = this.#options;
    const { usual, packs: named } = packs();
    const first_ms = Date.parse(o.history[0]?.day ?? "") || (o.days_ms[0] ?? 0);
    const pack = packOf(named.get(vehicleId) ?? usual, first_ms);
    const fleet = await this.#reference();
    const issued: Issue[] = [];
    for (const [at, from_ms] of o.days_ms.entries()) {
      // A step ends behind a day that was issued: the state that it leaves is where the next one goes on.
      if (issued.length === stepDays) return { issued, rest_ms: o.days_ms.slice(at) };
      const read: FinalDay | undefined = await readFinalDay(store, { vehicleId, day_ms: from_ms });
      if (read === undefined) {
        // Frames that retention removed stay told by the row that they once gave, by whichever version.
        const kept = o.told.find(({ figures }) => Date.parse(figures.day) === from_ms)?.figures;
        const { carried = nothingCarried } = o.history.at(-1) ?? {};
        if (kept !== undefined) o.history.push({ ...kept, carried });
        continue;
      }
      const { readings, samples, origin } = read;
      const day = indicatorsOf(readings, o.history, pack, { fleet, version: this.#version });
      o.history.push(day);
      const issued_ms = clock.wall_ms();
      issued.push({ row: { vehicleId, issued_ms, origin, finality: "final", samples }, day });
    }
    return { issued, rest_ms: [] };
  }

  /** The fleet as it was when this day began; the usual one where it is small. */
  async #reference(): Promise<FleetReference> {
    const day = dayOf(this.#options.clock.wall_ms());
    if (this.#fleet?.day !== day) {
      const newest = await this.#options.indicators.newest(1);
      const signs = newest
        .filter(({ finality }) => finality === "final")
        .flatMap(({ figures }) => figures.signs ?? []);
      this.#fleet = { day, reference: fleetReference(signs) };
    }
    return this.#fleet.reference;
  }
}

/** Of each day the row of the newest version: rows come by day, then by version. */
function newestOf(told: readonly IssuedDay[]): readonly IssuedDay[] {
  return told.filter(({ figures }, at) => told[at + 1]?.figures.day !== figures.day);
}

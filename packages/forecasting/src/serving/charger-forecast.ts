import { BaselineForecast } from "../baselines/baseline-forecast.ts";
import { type HorizonTables, HorizonTablesBuilder } from "../baselines/horizon-tables.ts";
import { NetworkMemory } from "../features/network-memory.ts";
import type { FeedRecord, FeedSnapshot } from "../feeds/charger-feed.ts";
import type { NetworkSnapshot } from "../status/network-history.ts";
import { noStatus, statusClasses } from "../status/status-class.ts";
import type { ReportedPlug, ReportedSite } from "./charger-report.ts";

const classCount = statusClasses.length;
/** Snapshots that are kept, and learnt from anew when a charge point comes that was not known. */
const keptMax = 300;
/** Charge points that are followed; more are left out. */
const pointsMax = 20_000;
/** Half-lives of moving shares in snapshots, as in the models of Belib'. */
const halfLives = [1.5, 4, 12];
/** Taken by somebody. */
const takenClasses = ["charging", "occupied-not-charging", "reserved"] as const;
/** A forecast of when a driver could be there. */
const ahead_ms = 900_000;

/**
 * The charge points of a network as its feed tells of them, with the class probabilities that their history
 * gives: a blend of the status now and the habit at the hour, weighted by what the snapshots so far showed
 * (the best baseline of the evaluation). Cost of a snapshot of 2,100 points: about 20 ms.
 */
export class ChargerForecast {
  readonly #zone_min: number;
  readonly #places = new Map<string, number>();
  readonly #records: FeedRecord[] = [];
  readonly #kept: NetworkSnapshot[] = [];
  #memory: NetworkMemory;
  #builder: HorizonTablesBuilder;

  constructor(options: { readonly zone_min: number }) {
    this.#zone_min = options.zone_min;
    this.#memory = this.#emptyMemory();
    this.#builder = new HorizonTablesBuilder({ classCount, pointCount: 0 });
  }

  /** Time of the newest snapshot; -Infinity before the first. */
  get at_ms(): number {
    return this.#memory.now_ms;
  }

  /** Takes the next snapshot; false where it is not later than the newest. */
  observe(snapshot: FeedSnapshot): boolean {
    if (!(snapshot.at_ms > this.at_ms)) return false;
    const hasNew = this.#place(snapshot.records);
    const compact = this.#compact(snapshot);
    if (hasNew) this.#learnAgain();
    this.#learn(compact);
    this.#kept.push(compact);
    if (this.#kept.length > keptMax) this.#kept.shift();
    return true;
  }

  /** Minutes from one snapshot to the next, the median of those kept; what the shares look ahead. */
  get horizon_min(): number {
    const gaps = this.#kept.slice(1).map(({ at_ms }, i) => at_ms - (this.#kept[i]?.at_ms ?? 0));
    return Math.round((gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 0) / 60_000);
  }

  /** Every site with its plugs, in the order in which the feed named them first. */
  sites(): readonly ReportedSite[] {
    const forecast = new BaselineForecast({ memory: this.#memory, tables: this.#tables() });
    const target_ms = this.at_ms + ahead_ms;
    const shares = new Float32Array(classCount);
    const sites = new Map<string, { first: FeedRecord; plugs: ReportedPlug[] }>();
    for (const [point, record] of this.#records.entries()) {
      forecast.write("blend", { point, target_ms, into: shares, at: 0 });
      const known = sites.get(record.siteId) ?? { first: record, plugs: [] };
      sites.set(record.siteId, known);
      known.plugs.push({
        id: record.pointId,
        types: record.types,
        power_kW: record.power_kW,
        status: record.status,
        usual: takenShare(forecast.habit(point, target_ms)),
        shares: sharesOf(shares),
      });
    }
    return [...sites.values()].map(({ first, plugs }) => ({
      id: first.siteId,
      name: first.name,
      latitude: first.latitude,
      longitude: first.longitude,
      price_EURperkWh: first.price_EURperkWh,
      plugs,
    }));
  }

  #tables(): HorizonTables {
    return this.#builder.build();
  }

  /** Gives new points a place; what is known of the others is replaced. */
  #place(records: readonly FeedRecord[]): boolean {
    const before = this.#records.length;
    for (const record of records) {
      const place = this.#places.get(record.pointId);
      if (place !== undefined) this.#records[place] = record;
      else if (this.#records.length < pointsMax) {
        this.#places.set(record.pointId, this.#records.length);
        this.#records.push(record);
      }
    }
    return this.#records.length > before;
  }

  #compact({ at_ms, records }: FeedSnapshot): NetworkSnapshot {
    const statuses = new Uint8Array(this.#records.length).fill(noStatus);
    for (const { pointId, status } of records) {
      const place = this.#places.get(pointId);
      if (place !== undefined) statuses[place] = statusClasses.indexOf(status);
    }
    return { at_ms, statuses };
  }

  #learnAgain(): void {
    this.#memory = this.#emptyMemory();
    this.#builder = new HorizonTablesBuilder({ classCount, pointCount: this.#records.length });
    for (const [i, { at_ms, statuses }] of this.#kept.entries()) {
      const wide = new Uint8Array(this.#records.length).fill(noStatus);
      wide.set(statuses);
      this.#kept[i] = { at_ms, statuses: wide };
      this.#learn({ at_ms, statuses: wide });
    }
  }

  /** Counts what came after the last snapshot, then remembers it. */
  #learn(snapshot: NetworkSnapshot): void {
    const habits = new BaselineForecast({ memory: this.#memory, tables: this.#tables() });
    for (const [point, truth] of snapshot.statuses.entries()) {
      const last = this.#memory.last[point] ?? noStatus;
      if (truth === noStatus || last === noStatus) continue;
      const habit = habits.habit(point, snapshot.at_ms);
      this.#builder.add({ point, last, truth, habit });
    }
    this.#memory.observe(snapshot);
  }

  #emptyMemory(): NetworkMemory {
    return new NetworkMemory({
      settings: { classCount, halfLives, zone_min: this.#zone_min, kept: 1 },
      plan: { pointCount: this.#records.length, levels: [] },
    });
  }
}

/** Of the time in service, how much a plug is taken. */
function takenShare(habit: Float64Array): number {
  const share = (name: (typeof statusClasses)[number]): number =>
    habit[statusClasses.indexOf(name)] ?? 0;
  const taken = takenClasses.reduce((sum, name) => sum + share(name), 0);
  const served = taken + share("available");
  return served > 0 ? taken / served : 0;
}

/** Probabilities by class to thousandths; classes that are all but impossible are left out. */
function sharesOf(shares: Float32Array): ReportedPlug["shares"] {
  return Object.fromEntries(
    statusClasses.flatMap((name, c) => {
      const share = Math.round(1000 * (shares[c] ?? 0)) / 1000;
      return share > 0 ? [[name, share]] : [];
    }),
  );
}

import {
  ChargerDesk,
  type ChargerReport,
  type FeedSnapshot,
  type FeedSummary,
  feedSuspicion,
  summariseFeed,
} from "@voltfog/forecasting";
import { type Clock, type Logger, utf8 } from "@voltfog/runtime";
import { ModelFollower } from "./model-follower.ts";

/** What the routes serve: the newest report, and how many there were. */
export interface ChargerNews {
  readonly count: number;
  readonly body: Uint8Array;
}

/** A network that is followed. */
export interface ChargerWatch {
  /** Undefined before the first report. */
  readonly news: ChargerNews | undefined;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Whose chargers they are. */
export type ChargerNetwork = Pick<
  ChargerReport,
  "network" | "title" | "attribution" | "zone_min" | "origin"
>;

export interface ReportOptions {
  /** Registry of models; empty where there is none. */
  readonly models: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** There is another report. */
  readonly changed: () => void;
}

/** Snapshots that a new one is compared with, before it is believed. */
const summariesMax = 300;

/** Makes a report of every snapshot of a network, forecast and judged by those before it. */
export class ChargerReports {
  readonly #network: ChargerNetwork;
  readonly #options: ReportOptions;
  readonly #desk: ChargerDesk;
  readonly #models: ModelFollower;
  readonly #summaries: FeedSummary[] = [];
  #count: number;
  #news: ChargerNews | undefined;

  constructor(network: ChargerNetwork, options: ReportOptions & { readonly count?: number }) {
    this.#network = network;
    this.#options = options;
    this.#count = options.count ?? 0;
    this.#desk = new ChargerDesk(network);
    const { models: registry, logger } = options;
    this.#models = new ModelFollower({ registry, network: network.network, logger });
  }

  /** Undefined before the first report. */
  get news(): ChargerNews | undefined {
    return this.#news;
  }

  get count(): number {
    return this.#count;
  }

  /** A snapshot of the past, to learn from. */
  remember(snapshot: FeedSnapshot): void {
    if (!this.#desk.observe(snapshot)) return;
    this.#summaries.push(summariseFeed(snapshot));
    if (this.#summaries.length > summariesMax) this.#summaries.shift();
  }

  /** The present: makes the report. One that is not later than the newest is told of as such, and changes nothing else. */
  async take(snapshot: FeedSnapshot): Promise<void> {
    await this.#models.follow(this.#desk);
    const suspicion = feedSuspicion(summariseFeed(snapshot), this.#summaries) ?? "";
    if (suspicion !== "") {
      const { network } = this.#network;
      this.#options.logger.warn("the feed of chargers cannot be true", { network, suspicion });
    }
    this.remember(snapshot);
    const report: ChargerReport = {
      version: 1,
      count: this.#count + 1,
      ...this.#network,
      at_ms: this.#desk.at_ms,
      shown_ms: this.#options.clock.wall_ms(),
      suspicion: suspicion.replace(/\.$/, "").slice(0, 300),
      ...(await this.#desk.report()),
    };
    this.#count = report.count;
    this.#news = { count: report.count, body: utf8(JSON.stringify(report)) };
    this.#options.changed();
  }

  close(): Promise<void> {
    return this.#desk.close();
  }
}

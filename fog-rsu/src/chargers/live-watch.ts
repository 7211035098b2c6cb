import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type DecodedFeed,
  decodeBelibFeed,
  decodeVoltFeed,
  type FeedDecoder,
  FeedPoller,
  type FeedPollerState,
  statusHeader,
  statusRows,
} from "@voltfog/forecasting";
import { type Logger, messageOf, type Random } from "@voltfog/runtime";
import {
  type ChargerNetwork,
  type ChargerNews,
  ChargerReports,
  type ChargerWatch,
  type ReportOptions,
} from "./charger-reports.ts";
import { readReplay } from "./replay-watch.ts";

/** Networks with a live feed. */
export const liveNetworks = ["belib", "volt"] as const;
export type LiveNetwork = (typeof liveNetworks)[number];

interface LiveOptions extends ReportOptions {
  readonly feed: LiveNetwork;
  readonly feedUrl: string;
  /** A recorded feed whose points tell plugs and power where the live rows do not; empty: none. */
  readonly replay: string;
  readonly dataDir: string;
  readonly random: Random;
}

const networks: Readonly<
  Record<LiveNetwork, Pick<ChargerNetwork, "title" | "attribution"> & { readonly zone: string }>
> = {
  belib: {
    title: "Belib', Paris",
    attribution: "Ville de Paris, Paris Data (ODbL-1.0)",
    zone: "Europe/Paris",
  },
  volt: { title: "Enefit VOLT", attribution: "Enefit VOLT", zone: "Europe/Tallinn" },
};
const interval_ms = 60_000;
/** Two files of history at most: when one is full, it takes the place of the other. */
const historyMax_bytes = 256 * 1024 * 1024;

/**
 * Follows a live feed once a minute and keeps what it said as training history in
 * `chargers/status.csv`. Forecasts come from the network's own registered model, under the name
 * `NETWORK-live`, because those of recorded data were trained at another pace. REPLAY_UNREADABLE,
 * REPLAY_INVALID.
 */
export async function watchLive(options: LiveOptions): Promise<ChargerWatch> {
  const { httpFeedFetch } = await import("@voltfog/forecasting/node");
  const decode = await decoderOf(options);
  const watch = new LiveWatch(options);
  watch.start(
    new FeedPoller({
      ...options,
      ...watch,
      interval_ms,
      decode,
      fetch: httpFeedFetch(options.feedUrl),
    }),
  );
  return watch;
}

class LiveWatch implements ChargerWatch {
  readonly onSnapshot: (snapshot: DecodedFeed) => void;
  readonly onRound: (state: FeedPollerState) => void;
  readonly #reports: ChargerReports;
  readonly #history: StatusHistory;
  readonly #logger: Logger;
  #poller: FeedPoller | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(options: LiveOptions) {
    const { title, attribution, zone } = networks[options.feed];
    const zone_min = offsetOf(zone, options.clock.wall_ms());
    const network = { network: `${options.feed}-live`, title, attribution, zone_min };
    this.#reports = new ChargerReports({ ...network, origin: "live" }, options);
    this.#history = new StatusHistory(join(options.dataDir, "chargers"), options.logger);
    this.#logger = options.logger;
    this.onSnapshot = (snapshot) => {
      this.#work = this.#work.then(() => this.#take(snapshot));
    };
    this.onRound = ({ code, detail, failures }) => {
      if (code !== undefined) {
        options.logger.warn("the feed of chargers failed", { code, detail, failures });
      }
    };
  }

  get news(): ChargerNews | undefined {
    return this.#reports.news;
  }

  start(poller: FeedPoller): void {
    this.#poller = poller;
    poller.start();
  }

  async stop(): Promise<void> {
    this.#poller?.stop();
    await this.#work;
    await this.#reports.close();
  }

  async #take(snapshot: DecodedFeed): Promise<void> {
    const { refusedRows, unknownStatuses } = snapshot;
    if (refusedRows + unknownStatuses > 0) {
      this.#logger.info("rows of the feed were not taken", { refusedRows, unknownStatuses });
    }
    this.#history.add(snapshot);
    await this.#reports.take(snapshot).catch((thrown: unknown) => {
      this.#logger.error("no report of the chargers", { reason: messageOf(thrown) });
    });
  }
}

/** What a feed said, in the columns of the recorded status files. */
class StatusHistory {
  readonly #file: string;
  readonly #logger: Logger;

  constructor(folder: string, logger: Logger) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, "status.csv");
    this.#logger = logger;
  }

  /** A full disk costs history, not advice: it is logged. */
  add(snapshot: DecodedFeed): void {
    try {
      const size_bytes = existsSync(this.#file) ? statSync(this.#file).size : 0;
      if (size_bytes > historyMax_bytes) renameSync(this.#file, `${this.#file}.1`);
      const isNew = !existsSync(this.#file);
      appendFileSync(this.#file, `${isNew ? `${statusHeader}\n` : ""}${statusRows(snapshot)}`);
    } catch (thrown) {
      this.#logger.error("the chargers' history is not kept", { reason: messageOf(thrown) });
    }
  }
}

async function decoderOf({ feed, replay }: LiveOptions): Promise<FeedDecoder> {
  if (feed === "volt") return decodeVoltFeed;
  const points = replay === "" ? [] : (await readReplay(replay)).points;
  const known = new Map(
    points.map(({ pointId, types, power_kW }) => [pointId, { types, power_kW }]),
  );
  return (bytes, received_ms) => decodeBelibFeed(bytes, received_ms, known);
}

/** Minutes that a zone is ahead of UTC at a time. */
function offsetOf(zone: string, at_ms: number): number {
  const text = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).format(
    at_ms,
  );
  const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * (60 * Number(hours) + Number(minutes));
}

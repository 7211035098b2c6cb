import { readFile } from "node:fs/promises";
import {
  ChargerForecast,
  type ChargerReport,
  decodeReplayFile,
  type ReplayFile,
  replayedSnapshot,
} from "@voltfog/forecasting";
import { type Clock, CodedError, type Logger, messageOf, utf8 } from "@voltfog/runtime";

/** What the routes serve: the newest report, and how many there were. */
export interface ChargerNews {
  readonly count: number;
  readonly body: Uint8Array;
}

export interface ChargerWatch {
  /** Undefined before the first snapshot. */
  readonly news: ChargerNews | undefined;
  stop(): void;
}

/** This part of a replay is history when it begins. */
const historyShare = 0.6;

/**
 * Follows a recorded feed at its own pace of one snapshot a step, from past its middle, and begins again at
 * its end. REPLAY_UNREADABLE, REPLAY_INVALID.
 */
export async function watchChargers(options: {
  path: string;
  step_ms: number;
  clock: Clock;
  logger: Logger;
  changed: () => void;
}): Promise<ChargerWatch> {
  const file = await readReplay(options.path);
  const watch = new ReplayWatch(file, options);
  watch.start();
  return watch;
}

class ReplayWatch implements ChargerWatch {
  readonly #file: ReplayFile;
  readonly #options: {
    readonly step_ms: number;
    readonly clock: Clock;
    readonly changed: () => void;
  };
  #forecast: ChargerForecast;
  #next = 0;
  #news: ChargerNews | undefined;
  #cancel = (): void => {};

  constructor(
    file: ReplayFile,
    options: { readonly step_ms: number; readonly clock: Clock; readonly changed: () => void },
  ) {
    this.#file = file;
    this.#options = options;
    this.#forecast = new ChargerForecast(file);
  }

  get news(): ChargerNews | undefined {
    return this.#news;
  }

  start(): void {
    this.#forecast = new ChargerForecast(this.#file);
    const history = Math.floor(historyShare * this.#file.snapshots.length);
    for (this.#next = 0; this.#next < history; this.#next++) {
      this.#forecast.observe(replayedSnapshot(this.#file, this.#next));
    }
    this.#show();
  }

  stop(): void {
    this.#cancel();
  }

  #show(): void {
    const { clock, step_ms, changed } = this.#options;
    this.#forecast.observe(replayedSnapshot(this.#file, this.#next++));
    const count = (this.#news?.count ?? 0) + 1;
    this.#news = { count, body: utf8(JSON.stringify(this.#report(count))) };
    changed();
    const isOver = this.#next >= this.#file.snapshots.length;
    this.#cancel = clock.after(step_ms, () => (isOver ? this.start() : this.#show()));
  }

  #report(count: number): ChargerReport {
    const { network, title, attribution, zone_min } = this.#file;
    return {
      version: 1,
      count,
      ...{ network, title, attribution, zone_min },
      origin: "replayed",
      at_ms: this.#forecast.at_ms,
      shown_ms: this.#options.clock.wall_ms(),
      horizon_min: this.#forecast.horizon_min,
      forecast: "baseline",
      suspicion: "",
      sites: this.#forecast.sites(),
    };
  }
}

async function readReplay(path: string): Promise<ReplayFile> {
  const text = await readFile(path, "utf8").catch((thrown: unknown) => {
    throw new CodedError({
      code: "REPLAY_UNREADABLE",
      message: `${path}: ${messageOf(thrown)}`,
      remedy: "name a file that is there in chargerReplay, or leave it empty",
      cause: thrown,
    });
  });
  const decoded = decodeReplayFile(text);
  if (decoded.ok) return decoded.value;
  throw new CodedError({
    code: decoded.problem.code,
    message: `${path}: ${decoded.problem.detail}`,
    remedy: "let voltfog up write the file again",
  });
}

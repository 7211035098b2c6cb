import { readFile } from "node:fs/promises";
import {
  ChargerDesk,
  type ChargerReport,
  decodeReplayFile,
  type ReplayFile,
  replayedSnapshot,
} from "@voltfog/forecasting";
import { type Clock, CodedError, type Logger, messageOf, utf8 } from "@voltfog/runtime";
import { ModelFollower } from "./model-follower.ts";

/** What the routes serve: the newest report, and how many there were. */
export interface ChargerNews {
  readonly count: number;
  readonly body: Uint8Array;
}

export interface ChargerWatch {
  /** Undefined before the first snapshot. */
  readonly news: ChargerNews | undefined;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

interface WatchOptions {
  readonly path: string;
  /** Registry of models; empty where there is none. */
  readonly models: string;
  readonly step_ms: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly changed: () => void;
}

/** This part of a replay is history when it begins; of Belib', what models were trained on. */
const historyShare = 0.7;

/**
 * Follows a recorded feed at its own pace of one snapshot a step, from past its middle, and begins again at
 * its end. REPLAY_UNREADABLE, REPLAY_INVALID.
 */
export async function watchChargers(options: WatchOptions): Promise<ChargerWatch> {
  const watch = new ReplayWatch(await readReplay(options.path), options);
  await watch.start();
  return watch;
}

class ReplayWatch implements ChargerWatch {
  readonly #file: ReplayFile;
  readonly #options: WatchOptions;
  #desk: ChargerDesk;
  #follower: ModelFollower;
  #next = 0;
  #news: ChargerNews | undefined;
  #step: Promise<void> = Promise.resolve();
  #cancel = (): void => {};
  #isStopped = false;

  constructor(file: ReplayFile, options: WatchOptions) {
    this.#file = file;
    this.#options = options;
    this.#desk = new ChargerDesk(file);
    this.#follower = this.#newFollower();
  }

  get news(): ChargerNews | undefined {
    return this.#news;
  }

  async start(): Promise<void> {
    await this.#desk.close();
    this.#desk = new ChargerDesk(this.#file);
    this.#follower = this.#newFollower();
    const history = Math.floor(historyShare * this.#file.snapshots.length);
    for (this.#next = 0; this.#next < history; this.#next++) {
      this.#desk.observe(replayedSnapshot(this.#file, this.#next));
    }
    await this.#show();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#step;
    await this.#desk.close();
  }

  #newFollower(): ModelFollower {
    const { models, logger } = this.#options;
    return new ModelFollower({ registry: models, network: this.#file.network, logger });
  }

  async #show(): Promise<void> {
    const { clock, step_ms, changed } = this.#options;
    await this.#follower.follow(this.#desk);
    this.#desk.observe(replayedSnapshot(this.#file, this.#next++));
    const count = (this.#news?.count ?? 0) + 1;
    this.#news = { count, body: utf8(JSON.stringify(await this.#report(count))) };
    changed();
    if (this.#isStopped) return;
    const isOver = this.#next >= this.#file.snapshots.length;
    this.#cancel = clock.after(step_ms, () => {
      this.#step = (isOver ? this.start() : this.#show()).catch((thrown: unknown) => {
        this.#options.logger.error("the chargers' replay stopped", { reason: messageOf(thrown) });
      });
    });
  }

  async #report(count: number): Promise<ChargerReport> {
    const { network, title, attribution, zone_min } = this.#file;
    return {
      version: 1,
      count,
      ...{ network, title, attribution, zone_min },
      origin: "replayed",
      at_ms: this.#desk.at_ms,
      shown_ms: this.#options.clock.wall_ms(),
      suspicion: "",
      ...(await this.#desk.report()),
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

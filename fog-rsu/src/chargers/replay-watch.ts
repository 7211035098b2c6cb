import { readFile } from "node:fs/promises";
import { decodeReplayFile, type ReplayFile, replayedSnapshot } from "@voltfog/forecasting";
import { CodedError, messageOf } from "@voltfog/runtime";
import {
  type ChargerNews,
  ChargerReports,
  type ChargerWatch,
  type ReportOptions,
} from "./charger-reports.ts";

interface ReplayOptions extends ReportOptions {
  /** The recorded feed. */
  readonly replay: string;
  readonly step_ms: number;
}

/** This part of a replay is history when it begins; of Belib', what models were trained on. */
const historyShare = 0.7;

/**
 * Follows a recorded feed at its own pace of one snapshot a step, from past its middle, and begins again at
 * its end. REPLAY_UNREADABLE, REPLAY_INVALID.
 */
export async function watchReplay(options: ReplayOptions): Promise<ChargerWatch> {
  const watch = new ReplayWatch(await readReplay(options.replay), options);
  await watch.start();
  return watch;
}

class ReplayWatch implements ChargerWatch {
  readonly #file: ReplayFile;
  readonly #options: ReplayOptions;
  #reports: ChargerReports | undefined;
  #next = 0;
  #step: Promise<void> = Promise.resolve();
  #cancel = (): void => {};
  #isStopped = false;

  constructor(file: ReplayFile, options: ReplayOptions) {
    this.#file = file;
    this.#options = options;
  }

  get news(): ChargerNews | undefined {
    return this.#reports?.news;
  }

  /** From the beginning: what was learnt from the end would be the future. */
  async start(): Promise<void> {
    const before = this.#reports;
    const { network, title, attribution, zone_min, snapshots } = this.#file;
    const reports = new ChargerReports(
      { network, title, attribution, zone_min, origin: "replayed" },
      { ...this.#options, count: before?.count ?? 0 },
    );
    const history = Math.floor(historyShare * snapshots.length);
    for (this.#next = 0; this.#next < history; this.#next++) {
      reports.remember(replayedSnapshot(this.#file, this.#next));
    }
    await this.#show(reports);
    this.#reports = reports;
    await before?.close();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#step;
    await this.#reports?.close();
  }

  async #show(reports: ChargerReports): Promise<void> {
    const { clock, step_ms, logger } = this.#options;
    await reports.take(replayedSnapshot(this.#file, this.#next++));
    if (this.#isStopped) return;
    const isOver = this.#next >= this.#file.snapshots.length;
    this.#cancel = clock.after(step_ms, () => {
      this.#step = (isOver ? this.start() : this.#show(reports)).catch((thrown: unknown) => {
        logger.error("the chargers' replay stopped", { reason: messageOf(thrown) });
      });
    });
  }
}

/** The recorded feed in a file. */
export async function readReplay(path: string): Promise<ReplayFile> {
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

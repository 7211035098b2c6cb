import { Gauge, type Registry } from "prom-client";
import type { Clock } from "../../clock.ts";
import { messageOf } from "../../coded-error.ts";
import {
  type DiskForecast,
  type DiskKind,
  type DiskLimits,
  diskForecast,
  growthOfAll,
  usageByKind,
} from "../../disk/disk-forecast.ts";
import type { Logger } from "../../logger.ts";
import { folderFiles, freeSpace_bytes } from "./folder-files.ts";

/** How often the free space is asked for, which costs nothing. */
const look_ms = 10_000;
/** How often every file is looked at, which costs a call each. */
const looksPerScan = 360;

export interface DiskWatchOptions {
  readonly folder: string;
  readonly limits: DiskLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Kinds that do not grow although they are written, because old ones go. */
  readonly levelKinds?: () => readonly DiskKind[];
}

/**
 * Looks at the disk of a process's folder now and then, and warns before it is full: in the log when it
 * begins and when it is over, in the process's status and in its metrics.
 */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  #forecast: DiskForecast | undefined;
  #growthPerDay_bytes: number | null = null;
  #looks = 0;
  #cancel: () => void = () => {};
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** The first look is taken at once, beside whatever else starts. */
  start(): void {
    this.#looking = this.look().then(() => this.#again());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#looking;
  }

  /** As of the last look; null before the first. */
  get status(): DiskForecast | null {
    return this.#forecast ?? null;
  }

  /** Looks now. A disk that cannot be asked changes nothing. */
  async look(): Promise<void> {
    const { folder, limits, clock, logger } = this.#options;
    try {
      if (this.#looks++ % looksPerScan === 0) await this.#scan();
      const free_bytes = await freeSpace_bytes(folder);
      const growthPerDay_bytes = this.#growthPerDay_bytes;
      const now_ms = clock.wall_ms();
      this.#say(diskForecast({ free_bytes, growthPerDay_bytes, limits, now_ms }));
    } catch (thrown) {
      logger.warn("disk cannot be asked how full it is", { folder, reason: messageOf(thrown) });
    }
  }

  async #scan(): Promise<void> {
    const { folder, clock, levelKinds } = this.#options;
    const level = levelKinds?.() ?? [];
    const usage = usageByKind(await folderFiles(folder), clock.wall_ms());
    this.#growthPerDay_bytes = growthOfAll(usage.filter(({ kind }) => !level.includes(kind)));
  }

  #say(forecast: DiskForecast): void {
    const { logger, folder } = this.#options;
    const before = this.#forecast?.warning ?? null;
    this.#forecast = forecast;
    const { free_bytes, left_d, warning } = forecast;
    const days = left_d === null ? null : Math.floor(left_d);
    if (warning !== null && warning !== before) {
      logger.warn("disk is filling up", { folder, why: warning, free_bytes, days });
    }
    if (warning === null && before !== null) {
      logger.info("disk has room again", { folder, free_bytes, days });
    }
  }

  #again(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(look_ms, () => {
      this.#looking = this.look().then(() => this.#again());
    });
  }
}

/** voltfog_disk_free_bytes, voltfog_disk_days_left (absent while not known) and voltfog_disk_low, 1 while it warns. */
export function addDiskGauges(registry: Registry, watch: DiskWatch): void {
  const registers = [registry];
  const gauge = (
    name: string,
    help: string,
    read: (status: DiskForecast) => number | null,
  ): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = watch.status === null ? null : read(watch.status);
        this.reset();
        if (value !== null) this.set(value);
      },
    });
  };
  gauge("voltfog_disk_free_bytes", "bytes free on the data folder's disk", (one) => one.free_bytes);
  gauge(
    "voltfog_disk_days_left",
    "days until the disk is full at the growth of the last week",
    (one) => one.left_d,
  );
  gauge("voltfog_disk_low", "1 while less is left than is stated", (one) =>
    one.warning === null ? 0 : 1,
  );
}

import type { Clock, Logger } from "@voltfog/runtime";
import type { UnitView } from "../placement/choose-unit.ts";
import { MovingMedian } from "./moving-median.ts";
import type { UnitClient } from "./unit-client.ts";

/** Answers over which the median runs: nine seconds at the usual pace. */
const medianWindow = 9;
/** Questions before the first decision. */
const firstAnswers = 3;

/** One unit as GET /v1/topology shows it. */
export interface UnitHealth {
  readonly id: string;
  readonly alive: boolean;
  readonly latency_ms: number | null;
  readonly lastSeen_ms: number | null;
  readonly connectedVehicles: number;
}

/** Watches one unit: alive from its first answer until so many questions in a row went unanswered. */
export class UnitMonitor {
  readonly id: string;
  readonly #client: UnitClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #missesMax: number;
  readonly #latency_ms = new MovingMedian({ window: medianWindow });
  #misses = 0;
  #alive = false;
  #asked = 0;
  #lastSeen_ms: number | null = null;
  #connected: ReadonlySet<string> = new Set();
  #answers = 0;

  constructor(options: {
    id: string;
    client: UnitClient;
    missesMax: number;
    clock: Clock;
    logger: Logger;
  }) {
    this.id = options.id;
    this.#client = options.client;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#missesMax = options.missesMax;
  }

  /** Asks once and takes the round trip into the median; an unanswered question is a miss. */
  async ask(): Promise<void> {
    const start_ms = this.#clock.monotonic_ms();
    try {
      const status = await this.#client.status();
      this.#latency_ms.add(this.#clock.monotonic_ms() - start_ms);
      this.#connected = new Set(status.connectedVehicles);
      this.#answered();
    } catch {
      this.#missed();
    }
    this.#asked += 1;
  }

  #answered(): void {
    this.#lastSeen_ms = this.#clock.wall_ms();
    if (!this.#alive) this.#logger.info("unit answers", { unit: this.id });
    // After a miss the unit may be a new process that knows no assignment.
    if (this.#misses > 0 || !this.#alive) this.#answers += 1;
    this.#alive = true;
    this.#misses = 0;
  }

  #missed(): void {
    this.#misses += 1;
    if (!this.#alive || this.#misses < this.#missesMax) return;
    this.#alive = false;
    this.#connected = new Set();
    this.#logger.warn("unit is dead", { unit: this.id, misses: this.#misses });
  }

  /** Changes whenever the unit answers again after silence. */
  get incarnation(): number {
    return this.#answers;
  }

  /** True once a few questions were answered or went unanswered: one round trip alone says little. */
  get isObserved(): boolean {
    return this.#asked >= firstAnswers;
  }

  get latency_ms(): number | undefined {
    return this.#latency_ms.value;
  }

  view(): UnitView {
    return { id: this.id, alive: this.#alive, connected: this.#connected };
  }

  health(): UnitHealth {
    return {
      id: this.id,
      alive: this.#alive,
      latency_ms: this.#latency_ms.value ?? null,
      lastSeen_ms: this.#lastSeen_ms,
      connectedVehicles: this.#connected.size,
    };
  }
}

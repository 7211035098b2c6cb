import type { HistoryBucket } from "../api/responses.ts";
import type { EntryBatch } from "./telemetry-store.ts";

/** The engines that can keep samples. */
export const seriesEngines = ["duckdb", "influxdb"] as const;
export type SeriesEngine = (typeof seriesEngines)[number];

/**
 * How a stretch of time is cut: bucket k starts at origin_ms + k·bucket_ms. A coarse grid stands on
 * whole minutes, hours or days of UTC, so that roll-ups fall into one bucket each.
 */
export interface SeriesGrid {
  readonly vehicleId: string;
  readonly from_ms: number;
  /** Exclusive. */
  readonly to_ms: number;
  readonly origin_ms: number;
  readonly bucket_ms: number;
}

export type Measures = Omit<HistoryBucket, "time_ms" | "samples">;

/** What one bucket holds; only buckets with samples are given. */
export interface SeriesBucket {
  readonly start_ms: number;
  readonly samples: number;
  /** Of the first and the last sample in it; to the minute where only roll-ups are left. */
  readonly first_ms: number;
  readonly last_ms: number;
  readonly measures: Measures;
}

/** Where a sample stands in the signed frame that it came with. */
export interface SamplePlace {
  readonly stream: string;
  readonly sequence: number;
  readonly sampleIndex: number;
}

/**
 * Where the pack columns of samples are kept. Everything else of a frame (its entry, its signed bytes
 * with every cell, cursors, finality) is in the DuckDB file, whatever engine has the samples.
 * Throws CodedError: STORE_UNREACHABLE (the engine does not answer; try again), STORE_BUSY,
 * STORE_TIMEOUT, STORE_FAILED.
 */
export interface SampleSeries {
  readonly engine: SeriesEngine;
  /**
   * Called before the transaction that stores the batch's entries and moves the cursor. An engine of its
   * own keeps the samples now, durable when this resolves, and a repeat of the same frames must change
   * nothing; an engine in the same file does nothing here and takes part in the transaction.
   */
  before(batch: EntryBatch): Promise<void>;
  /** In order of time. Minimum, mean and maximum of each, so that no extreme is lost. */
  buckets(grid: SeriesGrid): Promise<readonly SeriesBucket[]>;
  /** The newest sample at or before a moment. */
  newestAt(query: { vehicleId: string; at_ms: number }): Promise<SamplePlace | undefined>;
  /** Samples kept one by one. */
  count(): Promise<number>;
  /** For an engine of its own: removes samples of before a moment, and gives how many there were. */
  removeBefore(moment_ms: number): Promise<number>;
  /** Samples of before are known from roll-ups at most, which have no bucket below a minute. */
  keptFrom_ms(): Promise<number>;
  close(): void;
}

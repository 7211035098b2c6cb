/**
 * What the public API answers, as the pages read it. Every number wears its unit; null means
 * "not known", never zero. Times are milliseconds since the Unix epoch.
 */
import type { AlarmClass, BatteryEvent, DataOrigin, Stream } from "@voltfog/messages";

/** The unit's estimate beside the BMS's own state of charge. */
export interface SocEstimateView {
  readonly soc: number;
  readonly low: number;
  readonly high: number;
  readonly estimator: string;
  readonly at_ms: number;
}

/** An alert that was asserted and not cleared yet. */
export interface AlertView {
  readonly eventId: string;
  readonly class: string;
  readonly level: number;
  readonly since_ms: number;
  readonly sentence: string;
  readonly unitId: string;
  readonly final: boolean;
}

/** How many are in a unit's log, and how many of those a final checkpoint covers. */
export interface FinalityCount {
  readonly logged: number;
  readonly final: number;
}

export interface GapCount {
  readonly declared: number;
  readonly samplesMissing: number;
}

export interface VehicleView {
  readonly id: string;
  readonly origin: DataOrigin | null;
  readonly source: string | null;
  /** The unit whose log holds the newest frame. */
  readonly unitId: string | null;
  readonly lastSample_ms: number | null;
  /** When the unit accepted the newest frame. */
  readonly received_ms: number | null;
  /** The BMS's own, 0..1. */
  readonly soc: number | null;
  readonly socEstimate: SocEstimateView | null;
  readonly packVoltage_V: number | null;
  readonly packCurrent_A: number | null;
  readonly cellMin_mV: number | null;
  readonly cellMinIndex: number | null;
  readonly cellMax_mV: number | null;
  readonly cellMaxIndex: number | null;
  readonly cellMean_mV: number | null;
  readonly temperatureMin_degC: number | null;
  readonly temperatureMax_degC: number | null;
  readonly temperatureMaxIndex: number | null;
  readonly alerts: readonly AlertView[];
  readonly frames: FinalityCount;
  readonly samples: FinalityCount;
  readonly gaps: GapCount;
}

/** One value per row of the history; null where a row only breaks the line. */
export type Column = readonly (number | null)[];

export interface RangeColumns {
  readonly min: Column;
  readonly mean: Column;
  readonly max: Column;
}

/** A declared gap: these samples are missing, and why. */
export interface GapView {
  readonly stream: Stream;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly samples: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly cause: string;
  readonly unitId: string;
}

/** Buckets of equal width; extremes survive the down-sampling, and a row of nulls breaks the line. */
export interface HistoryView {
  readonly vehicleId: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly bucket_ms: number;
  readonly origins: readonly DataOrigin[];
  readonly start_ms: readonly number[];
  readonly samples: readonly number[];
  readonly packVoltage_V: RangeColumns;
  readonly packCurrent_A: RangeColumns;
  readonly soc: RangeColumns;
  readonly cellMin_mV: Column;
  readonly cellMean_mV: Column;
  readonly cellMax_mV: Column;
  readonly temperatureMin_degC: Column;
  readonly temperatureMax_degC: Column;
  readonly gaps: readonly GapView[];
}

export interface FinalView {
  readonly height: number;
  readonly final_ms: number;
}

/** Every cell and sensor of one sample, out of its signed frame. */
export interface CellsView {
  readonly vehicleId: string;
  readonly wall_ms: number;
  readonly origin: DataOrigin;
  readonly source: string;
  readonly cellVoltage_mV: readonly number[];
  readonly temperature_degC: readonly number[];
  readonly stream: Stream;
  readonly sequence: number;
  /** Place of the sample inside its frame. */
  readonly sampleIndex: number;
  readonly commitment: string;
  readonly unitId: string;
  readonly final: FinalView | null;
}

export interface FrameView {
  readonly vehicleId: string;
  readonly kind: "frame" | "refused" | "gap";
  readonly stream: Stream;
  readonly sequence: number;
  readonly commitment: string;
  readonly unitId: string;
  readonly logIndex: number;
  readonly samples: number;
  /** Why it was refused, or the cause of a gap. */
  readonly code: string | null;
  /** Set for an alarm frame. */
  readonly alarm: AlarmClass | null;
  readonly wall_ms: number | null;
  readonly accepted_ms: number;
  readonly stored_ms: number;
  /** The same frame is in another unit's log as well; its samples count there. */
  readonly duplicate: boolean;
  readonly final: FinalView | null;
}

export interface EventView extends BatteryEvent {
  /** Grows with each event stored here; `before` of the list takes it. */
  readonly cursor: number;
  readonly recorded_ms: number;
  readonly salt: string;
  /** From the chain as this cloud verified it. */
  readonly final: (FinalView & { readonly resultIndex: number }) | null;
}

export interface FunctionView {
  readonly id: string;
  readonly version: string;
  readonly vehicles: readonly string[];
  readonly health: string;
}

export interface UnitView {
  readonly id: string;
  readonly organisation: string;
  readonly reachable: boolean;
  readonly seen_ms: number | null;
  /** Entries that this cloud has stored and rebuilt the tree over. */
  readonly storedSize: number;
  readonly storedRoot: string;
  /** What the unit says its log holds; null until it was asked. */
  readonly logSize: number | null;
  readonly publishedSize: number | null;
  /** Verified here: the final checkpoint's root equals the root over the stored entries. */
  readonly finalSize: number;
  readonly finalHeight: number | null;
  /** Entries the unit has and the cloud has not. */
  readonly lag: number | null;
  readonly intake: "following" | "unreachable" | "halted";
  readonly problem: string | null;
  readonly connectedVehicles: readonly string[];
  readonly refusals: Readonly<Record<string, number>>;
  readonly functions: readonly FunctionView[];
  readonly eventsPending: number | null;
}

export interface PeerView {
  readonly id: string;
  readonly connected: boolean;
  readonly height: number;
}

export interface ValidatorView {
  readonly id: string;
  readonly organisation: string;
  readonly voteKey: string;
  readonly reachable: boolean;
  readonly seen_ms: number | null;
  readonly height: number | null;
  readonly finalised_ms: number | null;
  readonly mempool: number | null;
  readonly peers: readonly PeerView[];
  /** Blocks of the last 100 verified here that carry this validator's signature. */
  readonly signedOfLast100: number;
}

export interface BlockView {
  readonly height: number;
  readonly hash: string;
  readonly time_ms: number;
  readonly proposer: string;
  readonly round: number;
  readonly transactions: number;
  readonly checkpoints: number;
  readonly events: number;
  /** Ids of the validators in the certificate. */
  readonly signers: readonly string[];
  readonly size_bytes: number;
}

export interface ResultView {
  readonly index: number;
  readonly sender: string;
  readonly module: string;
  readonly code: string;
  /** What it did, in words. */
  readonly sentence: string;
}

export interface BlockDetailView extends BlockView {
  readonly parent: string;
  readonly stateRoot: string;
  readonly resultsRoot: string;
  readonly resultsSize: number;
  readonly results: readonly ResultView[];
}

/** Something that must not happen did: shown on the page and counted in the metrics. */
export interface IncidentView {
  readonly id: number;
  readonly code: string;
  readonly unitId: string | null;
  readonly sentence: string;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly count: number;
}

export interface SourceView {
  readonly origin: DataOrigin;
  readonly source: string;
  readonly vehicles: readonly string[];
}

export interface SummaryView {
  readonly chain: string;
  readonly chainId: string;
  readonly now_ms: number;
  readonly vehicles: number;
  /** Vehicles with a frame in the last minute. */
  readonly vehiclesLive: number;
  readonly alertsOpen: number;
  readonly events: number;
  readonly frames: FinalityCount;
  readonly samples: FinalityCount;
  readonly gaps: GapCount;
  readonly units: number;
  readonly unitsReachable: number;
  readonly validators: number;
  readonly validatorsReachable: number;
  readonly height: number;
  readonly finalised_ms: number | null;
  readonly incidents: number;
  /** Which data is replayed, simulated or measured. */
  readonly sources: readonly SourceView[];
}

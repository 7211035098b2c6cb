/**
 * What the public API answers, as the pages read it. Every number wears its unit; null means
 * "not known", never zero. Times are milliseconds since the Unix epoch.
 */
import type {
  AlarmClass,
  BatteryEvent,
  BlockSealsView,
  DataOrigin,
  Stream,
} from "@voltfog/messages";

/** The unit's estimate beside the BMS's own state of charge. */
export interface SocEstimateView {
  /** 0..1, as are the ends of its interval. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly estimator: string;
  readonly version: string;
  readonly at_ms: number;
}

/** In a unit's durable log, or covered by a final checkpoint that was verified here. */
export type Finality = "logged" | "final";

/** An alert that was asserted and not cleared yet. */
export interface AlertView {
  readonly eventId: string;
  readonly class: string;
  readonly level: number;
  readonly since_ms: number;
  readonly sentence: string;
  readonly unitId: string;
  readonly finality: Finality;
}

/** How many are in a unit's log, and how many of those a final checkpoint covers. */
export interface FinalityCount {
  readonly logged: number;
  readonly final: number;
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
  /** Declared gaps, and the samples that they say are missing. */
  readonly gaps: number;
  readonly samplesMissing: number;
  readonly links: LinkCount;
}

/** Entries whose unit did not know the frame before: `open` until that frame is stored from any log. */
export interface LinkCount {
  readonly open: number;
  readonly closed: number;
}

/** One such entry. An open link says that a frame is missing which nobody declared lost. */
export interface LinkView {
  readonly vehicleId: string;
  readonly stream: Stream;
  readonly sequence: number;
  readonly unitId: string;
  readonly logIndex: number;
  /** Commitment of the frame before it; null where the unit no longer holds the entry's frame. */
  readonly previous: string | null;
  /** The number of the frame before it. */
  readonly follows: number;
  readonly accepted_ms: number;
  readonly state: "open" | "closed";
  readonly closed_ms: number | null;
  /** Where the frame before it stands. */
  readonly byUnitId: string | null;
  readonly byLogIndex: number | null;
}

/**
 * Minimum, mean and maximum of one stretch of time, so that no extreme is lost however wide it is.
 * A bucket without samples is all null and breaks the line of a chart.
 */
export interface HistoryBucket {
  readonly time_ms: number;
  readonly samples: number;
  readonly packVoltageMin_V: number | null;
  readonly packVoltageMean_V: number | null;
  readonly packVoltageMax_V: number | null;
  readonly packCurrentMin_A: number | null;
  readonly packCurrentMean_A: number | null;
  readonly packCurrentMax_A: number | null;
  readonly socMin: number | null;
  /** Mean of the bucket. */
  readonly soc: number | null;
  readonly socMax: number | null;
  readonly cellMin_mV: number | null;
  readonly cellMean_mV: number | null;
  readonly cellMax_mV: number | null;
  readonly temperatureMin_degC: number | null;
  readonly temperatureMax_degC: number | null;
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

/** Ascending in time; only stretches with samples, and one empty bucket where a silence begins. */
export interface HistoryView {
  readonly vehicleId: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly bucket_ms: number;
  readonly origins: readonly DataOrigin[];
  readonly buckets: readonly HistoryBucket[];
  readonly gaps: readonly GapView[];
}

/** Whether a record is final, and since which block. */
export interface FinalityView {
  readonly finality: Finality;
  readonly finalHeight: number | null;
  readonly final_ms: number | null;
}

/** Every cell and sensor of one sample, out of its signed frame. */
export interface CellsView extends FinalityView {
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
}

/** Every cell over time: the last sample of each of equal parts of a range, null for a part without one. */
export interface CellCourseView {
  readonly vehicleId: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly samples: readonly ({
    readonly wall_ms: number;
    readonly stream: Stream;
    readonly sequence: number;
    readonly cellVoltage_mV: readonly number[];
  } | null)[];
}

/** How far readings lay from what a twin of the pack expected, over equal parts of a range. */
export interface ResidualsView {
  readonly vehicleId: string;
  readonly from_ms: number;
  readonly to_ms: number;
  /** The cell model that the twin takes the pack for. */
  readonly cell: string;
  readonly capacity_Ah: number;
  /** Readings that were followed. */
  readonly readings: number;
  /** The range has more readings than one answer follows: the older ones are left out. */
  readonly isShortened: boolean;
  readonly parts: readonly ({
    readonly common_mV: number;
    readonly farthest_mV: number;
    readonly farthestCell: number;
    readonly thermal_K: number;
  } | null)[];
}

export interface FrameView extends FinalityView {
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
  /**
   * linked: the unit knew the frame before it, by its log or another unit's receipt. closed: this cloud
   * found it in another log. open: nobody has it. Null for a refused frame.
   */
  readonly link: "linked" | "closed" | "open" | null;
}

/** Its finality is from the chain as this cloud verified it. */
export interface EventView extends BatteryEvent, FinalityView {
  /** Grows with each event stored here; `before` of the list takes it. */
  readonly cursor: number;
  readonly recorded_ms: number;
  readonly salt: string;
  readonly resultIndex: number | null;
}

export interface FunctionView {
  readonly id: string;
  readonly version: string;
  /** How many vehicles it works for. */
  readonly vehicles: number;
  readonly health: string;
}

export interface UnitView {
  readonly id: string;
  readonly organisation: string;
  readonly reachable: boolean;
  readonly seen_ms: number | null;
  /** Entries that this cloud has stored and rebuilt the tree over. */
  readonly cursor: number;
  /** Root over them, hex. */
  readonly root: string;
  /** What the unit says its log holds; what is stored here where it was not reached yet. */
  readonly logSize: number;
  readonly publishedSize: number | null;
  /** Verified here: the final checkpoint's root equals the root over the stored entries. */
  readonly finalSize: number;
  readonly finalHeight: number | null;
  /** Entries the unit has and the cloud has not. */
  readonly lag: number;
  readonly intake: "following" | "unreachable" | "halted";
  /** What must not have happened and did, in words. */
  readonly incident: string | null;
  /** Vehicles connected to it. */
  readonly vehicles: readonly string[];
  readonly refusals: Readonly<Record<string, number>>;
  readonly functions: readonly FunctionView[];
  readonly eventsPending: number | null;
}

export interface PeerView {
  readonly id: string;
  readonly connected: boolean;
  readonly height: number;
}

/** How a validator serves the chain, by what most of the others say. It explains, and decides nothing. */
export interface ServiceView {
  readonly state: "agile" | "blunt" | "unknown";
  readonly cause: "latency" | "bandwidth" | "clock" | "stopped" | null;
  /** Share of the last certificates with its seal, 0..1. */
  readonly participation: number | null;
  readonly delay_ms: number | null;
  readonly bandwidth_bytes_per_s: number | null;
  readonly clockOffset_ms: number | null;
  /** Validators that said something of it, and those that said this. */
  readonly asked: number;
  readonly agreed: number;
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
  readonly connectedPeers: number | null;
  readonly peers: readonly PeerView[];
  /** Share of the last 100 verified blocks whose certificate it signed, 0..1; null without blocks. */
  readonly signedLately: number | null;
  /** Share of the turns to propose; 0 in quarantine. By the chain as it was verified here. */
  readonly weight: number;
  readonly quarantined: boolean;
  readonly service: ServiceView;
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

export type BlockDetailView = BlockView & BlockSealsView;

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

export interface OriginView {
  readonly origin: DataOrigin;
  readonly source: string;
  readonly vehicles: number;
}

export interface SummaryView {
  readonly chain: string;
  readonly chainId: string;
  readonly now_ms: number;
  readonly vehicles: number;
  /** Vehicles with a frame accepted in the last minute. */
  readonly vehiclesLive: number;
  readonly openAlerts: number;
  readonly events: number;
  readonly samples: number;
  readonly samplesFinal: number;
  readonly framesLogged: number;
  readonly framesFinal: number;
  readonly gapsDeclared: number;
  readonly samplesMissing: number;
  readonly linksOpen: number;
  readonly units: number;
  readonly unitsReachable: number;
  readonly validators: number;
  readonly validatorsReachable: number;
  readonly height: number;
  /** Time in the header of the newest verified block. */
  readonly blockTime_ms: number | null;
  /** Which data is replayed, simulated or measured. */
  readonly origins: readonly OriginView[];
  /** The newest, in words. */
  readonly incidents: readonly string[];
}

/** The live feed sends these as unnamed server-sent events, a vehicle at most once a second. */
export type LiveMessage =
  | { readonly type: "vehicle"; readonly vehicle: VehicleView }
  | { readonly type: "event"; readonly event: EventView }
  | { readonly type: "block"; readonly block: BlockView }
  | { readonly type: "summary"; readonly summary: SummaryView }
  | { readonly type: "incident"; readonly incident: IncidentView }
  /** This client was too slow: it missed some messages and should ask again for what it shows. */
  | { readonly type: "missed"; readonly messages: number }
  /** The last message: why the feed ends. */
  | { readonly type: "dropped"; readonly reason: DropReason };

/** too-slow: it took nothing for a minute; token-ended: what it was let in by holds no more. */
export type DropReason = "too-slow" | "token-ended";

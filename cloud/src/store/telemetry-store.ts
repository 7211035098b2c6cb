import type { AlarmClass, BatteryEvent, DataOrigin, GapPayload, Stream } from "@voltfog/messages";
import type {
  BlockView,
  EventView,
  FinalityCount,
  FinalityView,
  FrameView,
  GapView,
  HistoryView,
  IncidentView,
  LinkCount,
  LinkView,
} from "../api/responses.ts";
import type { Archive, Imported } from "./archive.ts";
import type { ChainReader, EpochMember } from "./chain-reader.ts";
import type { FinalReader } from "./final-frames.ts";
import type { Removed, Retention } from "./retention.ts";

/** A gap as its frame declared it; the cause by name. */
export type DeclaredGap = Omit<GapPayload, "cause" | "type"> & { readonly cause: string };

/** The frame that an entry comes after, which its unit does not know. */
export interface MissingLink {
  /** Its commitment; undefined where the unit no longer holds the entry's frame. */
  readonly previous: Uint8Array | undefined;
  /** Its number: the one before the entry's own, or before the first that a gap declares missing. */
  readonly follows: number;
}

/** One log entry as it is kept, with what its frame said where it could be read. */
export interface EntryRow {
  readonly logIndex: number;
  readonly kind: "frame" | "refused" | "gap" | "log-opened";
  /** The refusal's or gap cause's name. */
  readonly code: string | null;
  readonly vehicleId: string;
  readonly stream: Stream;
  readonly sequence: number;
  readonly commitment: Uint8Array;
  /** As the unit signed for it. */
  readonly samples: number;
  readonly origin: DataOrigin | null;
  readonly source: string | null;
  readonly alarm: AlarmClass | null;
  readonly wall_ms: number | null;
  readonly accepted_ms: number;
  readonly entry: Uint8Array;
  readonly frame: Uint8Array | null;
  readonly gap: DeclaredGap | null;
  /** Set where the unit took the entry without knowing the frame before it. */
  readonly unlinked: MissingLink | null;
  /** Where this frame's rows stand in the batch's sample columns. */
  readonly sampleFrom: number;
  readonly sampleTo: number;
}

/** Samples of a batch, column by column, so that a large batch costs no object per sample. */
export interface SampleColumns {
  readonly length: number;
  readonly wall_ms: Float64Array;
  readonly sampleIndex: Uint8Array;
  readonly packVoltage_V: Float32Array;
  readonly packCurrent_A: Float32Array;
  readonly soc: Float32Array;
  readonly cellMin_mV: Uint16Array;
  readonly cellMean_mV: Float32Array;
  readonly cellMax_mV: Uint16Array;
  readonly cellMinIndex: Uint16Array;
  readonly cellMaxIndex: Uint16Array;
  readonly temperatureMin_degC: Float32Array;
  readonly temperatureMax_degC: Float32Array;
  readonly temperatureMaxIndex: Uint16Array;
}

/** Consecutive entries of one unit's log, and the tree over the log after them. */
export interface EntryBatch {
  readonly unitId: string;
  /** The position that the batch continues; another one in the store is STORE_POSITION. */
  readonly from: number;
  readonly rows: readonly EntryRow[];
  readonly samples: SampleColumns;
  readonly tree: Uint8Array;
  readonly stored_ms: number;
}

export interface EntryCommit {
  /** Indexes of frames that another unit's log already brought. */
  readonly duplicates: ReadonlySet<number>;
  /** Links that are closed now, of this unit's entries and of others', by vehicle. */
  readonly linksClosed: ReadonlyMap<string, number>;
}

export interface LogPosition {
  /** Entries stored; the next index to ask for. */
  readonly size: number;
  /** The encoded compact range over them; empty for an empty log. */
  readonly tree: Uint8Array;
  readonly eventCursor: number;
}

/** An event as a unit's feed gave it. */
export interface FeedEvent {
  readonly event: BatteryEvent;
  readonly salt: string;
  readonly recorded_ms: number;
}

export interface FinalCheckpoint {
  readonly unitId: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly height: number;
  readonly resultIndex: number;
  readonly final_ms: number;
}

export interface FinalEvent {
  readonly id: string;
  readonly height: number;
  readonly resultIndex: number;
  readonly final_ms: number;
}

/** A final block as it is stored. */
export interface StoredBlock {
  readonly view: BlockView;
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
  readonly results: readonly Uint8Array[];
}

/** A final block with what it did, committed as one. */
export interface BlockRecord {
  readonly view: BlockView;
  readonly final_ms: number;
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
  readonly results: readonly { readonly index: number; readonly bytes: Uint8Array }[];
  readonly checkpoints: readonly FinalCheckpoint[];
  readonly events: readonly FinalEvent[];
  /** The epoch whose first block it is, and who decides that epoch's blocks; undefined inside an epoch. */
  readonly begins: { readonly epoch: number; readonly members: readonly EpochMember[] } | undefined;
}

/** The range of one log that was verified as final, and the tree over it. */
export interface VerifiedRange {
  readonly unitId: string;
  readonly size: number;
  readonly height: number | null;
  readonly tree: Uint8Array;
}

/** What became final, per vehicle. */
export interface FinalDelta {
  readonly vehicleId: string;
  readonly frames: number;
  readonly samples: number;
}

export interface Incident {
  readonly code: string;
  readonly unitId: string | null;
  readonly sentence: string;
  readonly at_ms: number;
}

/** What the fleet's live state is rebuilt from at start. */
export interface VehicleTotals {
  readonly vehicleId: string;
  readonly frames: FinalityCount;
  readonly samples: FinalityCount;
  readonly gaps: number;
  readonly samplesMissing: number;
  readonly links: LinkCount;
  /** Its newest frame with samples. */
  readonly newest: {
    readonly unitId: string;
    readonly accepted_ms: number;
    readonly frame: Uint8Array;
  } | null;
}

export interface FrameAt extends FinalityView {
  readonly frame: Uint8Array;
  readonly sampleIndex: number;
  readonly commitment: string;
  readonly unitId: string;
}

/**
 * Where telemetry and what is known about it are kept. Each commit is one transaction: after
 * kill -9 at any moment it is there as a whole or not at all. Commits run one after the other;
 * queries run beside them on their own connections and see only whole commits.
 * Throws CodedError: STORE_POSITION (a batch does not continue the stored log), STORE_BUSY (too
 * many queries wait), STORE_TIMEOUT (a query took too long), STORE_FAILED.
 */
export interface TelemetryStore {
  position(unitId: string): Promise<LogPosition>;
  commitEntries(batch: EntryBatch): Promise<EntryCommit>;
  /**
   * Moves the event cursor of the unit's log, its first unless named; an event already known is not stored
   * again. Gives the new ones.
   */
  commitEvents(feed: {
    unitId: string;
    logName?: string;
    cursor: number;
    events: readonly FeedEvent[];
  }): Promise<readonly EventView[]>;
  commitBlock(record: BlockRecord): Promise<void>;
  /** Keeps the newest state of the chain, so that a restart need not execute every block again. */
  commitSnapshot(snapshot: { height: number; bytes: Uint8Array }): Promise<void>;
  snapshot(): Promise<Uint8Array | undefined>;
  /** Marks a log as final up to a size. Gives what that raised. */
  commitFinality(range: FinalCheckpoint & { tree: Uint8Array }): Promise<readonly FinalDelta[]>;
  /** Repeats of the same code, unit and sentence count up instead of filling the table. */
  recordIncident(incident: Incident): Promise<IncidentView>;

  /** Blocks in order of height, from the first one asked for, at most `limit`. */
  blocksFrom(from: {
    height: number;
    limit: number;
  }): Promise<readonly { height: number; block: Uint8Array; certificate: Uint8Array }[]>;
  /** 0 when no block is stored. */
  height(): Promise<number>;
  finalRange(unitId: string): Promise<VerifiedRange>;
  /** The smallest final checkpoint above a size. */
  nextCheckpoint(above: { unitId: string; size: number }): Promise<FinalCheckpoint | undefined>;
  /** Stored entry bytes by their place in the log. */
  entryBytes(range: { unitId: string; from: number; to: number }): Promise<readonly Uint8Array[]>;

  /** What final blocks hold. */
  readonly chain: ChainReader;
  /** Frames that final checkpoints cover, as they were signed. */
  readonly final: FinalReader;
  vehicleTotals(): Promise<readonly VehicleTotals[]>;
  /** How many events are of each vehicle. */
  eventCounts(): Promise<ReadonlyMap<string, number>>;
  /** Samples kept one by one, counted by the engine that has them. */
  sampleCount(): Promise<number>;
  history(query: {
    vehicleId: string;
    from_ms: number;
    to_ms: number;
    points: number;
  }): Promise<HistoryView>;
  gaps(query: { vehicleId: string; from_ms: number; to_ms: number }): Promise<readonly GapView[]>;
  /** The newest sample at or before a moment. */
  frameAt(query: { vehicleId: string; at_ms: number }): Promise<FrameAt | undefined>;
  frames(query: {
    vehicleId: string;
    stream: Stream;
    before: number;
    limit: number;
  }): Promise<readonly FrameView[]>;
  /** Newest first. */
  links(query: {
    vehicleId?: string;
    /** Of these vehicles alone. */
    vehicleIds?: readonly string[];
    state: LinkView["state"];
    limit: number;
  }): Promise<readonly LinkView[]>;
  events(query: {
    vehicleId?: string;
    /** Of these vehicles alone. */
    vehicleIds?: readonly string[];
    class?: string;
    before: number;
    limit: number;
  }): Promise<readonly EventView[]>;
  /** Oldest first, above a cursor. */
  eventsAfter(query: { cursor: number; limit: number }): Promise<readonly EventView[]>;
  event(id: string): Promise<EventView | undefined>;
  /** The newest event per vehicle, function and class, where that is an assertion. */
  openAlerts(): Promise<readonly EventView[]>;
  blocks(query: { before: number; limit: number }): Promise<readonly BlockView[]>;
  block(height: number): Promise<StoredBlock | undefined>;
  incidents(limit: number): Promise<readonly IncidentView[]>;

  /** Sorts what came since the last time and adds it to the roll-ups; the store does so by itself too. */
  settle(): Promise<void>;
  retain(retention: Retention): Promise<Removed>;
  /** STORE_ENGINE where samples are in another engine, which has its own tools; so with the next. */
  exportArchive(options: { folder: string; from_ms: number; to_ms: number }): Promise<Archive>;
  importArchive(folder: string): Promise<Imported>;
  close(): Promise<void>;
}

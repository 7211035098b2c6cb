/** What the public API answers, as far as the pages use it; /openapi.json is the reference. */
import type { BlockSealsView } from "@voltfog/messages";

export type Origin = "measured" | "replayed" | "simulated";
export type Finality = "logged" | "final";

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly estimator: string;
  readonly version: string;
}

export interface VehicleSummary {
  readonly id: string;
  readonly origin: Origin | null;
  readonly source: string | null;
  readonly unitId: string | null;
  readonly lastSample_ms: number | null;
  readonly received_ms: number | null;
  readonly soc: number | null;
  readonly socEstimate: Estimate | null;
  readonly packVoltage_V: number | null;
  readonly packCurrent_A: number | null;
  readonly cellMin_mV: number | null;
  readonly cellMinIndex: number | null;
  readonly cellMax_mV: number | null;
  readonly cellMaxIndex: number | null;
  readonly temperatureMin_degC: number | null;
  readonly temperatureMax_degC: number | null;
  readonly alerts: readonly OpenAlert[];
  /** All that are durable in a log, and how many of them are final. */
  readonly frames: { readonly logged: number; readonly final: number };
  readonly gaps: number;
}

export interface OpenAlert {
  readonly eventId: string;
  readonly class: string;
  readonly level: number;
  readonly sentence: string;
  readonly since_ms: number;
}

/** One bucket of a history: extremes survive the down-sampling. */
export interface HistoryBucket {
  readonly time_ms: number;
  readonly samples: number;
  readonly soc: number | null;
  readonly packCurrentMin_A: number | null;
  readonly packCurrentMax_A: number | null;
  readonly packVoltageMin_V: number | null;
  readonly packVoltageMax_V: number | null;
  readonly cellMin_mV: number | null;
  readonly cellMax_mV: number | null;
  readonly temperatureMin_degC: number | null;
  readonly temperatureMax_degC: number | null;
}

export interface History {
  readonly vehicleId: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly bucket_ms: number;
  readonly buckets: readonly HistoryBucket[];
  readonly gaps: readonly DeclaredGap[];
}

export interface DeclaredGap {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly samples: number;
  readonly cause: string;
}

export interface CellSnapshot {
  readonly vehicleId: string;
  readonly wall_ms: number;
  readonly cellVoltage_mV: readonly number[];
  readonly temperature_degC: readonly number[];
}

/** Every cell over time: the last sample of each of equal parts of a range. */
export interface CellCourse {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly samples: readonly ({
    readonly wall_ms: number;
    readonly sequence: number;
    readonly cellVoltage_mV: readonly number[];
  } | null)[];
}

/** How far readings lay from what a twin of the pack expected. */
export interface Residuals {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly cell: string;
  readonly capacity_Ah: number;
  readonly readings: number;
  readonly isShortened: boolean;
  readonly parts: readonly ({
    readonly common_mV: number;
    readonly farthest_mV: number;
    /** Counted from 0. */
    readonly farthestCell: number;
    readonly thermal_K: number;
  } | null)[];
}

export interface FrameRow {
  readonly vehicleId: string;
  readonly stream: "telemetry" | "urgent";
  readonly sequence: number;
  readonly commitment: string;
  readonly unitId: string;
  readonly logIndex: number;
  readonly samples: number;
  readonly wall_ms: number;
  readonly finality: Finality;
  readonly finalHeight: number | null;
}

export interface EventRow {
  readonly id: string;
  readonly class: string;
  readonly state: "asserted" | "cleared";
  readonly level: number;
  readonly vehicleId: string;
  readonly unitId: string;
  readonly functionId: string;
  readonly functionVersion: string;
  readonly cell: number | null;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly at_ms: number;
  readonly origin: Origin;
  readonly sentence: string;
  readonly finality: Finality;
  readonly finalHeight: number | null;
}

export interface UnitRow {
  readonly id: string;
  readonly reachable: boolean;
  readonly logSize: number;
  readonly finalSize: number;
  readonly cursor: number;
  readonly vehicles: readonly string[];
  readonly refusals: Readonly<Record<string, number>>;
  readonly functions: readonly {
    readonly id: string;
    readonly version: string;
    readonly vehicles: number;
    readonly health: string;
  }[];
  readonly incident: string | null;
}

export interface ValidatorRow {
  readonly id: string;
  readonly organisation: string;
  readonly voteKey: string;
  readonly reachable: boolean;
  readonly seen_ms: number | null;
  readonly finalised_ms: number | null;
  readonly peers: readonly {
    readonly id: string;
    readonly connected: boolean;
    readonly height: number;
  }[];
  readonly height: number | null;
  readonly connectedPeers: number | null;
  readonly mempool: number | null;
  readonly signedLately: number | null;
  readonly weight: number;
  readonly quarantined: boolean;
  readonly service: {
    readonly state: "agile" | "blunt" | "unknown";
    readonly cause: "latency" | "bandwidth" | "clock" | "stopped" | null;
    readonly participation: number | null;
    readonly delay_ms: number | null;
    readonly bandwidth_bytes_per_s: number | null;
    readonly clockOffset_ms: number | null;
    readonly asked: number;
    readonly agreed: number;
  };
}

export interface BlockRow {
  readonly height: number;
  readonly hash: string;
  readonly time_ms: number;
  readonly proposer: string;
  readonly transactions: number;
  readonly signers: readonly string[];
  readonly round: number;
  readonly size_bytes: number;
}

export type BlockDetail = BlockRow & BlockSealsView;

export interface Summary {
  readonly vehicles: number;
  readonly openAlerts: number;
  readonly samples: number;
  readonly framesLogged: number;
  readonly framesFinal: number;
  readonly gapsDeclared: number;
  readonly units: number;
  readonly unitsReachable: number;
  readonly validators: number;
  readonly validatorsReachable: number;
  readonly height: number;
  readonly blockTime_ms: number | null;
  readonly origins: readonly {
    readonly origin: Origin;
    readonly source: string;
    readonly vehicles: number;
  }[];
  readonly incidents: readonly string[];
}

/** The live feed sends one of these, at most once a second each. */
export type LiveMessage =
  | { readonly type: "vehicle"; readonly vehicle: VehicleSummary }
  | { readonly type: "event"; readonly event: EventRow }
  | { readonly type: "block"; readonly block: BlockRow }
  | { readonly type: "summary"; readonly summary: Summary }
  /** The last: this listener may not stay. */
  | { readonly type: "dropped"; readonly reason: "too-slow" | "token-ended" };

export type PlugType = "type2" | "ccs" | "chademo" | "schuko" | "type3";

export type ChargerStatus =
  | "available"
  | "charging"
  | "occupied-not-charging"
  | "reserved"
  | "maintenance"
  | "commissioning"
  | "planned"
  | "removed"
  | "unknown";

/** How a network's feed stands; in a replay `now_ms` is the recorded time. */
export interface ChargerFeed {
  readonly network: string;
  readonly title: string;
  readonly attribution: string;
  readonly origin: "replayed" | "live";
  readonly at_ms: number;
  readonly now_ms: number;
  readonly age_s: number;
  readonly isStale: boolean;
  readonly isSuspect: boolean;
  readonly forecast: string;
  readonly note: string | null;
}

/** A GeoJSON point: longitude first. */
export interface PointFeature<T> {
  readonly id: string;
  readonly geometry: { readonly coordinates: readonly [number, number] };
  readonly properties: T;
}

export interface ChargerFacts {
  readonly name: string;
  readonly plugs: number;
  readonly inService: number;
  readonly free: number;
  readonly types: readonly PlugType[];
  readonly powerMax_kW: number;
  readonly price_EURperkWh: number | null;
}

export interface ChargerCollection {
  readonly feed: ChargerFeed;
  readonly features: readonly PointFeature<ChargerFacts>[];
}

export interface ChargePoint {
  readonly id: string;
  readonly status: ChargerStatus;
  readonly types: readonly PlugType[];
  readonly power_kW: number;
  readonly shares: Readonly<Partial<Record<ChargerStatus, number>>>;
}

export interface ChargerDetail {
  readonly feed: ChargerFeed;
  readonly id: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly points: readonly ChargePoint[];
}

/** What charging there costs, all in minutes. */
export interface AdviceParts {
  readonly travel_min: number;
  readonly wait_min: number;
  readonly charging_min: number;
  readonly price_min: number;
  readonly reliability_min: number;
  readonly wear_min: number;
}

export interface AdviceFacts {
  readonly rank: number;
  readonly name: string;
  readonly cost_min: number;
  readonly parts: AdviceParts;
  readonly distance_km: number;
  /** Probability of a free fitting plug at arrival. */
  readonly free: number;
  readonly arrival_ms: number;
  readonly arrivalSoc: number;
  readonly energy_kWh: number;
  readonly price_EUR: number | null;
  readonly plugs: number;
  readonly freeNow: number;
  readonly power_kW: number;
  readonly known_ms: number;
  readonly reason: string;
}

export type AdviceFeature = PointFeature<AdviceFacts>;

export interface Advice {
  readonly feed: ChargerFeed;
  /** The question with the server's defaults filled in. */
  readonly asked: {
    readonly latitude: number;
    readonly longitude: number;
    readonly soc: number;
    readonly arrivalSocMin: number;
  };
  readonly none: {
    readonly code: string;
    readonly message: string;
    readonly bestArrivalSoc: number | null;
  } | null;
  readonly features: readonly AdviceFeature[];
}

/** What the public API answers, as far as the pages use it; /openapi.json is the reference. */

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
  readonly reachable: boolean;
  readonly height: number | null;
  readonly connectedPeers: number | null;
  readonly mempool: number | null;
  readonly signedLately: number | null;
}

export interface BlockRow {
  readonly height: number;
  readonly hash: string;
  readonly time_ms: number;
  readonly proposer: string;
  readonly transactions: number;
  readonly signers: readonly string[];
  readonly round: number;
}

export interface TransactionRow {
  readonly index: number;
  readonly hash: string;
  readonly module: string;
  readonly action: string;
  readonly sender: string;
  readonly code: string;
}

export interface BlockDetail extends BlockRow {
  readonly parent: string;
  readonly stateRoot: string;
  readonly resultsRoot: string;
  readonly resultsSize: number;
  readonly results: readonly TransactionRow[];
}

export interface Placements {
  readonly version: number;
  readonly attachments: readonly {
    readonly vehicleId: string;
    readonly unitId: string;
    readonly latency_ms: number | null;
    readonly reason: string;
  }[];
  readonly functions: readonly {
    readonly functionId: string;
    readonly unitId: string;
    readonly vehicles: readonly string[];
  }[];
}

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
  | { readonly type: "summary"; readonly summary: Summary };

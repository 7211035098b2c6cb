import { blockSealsFields } from "./explorer-schemas.ts";
import type {
  AlertView,
  BlockDetailView,
  BlockView,
  CellCourseView,
  CellsView,
  EventView,
  FinalityCount,
  FinalityView,
  FrameView,
  FunctionView,
  GapView,
  HistoryBucket,
  HistoryView,
  IncidentView,
  LinkCount,
  LinkView,
  OriginView,
  PeerView,
  ResidualsView,
  ServiceView,
  SocEstimateView,
  SummaryView,
  UnitView,
  ValidatorView,
  VehicleView,
} from "./responses.ts";
import {
  flag,
  type JsonSchema,
  listOf,
  nullable,
  number,
  objectOf,
  oneOf,
  streamName,
  text,
  whole,
} from "./schema.ts";

const origin = oneOf(["measured", "replayed", "simulated"]);
const finality = oneOf(["logged", "final"]);
const count = objectOf<FinalityCount>({ logged: whole, final: whole });

const finalityFields: Readonly<Record<keyof FinalityView, JsonSchema>> = {
  finality,
  finalHeight: nullable(whole),
  final_ms: nullable(whole),
};

const alert = objectOf<AlertView>({
  eventId: text(),
  class: text(),
  level: whole,
  since_ms: whole,
  sentence: text(),
  unitId: text(),
  finality,
});

const estimate = objectOf<SocEstimateView>({
  value: number,
  low: number,
  high: number,
  estimator: text(),
  version: text(),
  at_ms: whole,
});

export const vehicleSchema: JsonSchema = objectOf<VehicleView>({
  id: text(),
  origin: nullable(origin),
  source: nullable(text()),
  unitId: nullable(text()),
  lastSample_ms: nullable(whole),
  received_ms: nullable(whole),
  soc: nullable(number),
  socEstimate: nullable(estimate),
  packVoltage_V: nullable(number),
  packCurrent_A: nullable(number),
  cellMin_mV: nullable(whole),
  cellMinIndex: nullable(whole),
  cellMax_mV: nullable(whole),
  cellMaxIndex: nullable(whole),
  cellMean_mV: nullable(number),
  temperatureMin_degC: nullable(number),
  temperatureMax_degC: nullable(number),
  temperatureMaxIndex: nullable(whole),
  alerts: listOf(alert),
  frames: count,
  samples: count,
  gaps: whole,
  samplesMissing: whole,
  links: objectOf<LinkCount>({ open: whole, closed: whole }),
});

export const linkSchema: JsonSchema = objectOf<LinkView>({
  vehicleId: text(),
  stream: streamName,
  sequence: whole,
  unitId: text(),
  logIndex: whole,
  previous: nullable(text()),
  follows: whole,
  accepted_ms: whole,
  state: oneOf(["open", "closed"]),
  closed_ms: nullable(whole),
  byUnitId: nullable(text()),
  byLogIndex: nullable(whole),
});

const bucket = objectOf<HistoryBucket>({
  time_ms: whole,
  samples: whole,
  packVoltageMin_V: nullable(number),
  packVoltageMean_V: nullable(number),
  packVoltageMax_V: nullable(number),
  packCurrentMin_A: nullable(number),
  packCurrentMean_A: nullable(number),
  packCurrentMax_A: nullable(number),
  socMin: nullable(number),
  soc: nullable(number),
  socMax: nullable(number),
  cellMin_mV: nullable(whole),
  cellMean_mV: nullable(number),
  cellMax_mV: nullable(whole),
  temperatureMin_degC: nullable(number),
  temperatureMax_degC: nullable(number),
});

const gap = objectOf<GapView>({
  stream: streamName,
  from_ms: whole,
  to_ms: whole,
  samples: whole,
  firstSequence: whole,
  lastSequence: whole,
  cause: text(),
  unitId: text(),
});

export const historySchema: JsonSchema = objectOf<HistoryView>({
  vehicleId: text(),
  from_ms: whole,
  to_ms: whole,
  bucket_ms: whole,
  origins: listOf(origin),
  buckets: listOf(bucket),
  gaps: listOf(gap),
});

export const cellsSchema: JsonSchema = objectOf<CellsView>({
  vehicleId: text(),
  wall_ms: whole,
  origin,
  source: text(),
  cellVoltage_mV: listOf(whole),
  temperature_degC: listOf(number),
  stream: streamName,
  sequence: whole,
  sampleIndex: whole,
  commitment: text(),
  unitId: text(),
  ...finalityFields,
});

export const cellCourseSchema: JsonSchema = objectOf<CellCourseView>({
  vehicleId: text(),
  from_ms: whole,
  to_ms: whole,
  samples: listOf(
    nullable(
      objectOf<NonNullable<CellCourseView["samples"][number]>>({
        wall_ms: whole,
        stream: streamName,
        sequence: whole,
        cellVoltage_mV: listOf(whole),
      }),
    ),
  ),
});

export const residualsSchema: JsonSchema = objectOf<ResidualsView>({
  vehicleId: text(),
  from_ms: whole,
  to_ms: whole,
  cell: text(),
  capacity_Ah: number,
  readings: whole,
  isShortened: flag,
  parts: listOf(
    nullable(
      objectOf<NonNullable<ResidualsView["parts"][number]>>({
        common_mV: number,
        farthest_mV: number,
        farthestCell: whole,
        thermal_K: number,
      }),
    ),
  ),
});

export const frameSchema: JsonSchema = objectOf<FrameView>({
  vehicleId: text(),
  kind: oneOf(["frame", "refused", "gap"]),
  stream: streamName,
  sequence: whole,
  commitment: text(),
  unitId: text(),
  logIndex: whole,
  samples: whole,
  code: nullable(text()),
  alarm: nullable(text()),
  wall_ms: nullable(whole),
  accepted_ms: whole,
  stored_ms: whole,
  duplicate: flag,
  link: nullable(oneOf(["linked", "closed", "open"])),
  ...finalityFields,
});

export const eventSchema: JsonSchema = objectOf<EventView>(
  {
    id: text(),
    class: text(),
    state: oneOf(["asserted", "cleared"]),
    level: whole,
    condition: text(),
    standing: whole,
    vehicleId: text(),
    unitId: text(),
    functionId: text(),
    functionVersion: text(),
    cell: nullable(whole),
    value: number,
    limit: number,
    unit: text(),
    at_ms: whole,
    frame: objectOf<EventView["frame"]>({
      stream: streamName,
      sequence: whole,
      commitment: text(),
    }),
    origin,
    sentence: text(),
    cursor: whole,
    recorded_ms: whole,
    salt: text(),
    resultIndex: nullable(whole),
    ...finalityFields,
  },
  { optional: ["condition", "standing"] },
);

const functionSchema = objectOf<FunctionView>({
  id: text(),
  version: text(),
  vehicles: whole,
  health: text(),
});

export const unitSchema: JsonSchema = objectOf<UnitView>({
  id: text(),
  organisation: text(),
  reachable: flag,
  seen_ms: nullable(whole),
  cursor: whole,
  root: text(),
  logSize: whole,
  publishedSize: nullable(whole),
  finalSize: whole,
  finalHeight: nullable(whole),
  lag: whole,
  intake: oneOf(["following", "unreachable", "halted"]),
  incident: nullable(text()),
  vehicles: listOf(text()),
  refusals: { type: "object", additionalProperties: whole },
  functions: listOf(functionSchema),
  eventsPending: nullable(whole),
});

export const validatorSchema: JsonSchema = objectOf<ValidatorView>({
  id: text(),
  organisation: text(),
  voteKey: text(),
  reachable: flag,
  seen_ms: nullable(whole),
  height: nullable(whole),
  finalised_ms: nullable(whole),
  mempool: nullable(whole),
  connectedPeers: nullable(whole),
  peers: listOf(objectOf<PeerView>({ id: text(), connected: flag, height: whole })),
  signedLately: nullable(number),
  weight: whole,
  quarantined: flag,
  service: objectOf<ServiceView>({
    state: oneOf(["agile", "blunt", "unknown"]),
    cause: nullable(oneOf(["latency", "bandwidth", "clock", "stopped"])),
    participation: nullable(number),
    delay_ms: nullable(number),
    bandwidth_bytes_per_s: nullable(number),
    clockOffset_ms: nullable(number),
    asked: whole,
    agreed: whole,
  }),
});

const blockFields: Readonly<Record<keyof BlockView, JsonSchema>> = {
  height: whole,
  hash: text(),
  time_ms: whole,
  proposer: text(),
  round: whole,
  transactions: whole,
  checkpoints: whole,
  events: whole,
  signers: listOf(text()),
  size_bytes: whole,
};

export const blockSchema: JsonSchema = objectOf<BlockView>(blockFields);

export const blockDetailSchema: JsonSchema = objectOf<BlockDetailView>({
  ...blockFields,
  ...blockSealsFields,
});

export const incidentSchema: JsonSchema = objectOf<IncidentView>({
  id: whole,
  code: text(),
  unitId: nullable(text()),
  sentence: text(),
  first_ms: whole,
  last_ms: whole,
  count: whole,
});

export const summarySchema: JsonSchema = objectOf<SummaryView>({
  chain: text(),
  chainId: text(),
  now_ms: whole,
  vehicles: whole,
  vehiclesLive: whole,
  openAlerts: whole,
  events: whole,
  samples: whole,
  samplesFinal: whole,
  framesLogged: whole,
  framesFinal: whole,
  gapsDeclared: whole,
  samplesMissing: whole,
  linksOpen: whole,
  units: whole,
  unitsReachable: whole,
  validators: whole,
  validatorsReachable: whole,
  height: whole,
  blockTime_ms: nullable(whole),
  origins: listOf(objectOf<OriginView>({ origin, source: text(), vehicles: whole })),
  incidents: listOf(text()),
});

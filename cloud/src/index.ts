export {
  encodeTokenFile,
  isTokenRole,
  parseTokenFile,
  type TokenRow,
  tokenRoles,
} from "./access/token-file.ts";
export type {
  AlertView,
  BlockDetailView,
  BlockView,
  CellsView,
  EventView,
  Finality,
  FinalityCount,
  FinalityView,
  FrameView,
  FunctionView,
  GapView,
  HistoryBucket,
  HistoryView,
  IncidentView,
  LiveMessage,
  OriginView,
  PeerView,
  SocEstimateView,
  SummaryView,
  UnitView,
  ValidatorView,
  VehicleView,
} from "./api/responses.ts";
export type { UnitLink } from "./backbone/unit-link.ts";
export { type Cloud, runCloud } from "./cloud.ts";
export type { CloudPorts } from "./cloud-ports.ts";
export { type CloudConfig, cloudConfig } from "./config.ts";
export { decodeBlockPage, type ServedBlock } from "./finality/block-page.ts";
export { decodeEntryPage, type EntryPage } from "./intake/entry-page.ts";
export { UnitIntake } from "./intake/unit-intake.ts";
export { type HistoryLoad, loadFleetHistory } from "./maintenance/load-history.ts";
export { DayClearing } from "./settlement/clearing.ts";
export type { SessionRow, SettlementRow } from "./settlement/settlement-row.ts";
export type { Archive, Imported } from "./store/archive.ts";
export { openDuckDbStore } from "./store/duckdb-store.ts";
export { openStore, type StoreChoice } from "./store/open-store.ts";
export type { Removed, Retention } from "./store/retention.ts";
export {
  openStoreReader,
  type StoredEventTime,
  type StoredFrameTime,
  type StoreReader,
} from "./store/store-reader.ts";
export type {
  EntryBatch,
  EntryRow,
  SampleColumns,
  TelemetryStore,
} from "./store/telemetry-store.ts";

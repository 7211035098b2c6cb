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
  ResultView,
  SocEstimateView,
  SummaryView,
  UnitView,
  ValidatorView,
  VehicleView,
} from "./api/responses.ts";
export { type Cloud, runCloud } from "./cloud.ts";
export type { CloudPorts } from "./cloud-ports.ts";
export { type CloudConfig, cloudConfig } from "./config.ts";
export {
  openStoreReader,
  type StoredEventTime,
  type StoredFrameTime,
  type StoreReader,
} from "./store/store-reader.ts";

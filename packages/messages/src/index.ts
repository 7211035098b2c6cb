export { alarmClasses } from "./alarm-codec.ts";
export {
  type BackboneKind,
  type BackboneSpan,
  backboneHeaders,
  backboneMessageId,
  backbonePrefix,
  backboneSpanOf,
  backboneSubject,
} from "./backbone.ts";
export {
  type BatteryEvent,
  type EventClass,
  type EventState,
  eventClasses,
  eventDetail,
  eventId,
  noticeClasses,
  standingLevel,
} from "./battery-event.ts";
export { type BatterySample, type DataOrigin, dataOrigins } from "./battery-sample.ts";
export type {
  ApprovalView,
  BlockSealsView,
  ChainField,
  ChainView,
  ChangeView,
  CheckpointView,
  CosignatureView,
  EpochMemberView,
  EpochView,
  FoundView,
  LogView,
  SealView,
  TransactionDetailView,
  TransactionView,
} from "./chain-answers.ts";
export {
  balancedCellsMax,
  type CellBalancing,
  type Command,
  type CommandKind,
  commandKinds,
  openCommand,
  sealCommand,
} from "./command.ts";
export {
  type CommandAck,
  type CommandStatus,
  openCommandAck,
  sealCommandAck,
} from "./command-ack.ts";
export type { DisputesView } from "./disputes-view.ts";
export {
  type ClockQuality,
  commitmentOf,
  decodePayload,
  type FrameHeader,
  type FrameProblem,
  frameMax_bytes,
  keyIdOf,
  type OpenedFrame,
  openFrame,
  type Stream,
  sealFrame,
  streams,
  verifyFrame,
} from "./frame.ts";
export { frameReader } from "./frame-reader.ts";
export { gapCauses } from "./gap-codec.ts";
export { decodeHello, encodeHello, type Hello, helloMax_bytes } from "./hello.ts";
export { type MaintenanceNotice, parseMaintenanceNotice } from "./maintenance-notice.ts";
export type {
  BeanHoldingView,
  BeanIssuerView,
  ChargePointView,
  DeliveryView,
  LinkedVehicleView,
  MarketAccountView,
  MarketNotificationView,
  MarketOrderView,
  MarketOverviewView,
  MarketPileView,
  MarketPlaceView,
  MarketSessionView,
  MarketTradeView,
  PileBookingView,
  PileContractDetailView,
  PileContractView,
  PileCurveView,
  PileGroupView,
  PileMarketView,
  PileOrderView,
  TariffView,
  UnionOperatorView,
  UnionView,
  WearView,
  WithdrawalView,
} from "./market-views.ts";
export { parseBatteryEvent, parseEventDetail } from "./parse-battery-event.ts";
export {
  type AlarmClass,
  type AlarmLevel,
  type AlarmPayload,
  type GapCause,
  type GapPayload,
  type Payload,
  type PayloadProblem,
  sampleCount,
  type TelemetryPayload,
} from "./payload.ts";
export { type EncodedPayload, encodePayload, payloadMax_bytes } from "./payload-codec.ts";
export {
  decodeReceipt,
  type OpenedReceipt,
  type Receipt,
  type ReceiptEntry,
  receiptMax_bytes,
  sealReceipt,
  verifyReceipt,
} from "./receipt.ts";
export { decodeRefusal, encodeRefusal, type Refusal } from "./refusal.ts";
export {
  leavesEntry,
  type RefusalCode,
  refusalCode,
  refusalCodes,
  refusalNumber,
} from "./refusal-code.ts";
export type {
  ClearingLineView,
  ClearingPositionView,
  DayClearingView,
  PileAdviceView,
  SettlementExportView,
  SettlementReportKind,
  SettlementReportRow,
} from "./settlement-views.ts";
export type { SignedMessageProblem } from "./signed-message.ts";
export {
  type DownTopic,
  deadLetterTopic,
  downTopic,
  type ParsedTopic,
  parseTopic,
  type UpTopic,
  upTopic,
  urgentClientSuffix,
} from "./topics.ts";
export {
  type AddressProblem,
  type AddressRange,
  hostBytes,
  isInRange,
  parseAddressRange,
} from "./traffic/address-range.ts";
export {
  decodePolicies,
  type PolicyProblem,
  policiesMax_bytes,
  type Quarantine,
  type RateLimit,
  type Release,
  readDeny,
  readLimit,
  readQuarantine,
  type TrafficPolicies,
} from "./traffic/traffic-policies.ts";

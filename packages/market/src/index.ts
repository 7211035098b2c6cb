export {
  buyFrom,
  type Conversion,
  crrStepPpm,
  type PriceCurve,
  sellTo,
  spotPrice,
} from "./bancor/curve.ts";
export { type LoadReport, loadedCost, loadFactorPpm, loadRules } from "./bancor/load-factor.ts";
export type { OcpiCdr } from "./cdr/ocpi-cdr.ts";
export { ocpiJson } from "./cdr/ocpi-cdr.ts";
export { type CdrContext, cdrOf, correctedOf, creditOf } from "./cdr/session-cdr.ts";
export type { SettledSession } from "./cdr/settled-session.ts";
export { decodeMatchBook, type MatchBook } from "./matching/book-file.ts";
export { isDeliveryAgreed } from "./matching/delivery.ts";
export type { Buy, BuyTerms, Sell, SellTerms } from "./matching/open-order.ts";
export { type Match, OrderBook } from "./matching/order-book.ts";
export { type BookMatch, playBook } from "./matching/play-book.ts";
export {
  isPosition,
  type Position,
  positionLimits,
  readPosition,
  writePosition,
} from "./matching/position.ts";
export { amountsOf, paymentOf } from "./matching/terms.ts";
export { costOf, mulDiv } from "./money.ts";
export {
  type ContractTerms,
  renderContract,
  standardTemplate,
  templateHash,
} from "./piles/contract-template.ts";
export {
  deliveredMax_Wh,
  type FixedTariff,
  marginOf,
  metersAgree,
  settleDeviation,
  tariffPrice,
} from "./piles/deviation.ts";
export {
  dayOf,
  freeSlots,
  type Placement,
  placeEnergy,
  type Slot,
  shared,
} from "./piles/idle-time.ts";
export { type EnergyAgreement, energyAgreement } from "./receipt/energy-agreement.ts";
export {
  type MeteredSession,
  type MeterProblem,
  meterHash,
  meterRecordsMax,
  readMeter,
  type SignedMeter,
} from "./receipt/metered-session.ts";
export { type OcmfTransaction, ocmfPayload } from "./receipt/ocmf-payload.ts";
export { type OcmfAlgorithm, ocmfKeyOf, signOcmf } from "./receipt/ocmf-signature.ts";
export { exampleRing } from "./ring/example-ring.ts";
export {
  decodeRingSignature,
  encodeRingSignature,
  isRingKey,
  type RingSignature,
  type RingStatement,
  ringKeyOf,
  signRing,
  verifyRing,
} from "./ring/ring-signature.ts";
export { beanBound_Wh } from "./session/bean-bound.ts";
export { drawShare_Wh } from "./session/bean-draw.ts";
export { type MeterFault, meterFault, type Reading } from "./session/meter-fault.ts";
export {
  billOf,
  energyAllowed_Wh,
  type SessionBill,
  type SessionTariff,
  type SessionTerms,
} from "./session/session-bill.ts";
export { sessionLimits } from "./session/session-limits.ts";

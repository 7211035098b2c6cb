import {
  accountAction,
  beanAction,
  decodeAccountOrder,
  decodeAdjustment,
  decodeAgreement,
  decodeAuthorisation,
  decodeBeanEnvelope,
  decodeBeanGift,
  decodeBeanMovement,
  decodeBeanOffer,
  decodeBeanPurchase,
  decodeBuyOrder,
  decodeChargePointKey,
  decodeChargePointRequest,
  decodeContractResult,
  decodeCurve,
  decodeCurveOrder,
  decodeDelegation,
  decodeDeliverOrder,
  decodeDeposit,
  decodeDispute,
  decodeEnergyStatement,
  decodeEnvelopeName,
  decodeEnvelopeResult,
  decodeFunding,
  decodeGroupOrder,
  decodeHashOrder,
  decodeJoin,
  decodeLimitOrder,
  decodeListOrder,
  decodeLoadOrder,
  decodeMarketBuy,
  decodeMeetingPoints,
  decodeMeterReading,
  decodeNomination,
  decodeOfflineSettlement,
  decodeOpening,
  decodeOrderRecord,
  decodeOrderRemoval,
  decodePenalty,
  decodePileId,
  decodePlacedOrder,
  decodePromotion,
  decodeRebate,
  decodeResolution,
  decodeResolveOrder,
  decodeRingConfirm,
  decodeSellOrder,
  decodeSessionCount,
  decodeSessionName,
  decodeSessionResult,
  decodeSettlement,
  decodeSignOrder,
  decodeSuspension,
  decodeTariff,
  decodeTerms,
  decodeTradeRecord,
  decodeTradeResolution,
  decodeTradeResult,
  decodeV2vId,
  decodeV2vRules,
  decodeVehicleLink,
  decodeWithdrawal,
  decodeWithdrawalOrder,
  moduleNumber,
  pileAction,
  sessionAction,
  unionAction,
  v2vAction,
} from "@voltfog/ledger";
import type { ChainField } from "@voltfog/messages";
import type { Outcome } from "@voltfog/runtime";
import { recordFields } from "./record-fields.ts";

type Decode = (bytes: Uint8Array) => Outcome<unknown>;
/** By the action's number. */
type Decoders = Readonly<Record<number, Decode>>;

const accountPayloads: Decoders = {
  [accountAction.nameAuthority]: decodeNomination,
  [accountAction.credit]: decodeAccountOrder,
  [accountAction.debit]: decodeAccountOrder,
  [accountAction.transfer]: decodeAccountOrder,
  [accountAction.open]: decodeOpening,
  [accountAction.deposit]: decodeDeposit,
  [accountAction.withdraw]: decodeWithdrawalOrder,
  [accountAction.suspend]: decodeSuspension,
  [accountAction.restore]: decodeSuspension,
  [accountAction.adjust]: decodeAdjustment,
};

const unionPayloads: Decoders = {
  [unionAction.join]: decodeJoin,
  [unionAction.penalise]: decodePenalty,
  [unionAction.addChargePoint]: decodeChargePointRequest,
  [unionAction.removeChargePoint]: decodeChargePointKey,
  [unionAction.setTariff]: decodeTariff,
  [unionAction.proposeTariff]: decodeTariff,
  [unionAction.agreeTariff]: decodeAgreement,
  [unionAction.setTerms]: decodeTerms,
  [unionAction.delegate]: decodeDelegation,
  [unionAction.undelegate]: decodeDelegation,
  [unionAction.fund]: decodeFunding,
  [unionAction.promote]: decodePromotion,
};

const sessionPayloads: Decoders = {
  [sessionAction.authorise]: decodeAuthorisation,
  [sessionAction.start]: decodeMeterReading,
  [sessionAction.meter]: decodeMeterReading,
  [sessionAction.settle]: decodeSettlement,
  [sessionAction.settleOffline]: decodeOfflineSettlement,
  [sessionAction.cancel]: decodeSessionName,
  [sessionAction.dispute]: decodeDispute,
  [sessionAction.resolve]: decodeResolution,
  [sessionAction.expire]: decodeSessionName,
  [sessionAction.payShortfall]: decodeSessionName,
  [sessionAction.count]: decodeSessionCount,
};

const beanPayloads: Decoders = {
  [beanAction.rebate]: decodeRebate,
  [beanAction.offer]: decodeBeanOffer,
  [beanAction.buy]: decodeBeanPurchase,
  [beanAction.gift]: decodeBeanGift,
  [beanAction.envelope]: decodeBeanEnvelope,
  [beanAction.claim]: decodeEnvelopeName,
  [beanAction.close]: decodeEnvelopeName,
};

const pilePayloads: Decoders = {
  [pileAction.curve]: decodeCurveOrder,
  [pileAction.load]: decodeLoadOrder,
  [pileAction.list]: decodeListOrder,
  [pileAction.marketBuy]: decodeMarketBuy,
  [pileAction.limit]: decodeLimitOrder,
  [pileAction.cancel]: decodePileId,
  [pileAction.sign]: decodeSignOrder,
  [pileAction.deliver]: decodeDeliverOrder,
  [pileAction.confirm]: decodePileId,
  [pileAction.ringConfirm]: decodeRingConfirm,
  [pileAction.timeout]: decodePileId,
  [pileAction.acknowledge]: decodeHashOrder,
  [pileAction.group]: decodeGroupOrder,
  [pileAction.dispute]: decodeHashOrder,
  [pileAction.resolve]: decodeResolveOrder,
};

const v2vPayloads: Decoders = {
  [v2vAction.linkVehicle]: decodeVehicleLink,
  [v2vAction.sell]: decodeSellOrder,
  [v2vAction.buy]: decodeBuyOrder,
  [v2vAction.cancel]: decodeV2vId,
  [v2vAction.meetingPoints]: decodeMeetingPoints,
  [v2vAction.deliver]: decodeEnergyStatement,
  [v2vAction.removeOrder]: decodeOrderRemoval,
  [v2vAction.resolve]: decodeTradeResolution,
  [v2vAction.expire]: decodeV2vId,
  [v2vAction.rules]: decodeV2vRules,
};

const payloads: Readonly<Record<number, Decoders>> = {
  [moduleNumber.accounts]: accountPayloads,
  [moduleNumber.union]: unionPayloads,
  [moduleNumber.sessions]: sessionPayloads,
  [moduleNumber.beans]: beanPayloads,
  [moduleNumber.piles]: pilePayloads,
  [moduleNumber.v2v]: v2vPayloads,
};

/** Where an action's result says something else than its payload did. */
const results: Readonly<Record<number, Decoders>> = {
  [moduleNumber.accounts]: { [accountAction.withdraw]: decodeWithdrawal },
  [moduleNumber.sessions]: every(sessionAction, decodeSessionResult),
  [moduleNumber.beans]: {
    ...every(beanAction, decodeBeanMovement),
    [beanAction.offer]: decodeBeanOffer,
    [beanAction.envelope]: decodeEnvelopeResult,
    [beanAction.close]: decodeEnvelopeResult,
  },
  [moduleNumber.piles]: {
    ...every(pileAction, decodeContractResult),
    [pileAction.curve]: decodeCurve,
    [pileAction.load]: decodeCurve,
    [pileAction.list]: decodeListOrder,
    [pileAction.group]: decodeGroupOrder,
    [pileAction.marketBuy]: decodeTradeResult,
    [pileAction.limit]: decodeTradeResult,
    [pileAction.cancel]: decodeTradeResult,
  },
  [moduleNumber.v2v]: {
    [v2vAction.sell]: decodePlacedOrder,
    [v2vAction.buy]: decodePlacedOrder,
    [v2vAction.cancel]: decodeOrderRecord,
    [v2vAction.removeOrder]: decodeOrderRecord,
    [v2vAction.deliver]: decodeTradeRecord,
    [v2vAction.resolve]: decodeTradeRecord,
    [v2vAction.expire]: decodeTradeRecord,
  },
};

interface Content {
  readonly module: number;
  readonly action: number;
  readonly bytes: Uint8Array;
}

/** What a transaction of the market asks for; undefined where it is of no form that is known here. */
export function marketPayloadFields(content: Content): readonly ChainField[] | undefined {
  return read(payloads[content.module]?.[content.action], content.bytes);
}

/** What its OK result says. */
export function marketDataFields({
  module,
  action,
  bytes,
}: Content): readonly ChainField[] | undefined {
  return read(results[module]?.[action] ?? payloads[module]?.[action], bytes);
}

function read(decode: Decode | undefined, bytes: Uint8Array): readonly ChainField[] | undefined {
  const decoded = decode?.(bytes);
  return decoded?.ok ? recordFields(decoded.value) : undefined;
}

function every(actions: Readonly<Record<string, number>>, decode: Decode): Decoders {
  return Object.fromEntries(Object.values(actions).map((action) => [action, decode]));
}

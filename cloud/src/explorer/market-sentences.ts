import {
  accountAction,
  beanAction,
  moduleNumber,
  pileAction,
  type Result,
  unionAction,
  v2vAction,
} from "@voltfog/ledger";
import { newsOf } from "../market/result-news.ts";

/** Of actions that tell no key of anything. */
const plain: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [moduleNumber.accounts]: {
    [accountAction.nameAuthority]: "A validator named its authority over money.",
  },
  [moduleNumber.union]: {
    [unionAction.leave]: "An operator left the union.",
    [unionAction.penalise]: "An operator paid a penalty out of its deposit.",
    [unionAction.addChargePoint]: "A charge point joined the union.",
    [unionAction.removeChargePoint]: "A charge point left the union.",
    [unionAction.setTariff]: "The union's tariff was set.",
    [unionAction.proposeTariff]: "An operator proposed a tariff of its own.",
    [unionAction.agreeTariff]: "The authority agreed to an operator's tariff, or ended it.",
    [unionAction.setTerms]: "The union's terms were set.",
    [unionAction.fund]: "Money went into the union's pool.",
  },
  [moduleNumber.beans]: {
    [beanAction.offer]: "An operator sells beans at another price, or no longer.",
    [beanAction.envelope]: "An operator put beans into a red envelope.",
    [beanAction.close]: "A red envelope was closed; what was left went back.",
  },
  [moduleNumber.piles]: {
    [pileAction.curve]: "A zone's price curve was set.",
    [pileAction.load]: "The grid's load in a zone was reported.",
    [pileAction.list]: "A private pile was offered, or taken off the market.",
    [pileAction.marketBuy]: "Energy was asked for at the price of the market.",
    [pileAction.limit]: "A limit order was placed.",
    [pileAction.cancel]: "A limit order was cancelled.",
    [pileAction.group]: "An account named who confirms for it.",
  },
  [moduleNumber.v2v]: {
    [v2vAction.meetingPoints]: "The meeting points were named.",
    [v2vAction.rules]: "The rules of trades between vehicles were set.",
  },
};

/** What an OK result of the market did: what the first of those whom it concerns is told, or in plain words. */
export function marketSentence(result: Result): string | undefined {
  const told = newsOf(result).notices[0]?.sentence;
  return told ?? plain[result.module]?.[result.action];
}

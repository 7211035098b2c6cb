import {
  decodeContractResult,
  decodeListOrder,
  decodeTradeResult,
  type NumberedContract,
  type NumberedOrder,
  pileAction,
  type Result,
} from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { type Notice, noNews, type ResultNews, type Subject } from "./market-book.ts";
import { amountInWords, energyInWords } from "./words.ts";

const ofZones: readonly number[] = [pileAction.curve, pileAction.load, pileAction.group];
const ofOrders: readonly number[] = [pileAction.marketBuy, pileAction.limit, pileAction.cancel];

/** Piles, orders and contracts that an action made or changed. */
export function pileNews({ action, data, sender }: Result): ResultNews {
  if (ofZones.includes(action)) return noNews;
  if (action === pileAction.list) {
    const listed = decodeListOrder(data);
    if (!listed.ok) return noNews;
    const status = listed.value.terms.windows.length > 0 ? "open" : "closed";
    const id = toHex(listed.value.pileKey);
    return { subjects: [{ kind: "pile", id, labels: [toHex(sender)], status }], notices: [] };
  }
  if (ofOrders.includes(action)) {
    const traded = decodeTradeResult(data);
    if (!traded.ok) return noNews;
    const { orders, contracts } = traded.value;
    return {
      subjects: [...orders.map(orderSubject), ...contracts.map(contractSubject)],
      notices: contracts.flatMap(contractNotices),
    };
  }
  const changed = decodeContractResult(data);
  if (!changed.ok) return noNews;
  return {
    subjects: [contractSubject(changed.value)],
    notices: contractNotices(changed.value),
  };
}

function orderSubject({ orderId, order }: NumberedOrder): Subject {
  const labels = [toHex(order.account)];
  return { kind: "pile-order", id: toHex(orderId), labels, status: order.state };
}

function contractSubject({ contractId, contract }: NumberedContract): Subject {
  const labels = [contract.buyer, contract.owner, contract.pileKey].map(toHex);
  return { kind: "contract", id: toHex(contractId), labels, status: contract.state };
}

function contractNotices({ contractId, contract }: NumberedContract): readonly Notice[] {
  const { buyer, owner, state, energy_Wh, cost, settlement } = contract;
  const about = toHex(contractId);
  const what = `${energyInWords(energy_Wh)} for ${amountInWords(cost)}`;
  const paid =
    settlement === undefined ? "" : `, ${amountInWords(settlement.paid)} went to the owner`;
  const sentence = `The contract over ${what} is ${state}${paid}.`;
  return [buyer, owner].map((key) => ({ key: toHex(key), kind: "contract", sentence, about }));
}

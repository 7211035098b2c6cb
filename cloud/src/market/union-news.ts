import {
  decodeDelegation,
  decodeJoin,
  decodePromotion,
  type Result,
  unionAction,
} from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { type Notice, noNews, type ResultNews } from "./market-book.ts";
import { amountInWords } from "./words.ts";

/** What the union says to the keys that it names; its members stand in the state's own list. */
export function unionNews(result: Result): ResultNews {
  const notice = noticeOf(result);
  return notice === undefined ? noNews : { subjects: [], notices: [notice] };
}

function noticeOf({ action, data, sender }: Result): Notice | undefined {
  const say = (key: Uint8Array, sentence: string, about: string | null = null): Notice => ({
    ...{ key: toHex(key), kind: "union", sentence, about },
  });
  if (action === unionAction.join) {
    const join = decodeJoin(data);
    if (!join.ok) return undefined;
    const { key, organisation, deposit } = join.value;
    return say(key, `${organisation} joined with ${amountInWords(deposit)}.`, organisation);
  }
  if (action === unionAction.promote) {
    const paid = decodePromotion(data);
    if (!paid.ok) return undefined;
    return say(paid.value.account, `${amountInWords(paid.value.amount)} came from the promotion.`);
  }
  const did: Readonly<Record<number, string>> = {
    [unionAction.delegate]: "is delegated to",
    [unionAction.undelegate]: "is no longer delegated to",
  };
  const delegation = did[action] === undefined ? undefined : decodeDelegation(data);
  if (!delegation?.ok) return undefined;
  const { organisation, amount } = delegation.value;
  return say(sender, `${amountInWords(amount)} ${did[action]} ${organisation}.`, organisation);
}

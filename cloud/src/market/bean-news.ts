import { beanAction, decodeBeanMovement, decodeEnvelopeResult, type Result } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { type Notice, noNews, type ResultNews } from "./market-book.ts";
import { operatorLabel } from "./session-news.ts";
import { energyInWords } from "./words.ts";

/** Beans that reached somebody, and red envelopes. */
export function beanNews({ action, data, sender }: Result): ResultNews {
  if (action === beanAction.envelope || action === beanAction.close) {
    const decoded = decodeEnvelopeResult(data);
    if (!decoded.ok) return noNews;
    const { id, envelope } = decoded.value;
    const status = envelope.sharesLeft > 0 ? "open" : "closed";
    const labels = [operatorLabel(envelope.organisation)];
    return { subjects: [{ kind: "envelope", id: toHex(id), labels, status }], notices: [] };
  }
  const decoded = decodeBeanMovement(data);
  if (action === beanAction.offer || !decoded.ok) return noNews;
  const { organisation, account, energy_Wh } = decoded.value;
  const beans = `beans of ${organisation} for ${energyInWords(energy_Wh)}`;
  const key = toHex(account);
  const got: Notice = { key, kind: "beans", sentence: `Got ${beans}.`, about: organisation };
  if (action !== beanAction.gift) return { subjects: [], notices: [got] };
  const sentence = `Gave ${beans} to ${key.slice(0, 8)}.`;
  const gave: Notice = { key: toHex(sender), kind: "beans", sentence, about: organisation };
  return { subjects: [], notices: [gave, got] };
}

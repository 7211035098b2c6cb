import { decodeSessionResult, type Result, type SessionRecord } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { type Notice, noNews, type ResultNews } from "./market-book.ts";
import { amountInWords, energyInWords } from "./words.ts";

/** The label of an operator's things. */
export function operatorLabel(organisation: string): string {
  return `operator/${organisation}`;
}

/** Every action of the module leaves the session as it then stands. */
export function sessionNews({ data }: Result): ResultNews {
  const decoded = decodeSessionResult(data);
  if (!decoded.ok) return noNews;
  const { sessionId, session } = decoded.value;
  const id = toHex(sessionId);
  const [driver, point] = [toHex(session.driver), toHex(session.chargePoint)];
  const labels = [driver, point, operatorLabel(session.organisation)];
  const { state: status } = session;
  const notice: Notice = { key: driver, kind: "session", sentence: words(session), about: id };
  // A reading of the meter is no news to anybody: it comes every few seconds.
  const isReading = status === "charging" && session.meter?.start_ms !== session.meter?.last_ms;
  return {
    subjects: [{ kind: "session", id, labels, status }],
    notices: isReading ? [] : [notice],
  };
}

function words({ state, organisation, settlement, resolution }: SessionRecord): string {
  const at = `at a charge point of ${organisation}`;
  switch (state) {
    case "settled": {
      const energy = energyInWords(settlement?.energy_Wh ?? 0);
      const beans = settlement?.beans_Wh ?? 0;
      const byBeans = beans > 0 ? `, ${energyInWords(beans)} of it with beans` : "";
      return `Charged ${energy} ${at} for ${amountInWords(settlement?.paid ?? 0)}${byBeans}.`;
    }
    case "resolved":
      return `The dispute about charging ${at} is resolved: ${amountInWords(resolution?.refund ?? 0)} comes back.`;
    case "authorised":
      return `Charging ${at} is authorised.`;
    case "charging":
      return `Charging ${at} has begun.`;
    default:
      return `The session ${at} is ${state}.`;
  }
}

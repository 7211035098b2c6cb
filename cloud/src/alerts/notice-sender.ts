import { parseUnitLogName } from "@voltfog/ledger";
import { type BatteryEvent, type MaintenanceNotice, openFrame } from "@voltfog/messages";
import { CodedError, type Crypto, toHex, utf8 } from "@voltfog/runtime";
import { parseJson, recordOf } from "../live/json-value.ts";
import type { Remote, Reply } from "../remote/remote.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { type Alert, newsWords } from "./alert.ts";
import type { AlertStore, Delivery } from "./alert-store.ts";

export interface NoticeSenderOptions {
  readonly store: Pick<TelemetryStore, "event" | "frameAt">;
  readonly alerts: Pick<AlertStore, "pin">;
  /** The unit of that id; undefined for one that this process knows no address of. */
  readonly remoteOf: (unitId: string) => Pick<Remote, "post"> | undefined;
  readonly crypto: Crypto;
  readonly signal: AbortSignal;
}

/** The frame that a notice rests on, and the unit that holds it. */
interface Basis {
  readonly unitId: string;
  readonly frame: BatteryEvent["frame"];
}

const timeout_ms = 10_000;
const bodyMax_bytes = 65_536;
const sentenceMax = 1000;
const idLength = 32;

/**
 * Has a unit record what was told of an alert, as an event of its own that becomes final on the chain: the unit
 * whose event raised it, or the one that holds the last frame behind a day's figures. A notice has the same id
 * and the same frame however often it is sent, so the unit records it once.
 */
export class NoticeSender {
  readonly #options: NoticeSenderOptions;

  constructor(options: NoticeSenderOptions) {
    this.#options = options;
  }

  /**
   * The id of the event, which is durable at the unit. NOTICE_WITHOUT_FRAME where no signed frame stands behind
   * the alert, UNIT_UNKNOWN, UNREACHABLE, DELIVERY_FAILED, and the unit's own codes.
   */
  async send(delivery: Delivery): Promise<string> {
    const { alert } = JSON.parse(delivery.body) as { alert: Alert };
    const { unitId, frame } = await this.#basisOf(delivery, alert);
    const remote = this.#options.remoteOf(unitId);
    if (remote === undefined) {
      throw failed("UNIT_UNKNOWN", `this process has no address of ${unitId}`);
    }
    const json = JSON.stringify(this.#noticeOf(delivery, alert, frame));
    const { signal } = this.#options;
    const options = { signal, timeout_ms, bodyMax_bytes };
    return eventIn(await remote.post("/v1/notices", json, options), unitId);
  }

  #noticeOf(delivery: Delivery, alert: Alert, frame: Basis["frame"]): MaintenanceNotice {
    const { vehicleId, level, value, limit, unit, last_ms, sentence } = alert;
    const text = `${newsWords[delivery.news]}: ${sentence}`;
    return {
      id: this.#idOf(delivery),
      state: delivery.news === "closed" ? "cleared" : "asserted",
      level: level >= 3 ? 3 : level === 2 ? 2 : 1,
      ...{ vehicleId, value, limit, unit, frame, at_ms: last_ms },
      sentence: text.length <= sentenceMax ? text : `${text.slice(0, sentenceMax - 1)}…`,
    };
  }

  /** Of the message with all that it says: its number alone would come again with a database that was lost. */
  #idOf({ id, created_ms, body }: Delivery): string {
    const hash = this.#options.crypto.sha256(utf8(`${id} ${created_ms}\n${body}`));
    return toHex(hash).slice(0, idLength);
  }

  async #basisOf(delivery: Delivery, alert: Alert): Promise<Basis> {
    if (delivery.restsOn !== null) return JSON.parse(delivery.restsOn) as Basis;
    const { cause } = alert;
    const basis =
      cause.kind === "event" ? await this.#ofEvent(cause.eventId) : await this.#ofDay(alert);
    if (basis === undefined) {
      throw failed("NOTICE_WITHOUT_FRAME", "no signed frame stands behind this alert");
    }
    await this.#options.alerts.pin(delivery.id, JSON.stringify(basis));
    return basis;
  }

  async #ofEvent(eventId: string): Promise<Basis | undefined> {
    const event = await this.#options.store.event(eventId);
    return event && { unitId: event.unitId, frame: event.frame };
  }

  async #ofDay({ vehicleId, last_ms }: Alert): Promise<Basis | undefined> {
    const found = await this.#options.store.frameAt({ vehicleId, at_ms: last_ms - 1 });
    if (found === undefined) return undefined;
    const opened = openFrame(found.frame);
    const log = parseUnitLogName(found.unitId);
    if (!opened.ok || log === undefined) return undefined;
    const { stream, sequence } = opened.value.header;
    return { unitId: log.unitId, frame: { stream, sequence, commitment: found.commitment } };
  }
}

function eventIn(reply: Reply, unitId: string): string {
  const { eventId, code, message } = recordOf(parseJson(reply.body));
  const isTaken = reply.status === 200 || reply.status === 201;
  if (isTaken && typeof eventId === "string" && /^[0-9a-f]{64}$/.test(eventId)) return eventId;
  const said = typeof message === "string" ? message : "";
  const isCode = typeof code === "string" && /^[A-Z_]{1,40}$/.test(code);
  throw failed(isCode ? code : "DELIVERY_FAILED", `${unitId} answers ${reply.status}: ${said}`);
}

function failed(code: string, message: string): CodedError {
  return new CodedError({ code, message });
}

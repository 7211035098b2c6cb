import {
  encodeAuthorisation,
  encodeMeterReading,
  encodeSettlement,
  moduleNumber,
  sessionAction,
  sessionIdOf,
} from "@voltfog/ledger";
import { ByteWriter, type Clock } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import type { Order, Person } from "./market-people.ts";
import { plugType } from "./market-preparations.ts";

const steps = ["authorise", "start", "settle"] as const;
const limits = { limitAmount: 20_000_000, limit_Wh: 20_000 } as const;
const life_ms = 3_600_000;
const energy_Wh = 60;

/**
 * Charging sessions without end: everybody authorises one, then everybody's charge point starts it, then it
 * is settled, so that a session's steps lie a round of all people apart.
 */
export class ChargingLoad {
  readonly #people: readonly Person[];
  readonly #clock: Clock;
  #count = 0;

  constructor(o: { people: readonly Person[]; clock: Clock }) {
    this.#people = o.people;
    this.#clock = o.clock;
  }

  next(): Order {
    const turn = this.#count++;
    const who = this.#people[turn % this.#people.length];
    const round = Math.floor(turn / this.#people.length);
    const step = steps[round % steps.length];
    if (who === undefined || step === undefined) throw new Error("there are people");
    const session = Math.floor(round / steps.length);
    const salt = new ByteWriter().u64(session).u64(0).finish();
    const at = { salt, chargePoint: who.chargePoint.publicKey };
    const driver = who.signer.publicKey;
    const sessionId = sessionIdOf({ ...at, driver }, crypto);
    const now_ms = this.#clock.wall_ms();
    const order = { module: moduleNumber.sessions, action: sessionAction[step] };
    if (step === "authorise") {
      const expiry_ms = now_ms + life_ms;
      const asked = { ...at, ...limits, plugType, expiry_ms, beansOf: undefined };
      return { ...order, by: who.signer, payload: encodeAuthorisation(asked) };
    }
    const meter_Wh = energy_Wh * session;
    const by = who.chargePoint;
    if (step === "start") {
      const reading = { sessionId, meter_Wh, time_ms: now_ms };
      return { ...order, by, payload: encodeMeterReading(reading) };
    }
    const receiptHash = crypto.sha256(sessionId);
    const last = { sessionId, meter_Wh: meter_Wh + energy_Wh, time_ms: now_ms + 1000, receiptHash };
    return { ...order, by, payload: encodeSettlement(last) };
  }
}

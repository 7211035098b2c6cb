import { encodeEventRecord } from "@voltfog/ledger";
import { ByteWriter, type Crypto, fromHex, utf8 } from "@voltfog/runtime";
import type { EventRegister } from "../events/event-register.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import type { AnchoredEvents } from "./anchor.ts";

const pseudonymDomain = utf8("voltfog/pseudonym/1\n");
const day_ms = 86_400_000;

/**
 * Events as the chain may see them: no identifier, a vehicle's pseudonym that changes every day and
 * that only the holder of the vehicle's salt can recompute, and the salted hash of the detail.
 */
export class EventTransactions implements AnchoredEvents {
  readonly #events: EventRegister;
  readonly #deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  readonly #crypto: Crypto;

  constructor(options: {
    events: EventRegister;
    deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
    crypto: Crypto;
  }) {
    this.#events = options.events;
    this.#deviceOf = options.deviceOf;
    this.#crypto = options.crypto;
  }

  get pendingIds(): readonly string[] {
    return this.#events.pendingIds;
  }

  async payload(id: string): Promise<Uint8Array | undefined> {
    const found = await this.#events.find(id);
    const eventId = fromHex(id);
    if (found === undefined || eventId === undefined) return undefined;
    const { event, salt } = found.recorded;
    return encodeEventRecord({
      class: event.class,
      state: event.state,
      level: event.level,
      timeBucket: Math.min(0xffffffff, Math.floor(event.at_ms / 60_000)),
      // A vehicle that is enrolled no longer has no salt here; the event's own then hides it as well.
      pseudonym: this.#pseudonym(this.#deviceOf(event.vehicleId)?.idSalt ?? salt, event.at_ms),
      eventId,
    });
  }

  finalise(options: Parameters<AnchoredEvents["finalise"]>[0]): void {
    this.#events.finalise(options);
  }

  #pseudonym(salt: Uint8Array, at_ms: number): Uint8Array {
    const day = new ByteWriter().u64(Math.floor(at_ms / day_ms)).finish();
    return this.#crypto.sha256(pseudonymDomain, salt, day).slice(0, 16);
  }
}

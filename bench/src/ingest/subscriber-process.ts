import { systemClock, type TlsIdentity } from "@voltfog/runtime/node";
import { sharedTime_ms } from "../measure/shared-time.ts";
import { MqttConnection, type Target } from "../mqtt/mqtt-connection.ts";
import type { Incoming } from "../mqtt/packet-reader.ts";
import { pubackPacket } from "../mqtt/packets.ts";
import { answerRequests } from "../processes/answer-requests.ts";
import type { SubscriberReply, SubscriberRequest } from "./subscriber-messages.ts";

const quiet_ms = 10_000;
/** Arrivals are noted at most this often. */
const noteEvery_ms = 1;

/** Reads all that a broker forwards, with QoS 1, acknowledges it and counts it. */
class Subscriber {
  readonly #connection: MqttConnection;
  readonly #notes: { at_ms: number; messages: number; payload_bytes: number }[] = [];
  #messages = 0;
  #payload_bytes = 0;
  #broken: Error | undefined;

  constructor(connection: MqttConnection) {
    this.#connection = connection;
    connection.listen({
      take: (packet) => this.#take(packet),
      broken: (reason) => {
        this.#broken = reason;
      },
    });
  }

  async received(messages: number): Promise<SubscriberReply> {
    let seen = -1;
    while (this.#messages < messages) {
      if (this.#broken !== undefined) throw this.#broken;
      if (seen === this.#messages) {
        throw new Error(`only ${seen} of ${messages} messages were forwarded`);
      }
      seen = this.#messages;
      for (let waited_ms = 0; waited_ms < quiet_ms && this.#messages < messages; waited_ms += 50) {
        await new Promise<void>((resolve) => systemClock.after(50, resolve));
      }
    }
    this.#note(sharedTime_ms());
    return {
      kind: "received",
      at_ms: Float64Array.from(this.#notes, ({ at_ms }) => at_ms),
      messages: Float64Array.from(this.#notes, (note) => note.messages),
      payload_bytes: Float64Array.from(this.#notes, ({ payload_bytes }) => payload_bytes),
    };
  }

  #take(packet: Incoming): void {
    if (packet.kind !== "publish") return;
    this.#messages++;
    this.#payload_bytes += packet.payload_bytes;
    if (packet.id !== undefined) this.#acknowledge(packet.id);
    const now_ms = sharedTime_ms();
    if (now_ms - (this.#notes.at(-1)?.at_ms ?? 0) >= noteEvery_ms) this.#note(now_ms);
  }

  /** Acknowledgements of one turn of the event loop leave in one write. */
  #acknowledge(id: number): void {
    this.#connection.cork();
    this.#connection.write(pubackPacket(id));
    process.nextTick(() => this.#connection.uncork());
  }

  #note(at_ms: number): void {
    this.#notes.push({ at_ms, messages: this.#messages, payload_bytes: this.#payload_bytes });
  }
}

let subscriber: Subscriber | undefined;

async function subscribe(target: Target, identity: TlsIdentity): Promise<SubscriberReply> {
  const login = { clientId: "subscriber", identity };
  const connection = await MqttConnection.open(target, login);
  await connection.subscribe(["voltfog/v1/+/telemetry"], 1);
  subscriber = new Subscriber(connection);
  return { kind: "subscribed" };
}

answerRequests<SubscriberRequest, SubscriberReply>(async (request) => {
  if (request.kind === "subscribe") return await subscribe(request.target, request.identity);
  if (subscriber === undefined) throw new Error("not subscribed yet");
  return await subscriber.received(request.messages);
});

import { type RefusalCode, refusalCodes } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { MqttClient } from "mqtt";
import type { Message } from "./attacks.ts";
import { connectClient } from "./connect-client.ts";
import type { UnitSite } from "./unit-site.ts";

/** Publishes that wait for their acknowledgement at one time. */
const windowMax = 32;

/** A vehicle's connection: publishes with QoS 1 and keeps count of what the unit answers. */
export class VehicleLine {
  readonly vehicle: string;
  /** Codes that the unit gave, by the SHA-256 of the bytes that it refused. */
  readonly refusals = new Map<string, RefusalCode[]>();
  #refused = 0;
  #receipted = 0;
  #awaited: () => void = () => {};
  readonly #client: MqttClient;
  readonly #closed: Promise<void>;

  private constructor(vehicle: string, client: MqttClient) {
    this.vehicle = vehicle;
    this.#client = client;
    this.#closed = new Promise((resolve) => client.once("close", resolve));
    client.on("error", () => {}); // What it means is seen by the close that follows.
    client.on("message", (topic, payload) => this.#hear(topic, payload));
  }

  static async open(site: UnitSite, vehicle: string): Promise<VehicleLine> {
    const client = await connectClient(site, vehicle);
    const line = new VehicleLine(vehicle, client);
    const down = ["receipt", "refusal"].map((kind) => `voltfog/v1/${vehicle}/${kind}`);
    await client.subscribeAsync(down, { qos: 1 });
    return line;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Receipts; one may be of several frames, and of one frame several. */
  get receipted(): number {
    return this.#receipted;
  }

  /** Resolves when the unit has acknowledged; rejects when the connection ends before. */
  async publish(message: Pick<Message, "topic" | "bytes">): Promise<void> {
    const { topic, bytes } = message;
    const gone = this.#closed.then(() => {
      throw new Error(`${this.vehicle} was disconnected`);
    });
    await Promise.race([this.#client.publishAsync(topic, Buffer.from(bytes), { qos: 1 }), gone]);
  }

  /** Publishes in this order, a limited number at one time, and waits for every acknowledgement. */
  async publishAll(count: number, make: (i: number) => Message): Promise<readonly Message[]> {
    const sent: Message[] = [];
    const waiting = new Set<Promise<void>>();
    for (let i = 0; i < count; i++) {
      const message = make(i);
      sent.push(message);
      const acknowledged = this.publish(message).finally(() => waiting.delete(acknowledged));
      waiting.add(acknowledged);
      if (waiting.size >= windowMax) await Promise.race(waiting);
    }
    await Promise.all(waiting);
    return sent;
  }

  /** Waits until the unit has answered so often; what never comes runs into the test's time limit. */
  hasHeard(answers: { refusals?: number; receipts?: number }): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = () => {
        if (this.#refused < (answers.refusals ?? 0)) return;
        if (this.#receipted < (answers.receipts ?? 0)) return;
        this.#awaited = () => {};
        resolve();
      };
      this.#awaited();
    });
  }

  /** Resolves when the unit has ended the connection. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #hear(topic: string, payload: Uint8Array): void {
    if (topic.endsWith("/receipt")) this.#receipted++;
    if (topic.endsWith("/refusal")) {
      this.#refused++;
      const { code, commitment } = readRefusal(payload);
      this.refusals.set(commitment, [...(this.refusals.get(commitment) ?? []), code]);
    }
    this.#awaited();
  }
}

/** A refusal or a dead letter as JSON, its code one of the closed set. */
export function readRefusal(payload: Uint8Array): {
  readonly code: RefusalCode;
  readonly commitment: string;
} {
  const { code, commitment } = JSON.parse(new TextDecoder().decode(payload)) as {
    code: RefusalCode;
    commitment: string;
  };
  if (!refusalCodes.includes(code)) throw new Error(`${code} is no code of a refusal`);
  return { code, commitment };
}

export function commitmentOf(bytes: Uint8Array): string {
  return toHex(nodeCrypto.sha256(bytes));
}

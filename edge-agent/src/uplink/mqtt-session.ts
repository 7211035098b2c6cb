import { TLSSocket } from "node:tls";
import {
  type DownTopic,
  downTopic,
  parseTopic,
  type UpTopic,
  upTopic,
  urgentClientSuffix,
} from "@voltfog/messages";
import { type Clock, CodedError, messageOf, type VehicleId } from "@voltfog/runtime";
import { clientTls } from "@voltfog/runtime/node";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { writeToStream } from "mqtt-packet";
import type { OpenSession, UplinkSession, UplinkTarget } from "./uplink-session.ts";

const connectTimeout_ms = 5000;
const keepAlive_s = 15;
const downTopics: readonly DownTopic[] = ["receipt", "refusal", "command"];

/** Acknowledgements of which the quickest counts: the others waited for the unit's disk. */
const roundTripsKept = 10;

/** How long a session that is given up waits for what is under way, and for the broker's good-bye. */
const leave_ms = 1000;

/**
 * Sessions over MQTT 3.1.1 and mutual TLS: QoS 1, kept by the broker between connections (clean session off), so that
 * commands wait for the vehicle. The client keeps nothing itself: what is not acknowledged is read from
 * the outbox again, in order, by the next session.
 */
export function mqttSessions(
  clock: Clock,
  /** Of the connection of alarms, which reads nothing. */
  options: { isUrgent?: boolean } = {},
): OpenSession {
  const { isUrgent = false } = options;
  // The client would make a buffer of each of the 65,536 packet ids at its first packet, 7 MB for a vehicle.
  writeToStream.cacheNumbers = false;
  return async (asked) => {
    const { target, vehicleId } = asked;
    const clientId = isUrgent ? `${vehicleId}${urgentClientSuffix}` : vehicleId;
    const client = connect({ ...settingsOf(asked), clientId });
    client.on("message", (topic, payload) => {
      const parsed = parseTopic(topic);
      if (parsed?.direction !== "down" || parsed.vehicleId !== vehicleId) return;
      asked.onMessage(parsed.kind, new Uint8Array(payload));
    });
    const closed = closing(client);
    try {
      await connected(client, closed);
      const { stream } = client;
      if (stream instanceof TLSSocket) asked.identity.revocations?.guard(stream);
      const topics = downTopics.map((kind) => downTopic(vehicleId, kind));
      if (!isUrgent) await client.subscribeAsync(topics, { qos: 1 });
    } catch (thrown) {
      client.end(true);
      throw connectError(thrown, `${target.unitId} at ${target.host}:${target.port}`);
    }
    return new MqttSession({ client, closed, target, vehicleId, clock });
  };
}

function settingsOf(options: Parameters<OpenSession>[0]): IClientOptions {
  const { target, identity } = options;
  return {
    host: target.host,
    port: target.port,
    protocol: "mqtts",
    ...clientTls(identity, target.unitId),
    protocolVersion: 4,
    clean: false,
    reconnectPeriod: 0,
    connectTimeout: connectTimeout_ms,
    keepalive: keepAlive_s,
    resubscribe: false,
    queueQoSZero: false,
  };
}

class MqttSession implements UplinkSession {
  readonly target: UplinkTarget;
  readonly closed: Promise<string>;
  readonly #client: MqttClient;
  readonly #vehicleId: VehicleId;
  readonly #clock: Clock;
  /** The client may forget the callbacks of a lost connection, so they are answered from here. */
  readonly #waiting = new Set<(acknowledged: boolean) => void>();
  readonly #roundTrips_ms: number[] = [];
  #leaving = false;
  #settled: () => void = () => {};

  constructor(options: {
    client: MqttClient;
    closed: Promise<string>;
    target: UplinkTarget;
    vehicleId: VehicleId;
    clock: Clock;
  }) {
    this.#client = options.client;
    this.closed = options.closed;
    this.target = options.target;
    this.#vehicleId = options.vehicleId;
    this.#clock = options.clock;
    void this.closed.then(() => {
      this.#leaving = true;
      for (const answer of this.#waiting) answer(false);
    });
  }

  publish(topic: UpTopic, bytes: Uint8Array): Promise<boolean> {
    if (this.#leaving) return Promise.resolve(false);
    const start_ms = this.#clock.monotonic_ms();
    return new Promise((resolve) => {
      const answer = (acknowledged: boolean): void => {
        this.#waiting.delete(answer);
        if (acknowledged) this.#answeredAfter(this.#clock.monotonic_ms() - start_ms);
        resolve(acknowledged);
        if (this.#waiting.size === 0) this.#settled();
      };
      this.#waiting.add(answer);
      const name = upTopic(this.#vehicleId, topic);
      this.#client.publish(name, Buffer.from(bytes), { qos: 1 }, (failed) => {
        answer(failed === undefined || failed === null);
      });
    });
  }

  #answeredAfter(time_ms: number): void {
    this.#roundTrips_ms.push(time_ms);
    if (this.#roundTrips_ms.length > roundTripsKept) this.#roundTrips_ms.shift();
  }

  get roundTrip_ms(): number | undefined {
    return this.#roundTrips_ms.length === 0 ? undefined : Math.min(...this.#roundTrips_ms);
  }

  async close(): Promise<void> {
    this.#leaving = true;
    // What is under way may still be acknowledged; otherwise the next unit gets it a second time.
    if (this.#waiting.size > 0) {
      await this.#within(
        new Promise<void>((resolve) => {
          this.#settled = resolve;
        }),
      );
    }
    await this.#within(this.#client.endAsync());
    this.#client.end(true);
  }

  /** Waits, but not for longer than leaving may take. */
  #within(task: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(leave_ms, resolve);
      const done = (): void => {
        cancel();
        resolve();
      };
      task.then(done, done);
    });
  }
}

/** Resolves when the connection is over, after the client has told every waiting publish so. */
function closing(client: MqttClient): Promise<string> {
  return new Promise((resolve) => {
    let reason = "connection closed";
    client.on("error", (error) => {
      reason = messageOf(error);
    });
    client.on("close", () => {
      client.end(true, () => resolve(reason));
    });
  });
}

function connected(client: MqttClient, closed: Promise<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
    void closed.then((reason) => reject(new Error(reason)));
  });
}

function connectError(thrown: unknown, where: string): CodedError {
  // MQTT 3.1.1 return codes 1 to 5 say that the broker is there and does not want us.
  const { code } = thrown as { code?: unknown };
  const refusedByBroker = typeof code === "number" && code >= 1 && code <= 5;
  return new CodedError({
    code: refusedByBroker ? "UNIT_REFUSED" : "UNIT_UNREACHABLE",
    message: `${where}: ${messageOf(thrown)}`,
    cause: thrown,
  });
}

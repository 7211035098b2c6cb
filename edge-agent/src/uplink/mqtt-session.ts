import { type DownTopic, downTopic, parseTopic, upTopic } from "@voltfog/messages";
import { CodedError, messageOf } from "@voltfog/runtime";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import type { OpenSession, UplinkSession } from "./uplink-session.ts";

const connectTimeout_ms = 5000;
const keepAlive_s = 15;
const downTopics: readonly DownTopic[] = ["receipt", "refusal", "command"];

/**
 * A session over MQTT 3.1.1: QoS 1, kept by the broker between connections (clean session off), so that
 * commands wait for the vehicle. The client keeps nothing itself: what is not acknowledged is read from
 * the outbox again, in order, by the next session.
 */
export const openMqttSession: OpenSession = async (options) => {
  const { target, vehicleId } = options;
  const settings: IClientOptions = {
    host: target.host,
    port: target.port,
    protocol: "mqtt",
    protocolVersion: 4,
    clientId: vehicleId,
    username: vehicleId,
    password: options.password,
    clean: false,
    reconnectPeriod: 0,
    connectTimeout: connectTimeout_ms,
    keepalive: keepAlive_s,
    resubscribe: false,
    queueQoSZero: false,
  };
  const client = connect(settings);
  client.on("message", (topic, payload) => {
    const parsed = parseTopic(topic);
    if (parsed?.direction !== "down" || parsed.vehicleId !== vehicleId) return;
    options.onMessage(parsed.kind, new Uint8Array(payload));
  });
  const closed = closing(client);
  try {
    await connected(client, closed);
    await client.subscribeAsync(
      downTopics.map((kind) => downTopic(vehicleId, kind)),
      { qos: 1 },
    );
  } catch (thrown) {
    client.end(true);
    throw connectError(thrown, `${target.unitId} at ${target.host}:${target.port}`);
  }
  return sessionOf({ client, closed, target, vehicleId });
};

function sessionOf(options: {
  client: MqttClient;
  closed: Promise<string>;
  target: Parameters<OpenSession>[0]["target"];
  vehicleId: Parameters<OpenSession>[0]["vehicleId"];
}): UplinkSession {
  const { client, closed, target, vehicleId } = options;
  // The client may forget the callbacks of a lost connection, so they are answered from here.
  const waiting = new Set<(acknowledged: boolean) => void>();
  let over = false;
  void closed.then(() => {
    over = true;
    for (const answer of waiting) answer(false);
  });
  return {
    target,
    closed,
    publish(topic, bytes) {
      if (over) return Promise.resolve(false);
      return new Promise((resolve) => {
        const answer = (acknowledged: boolean): void => {
          waiting.delete(answer);
          resolve(acknowledged);
        };
        waiting.add(answer);
        client.publish(upTopic(vehicleId, topic), Buffer.from(bytes), { qos: 1 }, (failed) => {
          answer(failed === undefined || failed === null);
        });
      });
    },
    async close() {
      if (!client.disconnected) await client.endAsync(false).catch(() => client.end(true));
      client.end(true);
    },
  };
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

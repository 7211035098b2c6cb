import { peerOf } from "@voltfog/runtime/node";
import type { Aedes } from "aedes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { operatorIdentity, startBroker } from "../testing/test-broker.ts";
import { MqttConnection, type Target } from "./mqtt-connection.ts";
import { publishPacket } from "./packets.ts";

describe("a connection to a real broker", async () => {
  let broker: Aedes;
  let target: Target;
  let close: () => Promise<void>;

  beforeEach(async () => {
    ({ broker, target, close } = await startBroker());
  });
  afterEach(() => close());

  const login = { clientId: "c", identity: await operatorIdentity("c") };

  it("shows its certificate and gives its name", async () => {
    const logins: unknown[] = [];
    broker.authenticate = (client, _username, _password, done) => {
      const peer = peerOf(client.conn as Parameters<typeof peerOf>[0]);
      logins.push([client.id, peer?.id, peer?.role]);
      done(null, true);
    };
    const connection = await MqttConnection.open(target, login);
    expect(logins).toEqual([["c", "c", "operator"]]);
    connection.close();
  });

  it("says when it is not let in", async () => {
    broker.authenticate = (_client, _username, _password, done) => done(null, false);
    await expect(MqttConnection.open(target, login)).rejects.toThrow(/refused c with code 5/);
  });

  it("says when a topic may not be read", async () => {
    broker.authorizeSubscribe = (_client, _subscription, done) => done(null, null);
    const connection = await MqttConnection.open(target, login);
    await expect(connection.subscribe(["a"], 1)).rejects.toThrow(/no leave to read a/);
    connection.close();
  });

  it("publishes, is acknowledged, and gets what it subscribed to", async () => {
    const connection = await MqttConnection.open(target, login);
    await connection.subscribe(["a/+"], 1);
    const seen: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      connection.listen({
        take: (packet) => {
          seen.push(packet);
          if (seen.length === 2) resolve();
        },
        broken: reject,
      });
      connection.write(publishPacket({ topic: "a/b", id: 77, payload: new Uint8Array(3000) }));
    });
    expect(seen).toContainEqual({ kind: "puback", id: 77 });
    expect(seen).toContainEqual(
      expect.objectContaining({ kind: "publish", topic: "a/b", payload_bytes: 3000 }),
    );
    connection.close();
  });

  it("tells its owner when the broker goes away", async () => {
    const connection = await MqttConnection.open(target, login);
    const broken = new Promise<Error>((resolve) => {
      connection.listen({ take: () => {}, broken: resolve });
    });
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    expect((await broken).message).toMatch(/closed/);
  });
});

import { createServer, type Server } from "node:net";
import { Aedes } from "aedes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MqttConnection, type Target } from "./mqtt-connection.ts";
import { publishPacket } from "./packets.ts";

describe("a connection to a real broker", () => {
  let broker: Aedes;
  let server: Server;
  let target: Target;

  beforeEach(async () => {
    broker = await Aedes.createBroker();
    server = createServer((socket) => broker.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    target = { host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0 };
  });

  afterEach(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise((resolve) => server.close(resolve));
  });

  const login = { clientId: "c", username: "u", password: "p" };

  it("hands over its login", async () => {
    const logins: unknown[] = [];
    broker.authenticate = (client, username, password, done) => {
      logins.push([client.id, username, password?.toString()]);
      done(null, true);
    };
    const connection = await MqttConnection.open(target, login);
    expect(logins).toEqual([["c", "u", "p"]]);
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

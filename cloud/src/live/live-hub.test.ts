import { describe, expect, test } from "vitest";
import type { LiveMessage } from "../api/responses.ts";
import { LiveHub } from "./live-hub.ts";

function block(height: number): LiveMessage {
  const view = {
    height,
    hash: "",
    time_ms: 0,
    proposer: "",
    round: 0,
    transactions: 0,
    checkpoints: 0,
    events: 0,
    signers: [],
    size_bytes: 0,
  };
  return { type: "block", block: view };
}

function vehicle(id: string, soc: number): LiveMessage {
  return { type: "vehicle", vehicle: { id, soc } } as unknown as LiveMessage;
}

/** A connection that can be told to be slow. */
class Sink {
  readonly messages: LiveMessage[] = [];
  slow = false;
  closed = false;

  write(text: string | Uint8Array): boolean {
    for (const line of Buffer.from(text).toString().split("\n")) {
      if (line.startsWith("data: ")) this.messages.push(JSON.parse(line.slice(6)) as LiveMessage);
    }
    return !this.slow;
  }

  close(last: string): void {
    this.closed = true;
    this.write(last);
  }
}

const hubOf = (): LiveHub =>
  new LiveHub({
    clientsMax: 2,
    waitingMax: 4,
    sees: () => true,
    holds: async (credential) => credential !== "header revoked",
  });

describe("the live feed", () => {
  test("every client gets every message in order", () => {
    const hub = hubOf();
    const sinks = [new Sink(), new Sink()];
    for (const sink of sinks)
      hub.join({ sink, vehicleId: undefined, fleet: undefined, credential: undefined });
    hub.publish(block(1));
    hub.publish(block(2));
    for (const sink of sinks) expect(sink.messages).toEqual([block(1), block(2)]);
  });

  test("one client more than the limit is refused, and leaving makes room", () => {
    const hub = hubOf();
    const first = hub.join({
      sink: new Sink(),
      vehicleId: undefined,
      fleet: undefined,
      credential: undefined,
    });
    hub.join({ sink: new Sink(), vehicleId: undefined, fleet: undefined, credential: undefined });
    expect(
      hub.join({ sink: new Sink(), vehicleId: undefined, fleet: undefined, credential: undefined }),
    ).toBeUndefined();
    first?.leave();
    expect(hub.clients).toBe(1);
    expect(
      hub.join({ sink: new Sink(), vehicleId: undefined, fleet: undefined, credential: undefined }),
    ).toBeDefined();
  });

  test("a slow client holds a fixed number of messages and is told how many it missed", () => {
    const hub = hubOf();
    const sink = new Sink();
    const client = hub.join({
      sink,
      vehicleId: undefined,
      fleet: undefined,
      credential: undefined,
    });
    sink.slow = true;
    for (let height = 1; height <= 1000; height++) hub.publish(block(height));
    expect(client?.waiting).toBe(4);
    expect(sink.messages).toEqual([block(1)]);
    sink.slow = false;
    client?.resume();
    expect(sink.messages.slice(1)).toEqual([
      { type: "missed", messages: 995 },
      block(2),
      block(3),
      block(4),
      block(5),
    ]);
    hub.publish(block(1001));
    expect(sink.messages.at(-1)).toEqual(block(1001));
  });

  test("of a vehicle only the newest view waits", () => {
    const hub = hubOf();
    const sink = new Sink();
    const client = hub.join({
      sink,
      vehicleId: undefined,
      fleet: undefined,
      credential: undefined,
    });
    sink.slow = true;
    for (let i = 0; i < 100; i++) hub.publish(vehicle("car-1", i / 100));
    expect(client?.waiting).toBe(1);
    sink.slow = false;
    client?.resume();
    expect(sink.messages).toEqual([vehicle("car-1", 0), vehicle("car-1", 0.99)]);
  });

  test("a slow client does not hold up the others", () => {
    const hub = hubOf();
    const slow = new Sink();
    const quick = new Sink();
    hub.join({ sink: slow, vehicleId: undefined, fleet: undefined, credential: undefined });
    hub.join({ sink: quick, vehicleId: undefined, fleet: undefined, credential: undefined });
    slow.slow = true;
    for (let height = 1; height <= 50; height++) hub.publish(block(height));
    expect(quick.messages).toHaveLength(50);
  });

  test("a client that takes nothing for several heartbeats is let go", () => {
    const hub = hubOf();
    const sink = new Sink();
    hub.join({ sink, vehicleId: undefined, fleet: undefined, credential: undefined });
    sink.slow = true;
    hub.publish(block(1));
    for (let i = 0; i < 4; i++) void hub.heartbeat();
    expect(hub.clients).toBe(0);
    expect(sink.closed).toBe(true);
  });

  test("a client of one vehicle gets that vehicle only, and the chain", () => {
    const hub = hubOf();
    const sink = new Sink();
    hub.join({ sink, vehicleId: "car-2", fleet: undefined, credential: undefined });
    hub.publish(vehicle("car-1", 0.1));
    hub.publish(vehicle("car-2", 0.2));
    hub.publish(block(1));
    expect(sink.messages).toEqual([vehicle("car-2", 0.2), block(1)]);
  });

  test("a client that is dropped is told why", async () => {
    const hub = hubOf();
    const sinks = [new Sink(), new Sink()];
    hub.join({
      sink: sinks[0] ?? new Sink(),
      vehicleId: undefined,
      fleet: undefined,
      credential: "header revoked",
    });
    hub.join({
      sink: sinks[1] ?? new Sink(),
      vehicleId: undefined,
      fleet: undefined,
      credential: "header good",
    });
    await hub.heartbeat();
    expect(sinks[0]?.messages).toEqual([{ type: "dropped", reason: "token-ended" }]);
    expect(sinks.map(({ closed }) => closed)).toEqual([true, false]);
    expect(hub.clients).toBe(1);
  });

  test("several messages at once reach each client as if they had come one by one", () => {
    const hub = new LiveHub({
      ...{ clientsMax: 9, waitingMax: 4, holds: async () => true },
      sees: (fleet, id) => fleet === undefined || id === "car-1",
    });
    const all = new Sink();
    const one = new Sink();
    const north = new Sink();
    const base = { fleet: undefined, vehicleId: undefined, credential: undefined };
    hub.join({ ...base, sink: all });
    hub.join({ ...base, sink: one, vehicleId: "car-2" });
    const slow = hub.join({ ...base, sink: north, fleet: "north" });
    const messages = [vehicle("car-1", 0.1), vehicle("car-2", 0.2), block(1)];
    hub.publishAll(messages);
    expect(all.messages).toEqual(messages);
    expect(one.messages).toEqual(messages.slice(1));
    expect(north.messages).toEqual([messages[0], messages[2]]);
    north.slow = true;
    hub.publishAll([block(2)]);
    hub.publishAll([vehicle("car-1", 0.3), vehicle("car-1", 0.4), block(3)]);
    expect(slow?.waiting).toBe(2);
  });
});

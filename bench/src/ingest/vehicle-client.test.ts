import { frameMax_bytes } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { peerOf, systemClock } from "@voltfog/runtime/node";
import type { Aedes } from "aedes";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Target } from "../mqtt/mqtt-connection.ts";
import { authority, startBroker } from "../testing/test-broker.ts";
import { FrameMaker } from "./signed-frames.ts";
import { VehicleClient } from "./vehicle-client.ts";

describe("a vehicle of the fleet", () => {
  let broker: Aedes;
  let target: Target;
  let close: () => Promise<void>;
  let maker: FrameMaker;

  beforeEach(async () => {
    maker = new FrameMaker({ id: "vehicle-1" as VehicleId, seed: 1, start_ms: 1_700_000_000_000 });
    ({ broker, target, close } = await startBroker());
  });
  afterEach(() => close());

  const connect = async (client: VehicleClient): Promise<void> => {
    await client.enrol(authority, { now_ms: systemClock.wall_ms() });
    await client.connect({ target, readsAnswers: true });
  };

  it("shows the unit a certificate over its own key", async () => {
    let key: Uint8Array | undefined;
    broker.authenticate = (client, _username, _password, done) => {
      key = peerOf(client.conn as Parameters<typeof peerOf>[0])?.ed25519;
      done(null, true);
    };
    const client = new VehicleClient({ maker, frames: 1 });
    await connect(client);
    expect(key).toEqual(maker.signer.publicKey);
    client.close();
  });

  it("keeps as many frames under way as it may, never more, and sends every one in order", async () => {
    const waiting: (() => void)[] = [];
    const seen: number[] = [];
    let mostUnderWay = 0;
    broker.authorizePublish = (_client, packet, done) => {
      seen.push((packet as { messageId?: number }).messageId ?? 0);
      waiting.push(() => done(null));
      mostUnderWay = Math.max(mostUnderWay, waiting.length);
      if (waiting.length === 3 || seen.length > 9) for (const one of waiting.splice(0)) one();
    };
    const client = new VehicleClient({ maker, frames: 12 });
    await connect(client);
    const { sent_ms, acked_ms } = await client.sendAll({ inFlight: 3, passes: 1 });
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(mostUnderWay).toBe(3);
    expect(acked_ms).toHaveLength(12);
    expect(acked_ms.every((at_ms, i) => at_ms >= (sent_ms[i] ?? Number.POSITIVE_INFINITY))).toBe(
      true,
    );
    client.close();
  });

  it("sends all frames again for every pass", async () => {
    let messages = 0;
    broker.authorizePublish = (_client, packet, done) => {
      expect(packet.payload.length).toBeLessThan(frameMax_bytes);
      messages++;
      done(null);
    };
    const client = new VehicleClient({ maker, frames: 4 });
    await connect(client);
    await client.sendAll({ inFlight: 2, passes: 3 });
    expect(messages).toBe(12);
    client.close();
  });

  it("counts receipts and refusals that it is sent", async () => {
    const client = new VehicleClient({ maker, frames: 2 });
    await connect(client);
    broker.authorizePublish = (from, packet, done) => {
      const topic = (kind: string): string => packet.topic.replace("telemetry", kind);
      if (packet.topic.endsWith("/telemetry")) {
        for (const kind of ["receipt", "refusal"]) {
          const sent = {
            cmd: "publish",
            topic: topic(kind),
            qos: 0,
            dup: false,
            retain: false,
          } as const;
          from?.publish({ ...sent, payload: Buffer.from("x") }, () => {});
        }
      }
      done(null);
    };
    await client.sendAll({ inFlight: 1, passes: 1 });
    // What is sent before an acknowledgement may come after it.
    await vi.waitFor(() => expect([client.receipts, client.refusals]).toEqual([2, 2]));
    client.close();
  });

  it("fails when the connection is lost on the way", async () => {
    broker.authorizePublish = (_client, _packet, done) => done(new Error("no"));
    const client = new VehicleClient({ maker, frames: 2 });
    await connect(client);
    await expect(client.sendAll({ inFlight: 1, passes: 1 })).rejects.toThrow(/closed/);
    client.close();
  });
});

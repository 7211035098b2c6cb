import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Incoming, PacketReader } from "./packet-reader.ts";
import { pubackPacket, publishPacket } from "./packets.ts";

function read(chunks: readonly Buffer[]): Incoming[] {
  const reader = new PacketReader();
  const packets: Incoming[] = [];
  for (const chunk of chunks) reader.read(chunk, (packet) => packets.push(packet));
  return packets;
}

describe("the packet reader", () => {
  it("reads packets of any size, however the network cut them", () => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 16_000, max: 17_000 }),
    );
    fc.assert(
      fc.property(
        fc.array(size, { maxLength: 6 }),
        fc.infiniteStream(fc.nat(400)),
        (sizes, cuts) => {
          const bytes = Buffer.concat(
            sizes.flatMap((length, i) => [
              publishPacket({ topic: "t/ü", id: i + 1, payload: new Uint8Array(length) }),
              pubackPacket(60_000 + i),
            ]),
          );
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; ) {
            const end = at + 1 + (cuts.next().value ?? 0);
            chunks.push(bytes.subarray(at, end));
            at = end;
          }
          const topic = Buffer.from("t/ü").toString("latin1");
          expect(read(chunks)).toEqual(
            sizes.flatMap((payload_bytes, i) => [
              { kind: "publish", topic, id: i + 1, payload_bytes },
              { kind: "puback", id: 60_000 + i },
            ]),
          );
        },
      ),
    );
  });

  it("knows answers to a login and to a subscription", () => {
    expect(read([Buffer.from([0x20, 2, 0, 5, 0x90, 4, 0, 1, 0, 0x80])])).toEqual([
      { kind: "connack", code: 5 },
      { kind: "suback", codes: Buffer.from([0, 0x80]) },
    ]);
  });

  it("reads a message with QoS 0 without an id", () => {
    expect(read([Buffer.from([0x30, 5, 0, 1, 0x61, 1, 2])])).toEqual([
      { kind: "publish", topic: "a", id: undefined, payload_bytes: 2 },
    ]);
  });

  it("refuses what no broker sends", () => {
    expect(() => read([Buffer.from([0xc0, 0])])).toThrow(/type 12/);
    expect(() => read([Buffer.from([0x30, 255, 255, 255, 255, 1])])).toThrow(/four bytes/);
  });
});

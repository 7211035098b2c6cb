import fc from "fast-check";
import { expect, test } from "vitest";
import { type PacketExcess, PacketMeter } from "./packet-meter.ts";

const limits = { connectMax_bytes: 100, publishMax_bytes: 5000, controlMax_bytes: 200 };

function packet(type: number, length_bytes: number): Uint8Array {
  const header = [type << 4];
  let rest = length_bytes;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    header.push(rest > 0 ? digit | 128 : digit);
  } while (rest > 0);
  return Uint8Array.from([...header, ...new Array<number>(length_bytes).fill(0xff)]);
}

function check(bytes: Uint8Array, cuts: readonly number[] = []): PacketExcess | undefined {
  const meter = new PacketMeter(limits);
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  for (const [at, place] of places.slice(1).entries()) {
    const excess = meter.check(bytes.subarray(places[at], place));
    if (excess !== undefined) return excess;
  }
  return undefined;
}

const joined = (...packets: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(packets.flatMap((one) => [...one]));

test("a stream of packets within their limits passes however it is cut into chunks", () => {
  const kinds = fc.oneof(
    fc.record({ type: fc.constant(3), length_bytes: fc.integer({ min: 0, max: 5000 }) }),
    fc.record({
      type: fc.constantFrom(4, 8, 12, 14),
      length_bytes: fc.integer({ min: 0, max: 200 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 6 }), fc.array(fc.nat(1000)), (packets, cuts) => {
      const bytes = joined(
        packet(1, 80),
        ...packets.map(({ type, length_bytes }) => packet(type, length_bytes)),
      );
      expect(
        check(
          bytes,
          cuts.map((cut) => cut % bytes.length),
        ),
      ).toBeUndefined();
    }),
  );
});

test.each([
  ["a first packet that is no CONNECT", packet(3, 10), "NOT_CONNECT"],
  ["a CONNECT that is too long", packet(1, 101), "PACKET_TOO_LARGE"],
  ["a publish that is too long", joined(packet(1, 10), packet(3, 5001)), "PACKET_TOO_LARGE"],
  ["a subscribe that is too long", joined(packet(1, 10), packet(8, 201)), "PACKET_TOO_LARGE"],
  ["a length that never ends", Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0xff), "LENGTH_MALFORMED"],
])("%s is found when it is announced, before its body has come", (_name, bytes, code) => {
  const announced = bytes.subarray(0, bytes.length - (code === "PACKET_TOO_LARGE" ? 90 : 0));
  expect(check(announced)?.code).toBe(code);
  const cuts = Array.from({ length: Math.min(40, announced.length) }, (_, i) => i);
  expect(check(announced, cuts)?.code).toBe(code);
});

test("no bytes make it throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void check(bytes)));
});

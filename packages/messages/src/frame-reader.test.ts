import { SeededRandom, type VehicleId } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyIdOf, sealFrame } from "./frame.ts";
import { frameReader } from "./frame-reader.ts";
import { publishedSigner as signer } from "./node/published-signer.ts";
import { driveSamples } from "./testing/drive-samples.ts";

const samples = driveSamples({ random: new SeededRandom(1), count: 5, cells: 8, sensors: 2 });
const frame = sealFrame({
  header: {
    vehicleId: "vehicle-01" as VehicleId,
    keyId: keyIdOf({ publicKey: signer.publicKey, crypto }),
    boot: 1,
    stream: "telemetry",
    sequence: 7,
    previous: new Uint8Array(32),
    salt: new Uint8Array(16),
    wall_ms: 1_790_000_000_000,
    monotonic_ms: 5,
    clockQuality: "unknown",
  },
  payload: { type: "telemetry", origin: "simulated", source: "test", samples },
  signer,
});

test("a frame's summary is what its header says and how many samples it holds", () => {
  const read = frameReader.open(frame);
  expect(read).toMatchObject({
    ok: true,
    value: { vehicleId: "vehicle-01", stream: "telemetry", sequence: 7, samples: 5 },
  });
  if (!read.ok) return;
  const { signedBytes: message, signature } = read.value;
  expect(crypto.verify({ publicKey: signer.publicKey, message, signature })).toBe(true);
});

test("a payload of a version not known here keeps its frame readable, without a count", () => {
  const newer = frame.slice();
  const versionAt = newer.length - 64 - payloadLength(frame) - 5;
  newer[versionAt] = 200;
  expect(frameReader.open(newer)).toMatchObject({ ok: true, value: { samples: undefined } });
});

test("anything else gets a verdict, never an exception", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(frameReader.open(bytes).ok).toBe(false);
    }),
  );
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = frame.slice();
      changed[at] = (changed[at] ?? 0) ^ flip;
      expect(() => frameReader.open(changed)).not.toThrow();
    }),
  );
});

/** The block before the signature: found by its own length field. */
function payloadLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let length = 1; length < bytes.length - 68; length++) {
    if (view.getUint32(bytes.length - 64 - length - 4) === length) return length;
  }
  throw new Error("no payload");
}

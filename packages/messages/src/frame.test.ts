import { CodedError, SeededRandom, type VehicleId } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  commitmentOf,
  decodePayload,
  type FrameHeader,
  frameMax_bytes,
  keyIdOf,
  openFrame,
  sealFrame,
  verifyFrame,
} from "./frame.ts";
import { publishedSigner as signer } from "./node/published-signer.ts";
import { type GapPayload, sampleCount, type TelemetryPayload } from "./payload.ts";
import { changed } from "./testing/canonical-faults.ts";
import { driveSamples } from "./testing/drive-samples.ts";

const publicKey = signer.publicKey;
const header: FrameHeader = {
  vehicleId: "vehicle-01" as VehicleId,
  keyId: keyIdOf({ publicKey, crypto }),
  boot: 3,
  stream: "telemetry",
  sequence: 7,
  previous: new Uint8Array(32).fill(1),
  salt: new Uint8Array(16).fill(2),
  wall_ms: 1_790_000_000_000,
  monotonic_ms: 123_456,
  clockQuality: "synchronised",
};
const samples = driveSamples({ random: new SeededRandom(1), count: 5, cells: 8, sensors: 2 });
const telemetry: TelemetryPayload = {
  type: "telemetry",
  origin: "simulated",
  source: "test",
  samples,
};
const gap: GapPayload = {
  type: "gap",
  firstSequence: 5,
  lastSequence: 6,
  samples: 128,
  from_ms: 1,
  to_ms: 2,
  cause: "disk-error",
};
const frame = sealFrame({ header, payload: telemetry, signer });

function opened(bytes: Uint8Array) {
  const outcome = openFrame(bytes);
  if (!outcome.ok) expect.fail(`${outcome.problem.code}: ${outcome.problem.detail}`);
  return outcome.value;
}

describe("a frame", () => {
  it("comes back as it was sealed, with its signature good", () => {
    const read = opened(frame);
    expect(read.header).toEqual(header);
    expect(verifyFrame({ frame: read, publicKey, crypto })).toBe(true);
    expect(decodePayload(read)).toEqual({ ok: true, value: telemetry });
  });

  it("carries every type of payload", () => {
    const urgent = { ...header, stream: "urgent", clockQuality: "unknown" } as const;
    const read = opened(sealFrame({ header: urgent, payload: gap, signer }));
    expect(read.header).toEqual(urgent);
    expect(decodePayload(read)).toEqual({ ok: true, value: gap });
    expect(sampleCount(telemetry)).toBe(5);
    expect(sampleCount(gap)).toBe(0);
  });

  it("is the same bytes for the same content, and another commitment for any other", () => {
    expect(sealFrame({ header, payload: telemetry, signer })).toEqual(frame);
    const other = sealFrame({ header: { ...header, sequence: 8 }, payload: telemetry, signer });
    expect(commitmentOf({ frame: other, crypto })).not.toEqual(commitmentOf({ frame, crypto }));
  });

  it("does not verify or does not open with any one byte changed, missing or added", () => {
    for (let place = 0; place < frame.length; place++) {
      const read = openFrame(changed(frame, place, 1 << (place % 8)));
      if (read.ok) expect(verifyFrame({ frame: read.value, publicKey, crypto })).toBe(false);
      expect(openFrame(frame.subarray(0, place)).ok).toBe(false);
    }
    expect(openFrame(Uint8Array.of(...frame, 0)).ok).toBe(false);
  });

  it("does not verify under a key that its header does not name", () => {
    const keyId = new Uint8Array(16);
    const read = opened(sealFrame({ header: { ...header, keyId }, payload: gap, signer }));
    expect(verifyFrame({ frame: read, publicKey, crypto })).toBe(false);
  });

  it("keeps its own copy of bytes that arrived in a Buffer", () => {
    const buffer = Buffer.from(frame);
    const read = opened(buffer);
    buffer.fill(0);
    expect(read.header).toEqual(header);
    expect(verifyFrame({ frame: read, publicKey, crypto })).toBe(true);
  });
});

describe("opening a frame", () => {
  it("says why it refuses: too large, another version, or malformed", () => {
    expect(openFrame(new Uint8Array(frameMax_bytes + 1))).toMatchObject({
      problem: { code: "FRAME_TOO_LARGE" },
    });
    expect(openFrame(changed(frame, 0, 2))).toMatchObject({
      problem: { code: "FRAME_VERSION_UNKNOWN" },
    });
    for (const bytes of [new Uint8Array(0), frame.subarray(0, 100), Uint8Array.of(1)]) {
      expect(openFrame(bytes)).toMatchObject({ problem: { code: "FRAME_MALFORMED" } });
    }
  });

  it("gives a verdict on any bytes", () => {
    const any = fc.uint8Array({ maxLength: 400 });
    fc.assert(fc.property(any, (bytes) => !openFrame(Uint8Array.of(1, ...bytes)).ok));
  });

  it("leaves a payload of an unknown type or version unread, and names a malformed one", () => {
    const read = opened(frame);
    for (const unknown of [{ payloadType: 4 }, { payloadVersion: 2 }, { payloadType: 0 }]) {
      expect(decodePayload({ ...read, ...unknown })).toMatchObject({
        ok: false,
        problem: { code: "PAYLOAD_VERSION_UNKNOWN" },
      });
    }
    for (const payloadType of [1, 2, 3]) {
      expect(decodePayload({ ...read, payloadType, payload: new Uint8Array(9) })).toMatchObject({
        ok: false,
        problem: { code: "PAYLOAD_MALFORMED" },
      });
    }
  });
});

describe("sealing a frame", () => {
  it("stops its caller at a field that is out of range", () => {
    const wrong: Partial<FrameHeader>[] = [
      { vehicleId: "Not An Id" as VehicleId },
      { keyId: new Uint8Array(15) },
      { boot: -1 },
      { sequence: 0 },
      { sequence: 1.5 },
      { previous: new Uint8Array(31) },
      { salt: new Uint8Array(0) },
      { wall_ms: Number.NaN },
      { stream: "other" as "urgent" },
    ];
    for (const field of wrong) {
      const faulty = { ...header, ...field };
      expect(() => sealFrame({ header: faulty, payload: gap, signer })).toThrow(CodedError);
    }
  });

  it("stops its caller at a payload over 65,536 bytes", () => {
    const random = new SeededRandom(3);
    const noisy = driveSamples({ random, count: 64, cells: 1024, sensors: 0 }).map((sample) => ({
      ...sample,
      cellVoltage_mV: sample.cellVoltage_mV.map(() => Math.floor(random.uniform() * 65_536)),
    }));
    const payload = { ...telemetry, samples: noisy };
    expect(() => sealFrame({ header, payload, signer })).toThrow(/fewer samples/);
  });
});

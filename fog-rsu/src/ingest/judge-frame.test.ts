import { type GapPayload, type RefusalCode, refusalCodes, upTopic } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import { authenticate } from "../testing/authenticate.ts";
import { reading, TestVehicle, telemetry } from "../testing/test-vehicle.ts";
import type { EnrolledDevice } from "./device-directory.ts";
import { type JudgementFacts, judgeFrame, type Verdict } from "./judge-frame.ts";

const now_ms = 1_700_000_001_000;
const facts: JudgementFacts = {
  tail: undefined,
  shown: undefined,
  held: undefined,
  now_ms,
  clockSkewMax_ms: 300_000,
  implausible: ({ packVoltage_V }) => (packVoltage_V > 100 ? "too many volts" : undefined),
};

interface Case {
  readonly bytes: Uint8Array;
  readonly sender?: string;
  readonly topic?: string;
  readonly device?: EnrolledDevice | undefined;
  readonly facts?: Partial<JudgementFacts>;
}

const vehicle = new TestVehicle();
const gap = (changes: Partial<GapPayload> = {}): GapPayload => ({
  type: "gap",
  firstSequence: 0,
  lastSequence: 0,
  samples: 4,
  from_ms: 1,
  to_ms: 2,
  cause: "outbox-full",
  ...changes,
});

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? value : byte));
}

/** The same decision that the unit makes, from bytes to a code or "accepted". */
function decide(input: Case): { code: string; verdict?: Verdict } {
  const sender = input.sender ?? vehicle.id;
  const topic = input.topic ?? upTopic(vehicle.id, "telemetry");
  const device = "device" in input ? input.device : vehicle.device;
  const arrival = { sender, topic, bytes: input.bytes };
  const authentic = authenticate({ arrival, device, crypto: nodeCrypto });
  if (!authentic.ok) return { code: authentic.problem.code };
  const verdict = judgeFrame(authentic.value, { ...facts, ...input.facts });
  return { code: verdict.kind === "refused" ? verdict.refusal.code : verdict.kind, verdict };
}

/** The first frame of a vehicle with this id and key. */
const first: TestVehicle["cut"] = (...content) =>
  new TestVehicle(vehicle.id, vehicle.signer).cut(...content);
const good = (): Uint8Array => first().bytes;
const stranger = new TestVehicle("vehicle-99");
const tail = { sequence: 5, commitment: new Uint8Array(32).fill(7) };
/** Offset of the payload version: fixed fields around the id, then type and version. */
const payloadVersionAt = 1 + 1 + vehicle.id.length + 16 + 4 + 1 + 8 + 32 + 16 + 8 + 8 + 1 + 1;

function resealed(change: (bytes: Uint8Array) => unknown): Uint8Array {
  const bytes = good();
  const body = bytes.slice(0, -64);
  change(body);
  const signature = vehicle.signer.sign(
    Buffer.concat([Buffer.from("voltfog/frame/1\n"), Buffer.from(body)]),
  );
  return new Uint8Array(Buffer.concat([body, signature]));
}

/** A receipt is no frame; greetings.test.ts refuses those. */
type FrameCode = Exclude<RefusalCode, "RECEIPT_INVALID">;
const frameCodes = refusalCodes.filter((code): code is FrameCode => code !== "RECEIPT_INVALID");

const refusals: Record<FrameCode, Case> = {
  FRAME_TOO_LARGE: { bytes: new Uint8Array(131_073).fill(1) },
  FRAME_VERSION_UNKNOWN: { bytes: changed(good(), 0, 2) },
  FRAME_MALFORMED: { bytes: good().subarray(0, 100) },
  TOPIC_MISMATCH: { bytes: good(), topic: upTopic("vehicle-02" as VehicleId, "telemetry") },
  KEY_UNKNOWN: { bytes: good(), device: stranger.device },
  KEY_REVOKED: { bytes: good(), device: { ...vehicle.device, revoked: true } },
  SIGNATURE_INVALID: { bytes: changed(good(), 40, 0x55) },
  PAYLOAD_VERSION_UNKNOWN: {
    bytes: resealed((body) => body.fill(9, payloadVersionAt, payloadVersionAt + 1)),
  },
  PAYLOAD_MALFORMED: {
    bytes: resealed((body) => body.fill(250, payloadVersionAt + 5, payloadVersionAt + 6)),
  },
  TIME_IN_FUTURE: {
    bytes: first(telemetry(), { wall_ms: now_ms + 300_001 }).bytes,
  },
  SEQUENCE_FORKED: { bytes: good(), facts: { tail, held: new Uint8Array(32).fill(3) } },
  SEQUENCE_STALE: { bytes: good(), facts: { tail } },
  RANGE_IMPLAUSIBLE: {
    bytes: first(telemetry([reading(), reading({ packVoltage_V: 400 })])).bytes,
  },
  GAP_INCONSISTENT: {
    bytes: vehicle.cut(gap({ firstSequence: 2, lastSequence: 5 }), { sequence: 9 }).bytes,
  },
  KEY_REPLACED: {
    bytes: good(),
    device: {
      ...vehicle.withNewKey().device,
      earlier: [{ ...vehicle.device, last: { telemetry: 0, urgent: 9 } }],
    },
  },
};

test.each(frameCodes.map((code) => ({ code })))("$code is found", ({ code }) => {
  expect(decide(refusals[code]).code).toBe(code);
});

test("a good first frame is accepted and linked", () => {
  expect(decide({ bytes: good() }).verdict).toMatchObject({ kind: "accepted", linked: true });
});

test.each([
  [
    "another vehicle's frame on my topic",
    { sender: "vehicle-01", bytes: stranger.cut().bytes, device: stranger.device },
  ],
  [
    "an urgent frame on the telemetry topic",
    { bytes: vehicle.cut(telemetry(), { stream: "urgent" }).bytes },
  ],
  ["a topic that is none of ours", { bytes: good(), topic: "a/b" }],
  ["a topic for answers", { bytes: good(), topic: `voltfog/v1/${vehicle.id}/receipt` }],
  ["the topic of acknowledgements", { bytes: good(), topic: upTopic(vehicle.id, "command-ack") }],
])("TOPIC_MISMATCH for %s", (_what, input: Case) => {
  expect(decide(input).code).toBe("TOPIC_MISMATCH");
});

test("the checks come in the stated order: of two faults the earlier one is named", () => {
  const tooLarge = { bytes: new Uint8Array(131_073).fill(9), topic: "a/b" };
  expect(decide(tooLarge).code).toBe("FRAME_TOO_LARGE");
  const misplaced = { bytes: changed(good(), 40, 0x55), topic: "a/b" };
  expect(decide(misplaced).code).toBe("TOPIC_MISMATCH");
  const revoked = { bytes: changed(good(), 40, 0x55), device: undefined };
  expect(decide(revoked).code).toBe("KEY_UNKNOWN");
  const future = first(telemetry([reading({ packVoltage_V: 400 })]), {
    wall_ms: now_ms + 300_001,
  });
  expect(decide({ bytes: future.bytes }).code).toBe("TIME_IN_FUTURE");
  expect(decide({ bytes: future.bytes, facts: { tail } }).code).toBe("SEQUENCE_STALE");
});

test("a reading inside the frame may not be ahead either", () => {
  const ahead = telemetry([reading({ wall_ms: now_ms + 300_001 })]);
  expect(decide({ bytes: first(ahead).bytes }).code).toBe("TIME_IN_FUTURE");
});

test("any age is accepted, and five minutes ahead too", () => {
  for (const wall_ms of [0, now_ms + 300_000]) {
    expect(decide({ bytes: first(telemetry(), { wall_ms }).bytes }).code).toBe("accepted");
  }
});

test("a refused frame keeps its readings countable, and only a frame without a place stops no stream", () => {
  const ranged = decide(refusals.RANGE_IMPLAUSIBLE).verdict;
  expect(ranged).toMatchObject({ kind: "refused", samples: 2, linked: true });
  const stale = decide(refusals.SEQUENCE_STALE).verdict;
  expect(stale).toMatchObject({ kind: "refused", samples: 1, linked: false });
  expect(decide(refusals.PAYLOAD_VERSION_UNKNOWN).verdict).toMatchObject({
    samples: 0,
    linked: true,
  });
});

test("the same bytes at the same place are a duplicate", () => {
  const frame = new TestVehicle(vehicle.id, vehicle.signer).cut();
  const held = frame.commitment;
  expect(decide({ bytes: frame.bytes, facts: { tail, held } }).code).toBe("duplicate");
});

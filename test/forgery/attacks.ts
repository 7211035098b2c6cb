import type { RefusalCode } from "@voltfog/messages";
import { ByteWriter, type Random, type Signer } from "@voltfog/runtime";
import { carrying, type Forger, telemetry } from "./forger.ts";
import { sealRaw } from "./raw-frame.ts";

/** What must become of a message; "refused" with one of the codes. */
export type Expected =
  | { readonly kind: "refused"; readonly codes: readonly RefusalCode[] }
  /** A new entry and a receipt. */
  | { readonly kind: "taken" }
  /** A receipt and no new entry. */
  | { readonly kind: "repeated" }
  /** Neither entry nor answer. */
  | { readonly kind: "ignored" };

export interface Message {
  readonly topic: string;
  readonly bytes: Uint8Array;
  readonly expected: Expected;
}

/** What an attack works with: a vehicle's key, another vehicle, and a key that nobody enrolled. */
export interface Means {
  readonly forger: Forger;
  readonly other: Forger;
  readonly stranger: Signer;
  readonly random: Random;
}

/** One way of sending rubbish: gives the first message of a row, then the i-th. */
export interface Attack {
  readonly name: string;
  /** Sent once before; what the attack then abuses. */
  readonly prepare?: (means: Means) => Message;
  readonly message: (means: Means, i: number) => Message;
}

const minute_ms = 60_000;
const year_ms = 365 * 24 * 60 * minute_ms;
const frameMax_bytes = 131_072;
const heldBack = 1_000_000;

function whole(random: Random, min: number, max: number): number {
  return min + Math.floor(random.uniform() * (max - min + 1));
}

function pick<T>(choices: readonly T[], i: number): T {
  return choices[i % choices.length] as T;
}

function refusedWith(forger: Forger, bytes: Uint8Array, ...codes: RefusalCode[]): Message {
  return { topic: forger.topic, bytes, expected: { kind: "refused", codes } };
}

function taken(forger: Forger, bytes: Uint8Array): Message {
  return { topic: forger.topic, bytes, expected: { kind: "taken" } };
}

/** Without a signature of the vehicle's key: refused without a trace in the log. */
export const attacksWithoutKey: readonly Attack[] = [
  {
    name: "signed with another key",
    message: ({ forger, stranger }) =>
      refusedWith(forger, sealRaw(forger.next(), stranger), "SIGNATURE_INVALID"),
  },
  {
    name: "signed with and naming a key that nobody enrolled",
    message: ({ forger, stranger, random }) =>
      refusedWith(
        forger,
        sealRaw(forger.next({ keyId: random.bytes(16) }), stranger),
        "KEY_UNKNOWN",
      ),
  },
  {
    name: "truncated",
    message({ forger, random }) {
      const bytes = forger.seal();
      const kept = bytes.subarray(0, whole(random, 0, bytes.length - 1));
      return refusedWith(forger, kept, "FRAME_MALFORMED");
    },
  },
  { name: "one bit flipped", message: flipped },
  {
    name: "over the frame's limit",
    message: ({ forger, random }) =>
      refusedWith(
        forger,
        forger.seal({ payload: new Uint8Array(frameMax_bytes + whole(random, 0, 4096)) }),
        "FRAME_TOO_LARGE",
      ),
  },
  { name: "on a foreign topic", message: misplaced },
  {
    name: "of an unknown envelope version",
    message: ({ forger }, i) =>
      refusedWith(
        forger,
        forger.seal({ version: pick([0, 2, 3, 128, 255], i) }),
        "FRAME_VERSION_UNKNOWN",
      ),
  },
  {
    name: "receipts that no unit signed",
    message({ forger, random }, i) {
      const receipt = random.bytes(whole(random, 0, 400));
      const bytes = pick(
        [
          new ByteWriter().u8(1).u32(1).block(receipt).finish(),
          new ByteWriter().u8(1).u32(2).block(receipt).finish(),
          new ByteWriter().u8(2).raw(receipt).finish(),
          new Uint8Array(),
        ],
        i,
      );
      const topic = `voltfog/v1/${forger.id}/hello`;
      return { topic, bytes, expected: { kind: "refused", codes: ["RECEIPT_INVALID"] } };
    },
  },
  {
    name: "answers to no command",
    message({ forger, random }) {
      const topic = `voltfog/v1/${forger.id}/command-ack`;
      return { topic, bytes: random.bytes(whole(random, 0, 300)), expected: { kind: "ignored" } };
    },
  },
];

/** With the vehicle's own key: what is refused leaves an entry that convicts its sender. */
export const attacksWithKey: readonly Attack[] = [
  {
    name: "exact duplicates",
    prepare: ({ forger }) => taken(forger, once(forger)),
    message: ({ forger }) => ({
      topic: forger.topic,
      bytes: once(forger),
      expected: { kind: "repeated" },
    }),
  },
  {
    name: "other bytes under a number that is taken",
    prepare: ({ forger }) => taken(forger, forger.cut()),
    message: ({ forger }) => refusedWith(forger, forger.seal({ sequence: 1 }), "SEQUENCE_FORKED"),
  },
  {
    name: "lower numbers, out of order",
    prepare: ({ forger }) => taken(forger, forger.cut({ sequence: heldBack })),
    message: ({ forger }, i) =>
      // 7919 is prime to 1,000: every number below is used once, in no order.
      refusedWith(
        forger,
        forger.seal({ sequence: heldBack - 1 - ((i * 7919) % 1000) }),
        "SEQUENCE_STALE",
      ),
  },
  {
    name: "from the future",
    message({ forger, random }, i) {
      const wall_ms = Date.now() + whole(random, 6 * minute_ms, year_ms);
      const changes = i % 2 === 0 ? { wall_ms } : telemetry({ wall_ms });
      return refusedWith(forger, forger.cut(changes), "TIME_IN_FUTURE");
    },
  },
  {
    name: "very old, which is no fault: a vehicle may have been without a network",
    message({ forger, random }) {
      const wall_ms = Date.now() - whole(random, 1, 20) * year_ms;
      return taken(forger, forger.cut({ wall_ms, ...telemetry({ wall_ms }) }));
    },
  },
  {
    name: "with readings that no battery has",
    message({ forger }, i) {
      const changes = pick(
        [
          { cellVoltage_mV: Uint16Array.of(3700, 65_535, 3700, 3700), packVoltage_V: 76.6 },
          { temperature_degC: Float32Array.of(25, 3276.7) },
          { temperature_degC: Float32Array.of(-3276.7, 25) },
          { packCurrent_A: 21_474_836.47 },
          { packCurrent_A: -21_474_836.47 },
          { packVoltage_V: 42_949_672.95 },
        ],
        i,
      );
      return refusedWith(forger, forger.cut(telemetry(changes)), "RANGE_IMPLAUSIBLE");
    },
  },
  {
    name: "of an unknown payload type or version",
    message({ forger, random }, i) {
      const payload = random.bytes(whole(random, 0, 200));
      const kind = pick(
        [
          { payloadType: 1, payloadVersion: 2 },
          { payloadType: 3, payloadVersion: 0 },
          { payloadType: 0, payloadVersion: 1 },
          { payloadType: 255, payloadVersion: 255 },
        ],
        i,
      );
      return refusedWith(forger, forger.cut({ ...kind, payload }), "PAYLOAD_VERSION_UNKNOWN");
    },
  },
  {
    name: "with a malformed payload",
    message: ({ forger, random }, i) =>
      refusedWith(forger, forger.cut(malformedPayload(random, i)), "PAYLOAD_MALFORMED"),
  },
  {
    name: "gaps that contradict the log or themselves",
    prepare: ({ forger }) => taken(forger, forger.cut({ sequence: heldBack })),
    message({ forger }, i) {
      const sequence = heldBack + 10 + i;
      const range = pick(
        [
          { firstSequence: 1, lastSequence: sequence - 1 },
          { firstSequence: heldBack, lastSequence: sequence - 1 },
          { firstSequence: heldBack + 1, lastSequence: sequence },
          { firstSequence: heldBack + 1, lastSequence: sequence - 2 },
        ],
        i,
      );
      const gap = carrying({
        ...range,
        ...{ type: "gap", samples: 3, from_ms: 1, to_ms: 2, cause: "outbox-full" },
      });
      return refusedWith(forger, forger.seal({ sequence, ...gap }), "GAP_INCONSISTENT");
    },
  },
];

const firstFrames = new WeakMap<Forger, Uint8Array>();

/** The same bytes every time. */
function once(forger: Forger): Uint8Array {
  const bytes = firstFrames.get(forger) ?? forger.cut();
  firstFrames.set(forger, bytes);
  return bytes;
}

function malformedPayload(random: Random, i: number): Partial<Parameters<Forger["cut"]>[0]> {
  const sound = telemetry();
  const { payload } = sound;
  const notANumber = new ByteWriter().u32(0x7ff80000).u32(0).finish();
  return pick(
    [
      { ...sound, payload: payload.subarray(0, whole(random, 0, payload.length - 1)) },
      { ...sound, payload: Uint8Array.of(...payload, 0) },
      // Neither kind has room for NaN: every number in them is whole. Its bits are only rubbish.
      { ...sound, payload: Uint8Array.of(...notANumber, ...notANumber) },
      { ...sound, payload: Uint8Array.of(3, ...random.bytes(whole(random, 0, 500))) },
      { payloadType: 2, payload: random.bytes(20) },
      { payloadType: 3, payload: random.bytes(38) },
    ],
    i,
  );
}

function misplaced({ forger, other }: Means, i: number): Message {
  const expected = { kind: "refused", codes: ["TOPIC_MISMATCH"] } as const;
  const own = (topic: string): Message => ({ topic, bytes: forger.seal(), expected });
  return pick(
    [
      () => own(other.topic),
      () => own(`voltfog/v1/${forger.id}/urgent`),
      () => own(`voltfog/v1/${forger.id}/receipt`),
      () => own("voltfog/v1/units/unit-1/dead-letter"),
      () => own("$SYS/broker"),
      () => own("a"),
      () => ({ topic: forger.topic, bytes: other.seal(), expected }),
      () => ({ topic: other.topic, bytes: other.seal(), expected }),
    ],
    i,
  )();
}

function flipped({ forger, random }: Means): Message {
  const bytes = forger.seal();
  const place = whole(random, 0, bytes.length - 1);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << whole(random, 0, 7));
  return refusedWith(forger, bytes, ...codesAt(place, forger.id.length));
}

/** What a changed bit at this place may be called, field by field in the order of the envelope. */
function codesAt(place: number, id_bytes: number): readonly RefusalCode[] {
  const fields: readonly (readonly [number, ...RefusalCode[]])[] = [
    [1, "FRAME_VERSION_UNKNOWN"],
    [1, "FRAME_MALFORMED"], // the length of the id
    [id_bytes, "FRAME_MALFORMED", "TOPIC_MISMATCH"],
    [16, "KEY_UNKNOWN"],
    [4, "SIGNATURE_INVALID"], // boot
    [1, "TOPIC_MISMATCH", "FRAME_MALFORMED"], // stream
    [8, "SIGNATURE_INVALID", "FRAME_MALFORMED"], // sequence: neither 0 nor beyond 2^53
    [48, "SIGNATURE_INVALID"], // previous, salt
    [16, "SIGNATURE_INVALID", "FRAME_MALFORMED"], // times below 2^53
    [1, "SIGNATURE_INVALID", "FRAME_MALFORMED"], // clock quality
    [2, "SIGNATURE_INVALID"], // payload type and version
    [4, "FRAME_MALFORMED"], // the payload's length
  ];
  let end = 0;
  for (const [length, ...codes] of fields) {
    end += length;
    if (place < end) return codes;
  }
  return ["SIGNATURE_INVALID"]; // payload and signature
}

import { readdirSync, readFileSync } from "node:fs";
import {
  type BatteryEvent,
  decodeHello,
  decodePayload,
  decodeReceipt,
  decodeRefusal,
  encodeHello,
  encodeRefusal,
  eventDetail,
  type OpenedFrame,
  openCommand,
  openCommandAck,
  openFrame,
  parseBatteryEvent,
  parseEventDetail,
  parseTopic,
  sealCommand,
  sealCommandAck,
  sealFrame,
  sealReceipt,
} from "@voltfog/messages";
import {
  accepted,
  type Crypto,
  equalBytes,
  fromHex,
  type Outcome,
  refused,
  type Signer,
  type UnitId,
  utf8,
  type VehicleId,
} from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { codec, type FuzzTarget } from "../target.ts";

/** Everything is well signed, so that the search is not stopped by what it cannot guess. */
export const trusting: Crypto = { ...nodeCrypto, verify: () => true };

/** Signs with what is given. */
function signing(signature: Uint8Array): Signer {
  return { publicKey: new Uint8Array(32), sign: () => signature };
}

const signer = signing(new Uint8Array(64).fill(7));
const id = new Uint8Array(16).fill(1);

/** The five frozen frames of the specification. */
function frozenFrames(): readonly Uint8Array[] {
  const folder = new URL("../../../packages/messages/fixtures/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      const { frame } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as {
        frame: string;
      };
      return fromHex(frame) ?? new Uint8Array();
    });
}

/** The payload of a frame behind one byte that says its type. */
function payloads(): readonly Uint8Array[] {
  return frozenFrames().map((bytes) => {
    const opened = openFrame(bytes);
    if (!opened.ok) throw new Error(opened.problem.detail);
    return Uint8Array.of(opened.value.payloadType, ...opened.value.payload);
  });
}

const event: BatteryEvent = {
  id: "ab".repeat(32),
  class: "thermal-alert",
  state: "asserted",
  level: 2,
  vehicleId: "vehicle-01",
  unitId: "unit-1",
  functionId: "thermal-alert",
  functionVersion: "1.0.0",
  cell: 3,
  value: 61.5,
  limit: 60,
  unit: "degC",
  at_ms: 1_790_000_000_000,
  frame: { stream: "telemetry", sequence: 4, commitment: "cd".repeat(32) },
  origin: "simulated",
  sentence: "sensor 3 is at 61.5 °C",
};

function parsedJson(input: Uint8Array): Outcome<unknown> {
  try {
    return accepted(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(input)));
  } catch {
    return refused({ code: "MALFORMED" });
  }
}

const { id: _id, ...detail } = event;

export const targets: readonly FuzzTarget[] = [
  codec({
    name: "frame",
    decode(input) {
      const opened = openFrame(input);
      if (!opened.ok) return opened;
      const payload = decodePayload(opened.value);
      return payload.ok ? accepted({ frame: opened.value, payload: payload.value }) : payload;
    },
    encode: ({ frame, payload }) =>
      sealFrame({ header: frame.header, payload, signer: signing(frame.signature) }),
    seeds: frozenFrames,
  }),
  {
    name: "payload",
    seeds: payloads,
    run(input) {
      const [payloadType = 0] = input;
      const frame = { ...envelope(), payloadType, payloadVersion: 1, payload: input.subarray(1) };
      const decoded = decodePayload(frame);
      if (!decoded.ok) return;
      const sealed = openFrame(sealFrame({ header: frame.header, payload: decoded.value, signer }));
      if (!sealed.ok || !equalBytes(sealed.value.payload, frame.payload)) {
        throw new Error("takes a second form");
      }
    },
  },
  codec({
    name: "receipt",
    decode(input) {
      const opened = decodeReceipt(input);
      // Version 1 is read only; it has no writer any more.
      return opened.ok && opened.value.signed === undefined
        ? refused({ code: "UNSIGNED" })
        : opened;
    },
    encode: ({ keyId = id, signed, ...receipt }) =>
      sealReceipt({ receipt: { ...receipt, keyId }, signer: signing(signed?.signature ?? id) }),
    seeds: () =>
      [0, 1, 3].map((count) =>
        sealReceipt({
          receipt: {
            unitId: "unit-1" as UnitId,
            keyId: id,
            entries: Array.from({ length: count }, (_, i) => ({
              stream: i % 2 === 0 ? ("telemetry" as const) : ("urgent" as const),
              sequence: i + 1,
              commitment: new Uint8Array(32).fill(i),
              index: i,
            })),
            checkpoint: "voltfog/test/log/unit-1\n3\nAAAA\n\n— voltfog/test/log/unit-1 AAAA\n",
          },
          signer,
        }),
      ),
  }),
  codec({
    name: "hello",
    decode: decodeHello,
    encode: encodeHello,
    seeds: () => [
      encodeHello({ receipts: [] }),
      encodeHello({ receipts: [new Uint8Array(80), new Uint8Array(3)] }),
    ],
  }),
  {
    name: "refusal",
    seeds: () => [
      encodeRefusal({ code: "SEQUENCE_STALE", detail: "behind 9" }),
      encodeRefusal({
        ...{ code: "RANGE_IMPLAUSIBLE", detail: "sample 0", stream: "urgent", sequence: 4 },
        commitment: "ab".repeat(32),
      }),
    ],
    run(input) {
      const decoded = decodeRefusal(input);
      if (!decoded.ok) return;
      const again = decodeRefusal(encodeRefusal(decoded.value));
      if (!again.ok) throw new Error(`cannot read what it writes: ${again.problem.detail}`);
    },
  },
  codec({
    name: "command",
    decode(input) {
      const opened = openCommand({ bytes: input, publicKey: new Uint8Array(32), crypto: trusting });
      return opened.ok ? accepted({ command: opened.value, signature: input.slice(-64) }) : opened;
    },
    encode: ({ command, signature }) => sealCommand({ command, signer: signing(signature) }),
    seeds: () => [
      sealCommand({
        command: {
          ...{ commandId: id, unitId: "unit-1" as UnitId, kind: "limit-charge-current", value: 80 },
          ...{ issued_ms: 1_790_000_000_000, expires_ms: 1_790_000_060_000 },
        },
        signer,
      }),
    ],
  }),
  codec({
    name: "command-ack",
    decode(input) {
      const publicKey = new Uint8Array(32);
      const opened = openCommandAck({ bytes: input, publicKey, crypto: trusting });
      return opened.ok ? accepted({ ack: opened.value, signature: input.slice(-64) }) : opened;
    },
    encode: ({ ack, signature }) => sealCommandAck({ ack, signer: signing(signature) }),
    seeds: () => [
      sealCommandAck({
        ack: {
          ...{ commandId: id, vehicleId: "vehicle-01" as VehicleId, status: "refused" },
          ...{ reason: "too hot", wall_ms: 1_790_000_000_000 },
        },
        signer,
      }),
    ],
  }),
  codec({
    name: "event-detail",
    decode: (input) => parseEventDetail({ detail: input, id: event.id }),
    encode: ({ id: _, ...rest }) => eventDetail(rest),
    seeds: () => [eventDetail(detail)],
  }),
  {
    name: "event-json",
    seeds: () => [utf8(JSON.stringify(event)), utf8(JSON.stringify({ ...event, cell: null }))],
    run(input) {
      const json = parsedJson(input);
      if (json.ok) parseBatteryEvent(json.value);
    },
  },
  {
    name: "topic",
    seeds: () =>
      ["vehicle-01/telemetry", "vehicle-01/receipt", "units/unit-1/dead-letter"].map((rest) =>
        utf8(`voltfog/v1/${rest}`),
      ),
    run: (input) => void parseTopic(new TextDecoder().decode(input)),
  },
];

let read: OpenedFrame | undefined;

/** Of one frozen frame, read once: only the payload changes. */
function envelope(): OpenedFrame {
  if (read !== undefined) return read;
  const [bytes = new Uint8Array()] = frozenFrames();
  const opened = openFrame(bytes);
  if (!opened.ok) throw new Error(opened.problem.detail);
  read = opened.value;
  return read;
}

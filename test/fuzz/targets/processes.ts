import { X509Certificate } from "node:crypto";
import { eventDetail } from "@voltfog/messages";
import { ByteWriter, utf8 } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { decodeBlockPage } from "../../../cloud/src/finality/block-page.ts";
import { decodeEntryPage } from "../../../cloud/src/intake/entry-page.ts";
import {
  decodeJournalRecord as decodeEdgeRecord,
  decodeStoredFrame,
  type JournalRecord as EdgeRecord,
  encodeJournalRecord as encodeEdgeRecord,
  encodeStoredFrame,
} from "../../../edge-agent/src/outbox/journal-record.ts";
import {
  decodeJournalRecord as decodeEventRecord,
  encodeJournalRecord as encodeEventRecord,
} from "../../../fog-rsu/src/events/event-record.ts";
import { DeviceDirectory } from "../../../fog-rsu/src/ingest/device-directory.ts";
import { PacketMeter } from "../../../fog-rsu/src/ingest/packet-meter.ts";
import { parseRevocationList } from "../../../packages/runtime/src/node/tls/revocation-list.ts";
import { codec, type FuzzTarget } from "../target.ts";

const commitment = new Uint8Array(32).fill(4);
const record: EdgeRecord = {
  ...{ kind: "gap", stream: "urgent", cause: "disk-error", boot: 2, sequence: 9 },
  ...{ firstSequence: 7, samples: 12, lastSample: 0, from_ms: 5, to_ms: 6, commitment },
};
const detail = eventDetail({
  ...{ class: "gap-declared", state: "asserted", level: 1, vehicleId: "vehicle-01" },
  ...{ unitId: "unit-1", functionId: "declared", functionVersion: "1", cell: null, value: 1 },
  ...{ limit: 0, unit: "", at_ms: 5, origin: "measured", sentence: "a gap" },
  frame: { stream: "telemetry", sequence: 1, commitment: "ab".repeat(32) },
});
const authority = await CertificateAuthority.create({ name: "fuzz", now_ms: 1e12 });
const root = new X509Certificate(authority.certificate);
const revoked = [{ serial: "4a", at_ms: 1e12 }];
const derOf = (pem: string): Uint8Array =>
  new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64"));
const limits = { connectMax_bytes: 4096, publishMax_bytes: 262_144, controlMax_bytes: 8192 };

export const targets: readonly FuzzTarget[] = [
  codec({
    name: "edge-journal",
    decode: decodeEdgeRecord,
    encode: encodeEdgeRecord,
    seeds: () => [encodeEdgeRecord(record)],
  }),
  codec({
    name: "edge-outbox",
    decode: decodeStoredFrame,
    encode: encodeStoredFrame,
    seeds: () => [encodeStoredFrame({ record, frame: utf8("a frame") })],
  }),
  codec({
    name: "event-journal",
    decode: (input) => decodeEventRecord(input, crypto),
    encode: encodeEventRecord,
    seeds: () => [
      encodeEventRecord({ kind: "progress", shownUpTo: 8 }),
      encodeEventRecord({
        ...{ kind: "final", eventId: "ab".repeat(32) },
        finality: { height: 4, resultIndex: 3, final_ms: 9 },
      }),
      new ByteWriter()
        .u8(1)
        .u8(1)
        .u64(5)
        .u64(6)
        .u8(2)
        .text("gap")
        .raw(new Uint8Array(16))
        .block(detail)
        .finish(),
    ],
  }),
  {
    name: "entry-page",
    seeds: () => [
      new ByteWriter()
        .u8(1)
        .u32(1)
        .u64(0)
        .u64(5)
        .block(commitment)
        .block(commitment)
        .u32(1)
        .u8(10)
        .finish(),
    ],
    run: (input) => void decodeEntryPage(input),
  },
  {
    name: "block-page",
    seeds: () => [new ByteWriter().u8(1).u32(1).block(commitment).block(commitment).finish()],
    run: (input) => void decodeBlockPage(input),
  },
  {
    name: "enrolled-devices",
    seeds: () => [
      utf8(JSON.stringify([{ id: "vehicle-01", key: "ab".repeat(32), salt: "cd".repeat(16) }])),
      utf8(
        JSON.stringify([
          {
            ...{ id: "vehicle-01", key: "ab".repeat(32), salt: "cd".repeat(16), revoked: true },
            earlier: [{ key: "ef".repeat(32), telemetry: 41, urgent: 3 }],
          },
        ]),
      ),
    ],
    run: (input) => void DeviceDirectory.parse({ text: new TextDecoder().decode(input), crypto }),
  },
  {
    name: "revocation-list",
    seeds: async () => [derOf(await authority.revocationList({ revoked, now_ms: 1e12 }))],
    run(input) {
      const text = `-----BEGIN X509 CRL-----\n${Buffer.from(input).toString("base64")}\n-----END X509 CRL-----\n`;
      const parsed = parseRevocationList(text, root);
      // Only what the authority signed is taken: the seed, or it with another name for the algorithm.
      if (parsed.ok && !parsed.value.serials.has("4A")) throw new Error("takes another list");
    },
  },
  {
    name: "packet-meter",
    seeds: () => [Uint8Array.of(0x10, 2, 0, 0, 0x30, 3, 1, 2, 3, 0xe0, 0)],
    run(input) {
      // However the network cuts the bytes up, the verdict is the same.
      const whole = new PacketMeter(limits).check(input);
      const meter = new PacketMeter(limits);
      let pieces: ReturnType<PacketMeter["check"]>;
      for (const byte of input) pieces ??= meter.check(Uint8Array.of(byte));
      if (whole?.code !== pieces?.code) throw new Error("judges pieces otherwise than the whole");
    },
  },
];

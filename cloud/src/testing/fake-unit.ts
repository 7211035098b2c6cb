import {
  CompactRange,
  consistencyPath,
  encodeEntry,
  type LogEnd,
  type LogEntry,
  leafHash,
  logOrigin,
  signCheckpoint,
} from "@voltfog/ledger";
import { type BatteryEvent, eventDetail, eventId, gapCauses, sampleCount } from "@voltfog/messages";
import { ByteWriter, type Signer, toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { Reply } from "../remote/remote.ts";
import type { CutFrame } from "./test-vehicle.ts";

interface Logged {
  entry: Uint8Array;
  frame: Uint8Array;
  accepted_ms: number;
}

const crypto = nodeCrypto;

/** A unit that serves real bytes from memory, and can be told to lie. */
export class FakeUnit {
  readonly id: string;
  readonly chain: string;
  readonly signer: Signer;
  /** Which of its logs this is. */
  number = 1;
  readonly logged: Logged[] = [];
  readonly events: object[] = [];
  /** Applied to a page of entries before it is served. */
  tamper: (page: { index: number; logged: Logged }[]) => void = () => {};
  /** Size and root that the served note states instead of the true ones. */
  noteOf: (head: { size: number; root: Uint8Array }) => { size: number; root: Uint8Array } = (
    head,
  ) => head;
  readonly bundles: Map<string, Reply> = new Map();
  readonly requests: string[] = [];

  constructor(options: { id: string; chain: string; signer: Signer }) {
    this.id = options.id;
    this.chain = options.chain;
    this.signer = options.signer;
  }

  get origin(): string {
    return logOrigin({ chain: this.chain, unitId: this.id, number: this.number });
  }

  accept(frame: CutFrame, accepted_ms = 50_000, options: { unlinked?: boolean } = {}): void {
    const { keyId, stream, sequence, commitment, payload } = frame;
    const { unlinked = false } = options;
    const base = { stream, unlinked, keyId, sequence, commitment };
    const entry: LogEntry =
      payload.type === "gap"
        ? {
            kind: "gap",
            ...base,
            cause: gapCauses.indexOf(payload.cause),
            firstMissing: payload.firstSequence,
            lastMissing: payload.lastSequence,
            samplesMissing: payload.samples,
            knownSince_ms: accepted_ms,
          }
        : { kind: "frame", ...base, sampleCount: sampleCount(payload) };
    this.logged.push({ entry: encodeEntry(entry), frame: frame.bytes, accepted_ms });
  }

  /** The first entry of a log that takes the place of another one. */
  open(predecessor: LogEnd): void {
    const entry = encodeEntry({ kind: "log-opened", predecessor });
    this.logged.push({ entry, frame: new Uint8Array(), accepted_ms: 50_000 });
  }

  refuse(frame: CutFrame, code: number): void {
    const { keyId, stream, sequence, commitment, payload, bytes } = frame;
    const entry = encodeEntry({
      kind: "refused",
      stream,
      unlinked: false,
      keyId,
      sequence,
      commitment,
      code,
      sampleCount: sampleCount(payload),
    });
    this.logged.push({ entry, frame: bytes, accepted_ms: 50_000 });
  }

  record(changes: Partial<BatteryEvent> & { vehicleId: string }): BatteryEvent {
    const event: BatteryEvent = {
      id: "",
      class: "thermal-alert",
      state: "asserted",
      level: 2,
      unitId: this.id,
      functionId: "thermal-alert",
      functionVersion: "1",
      cell: 17,
      value: 61,
      limit: 60,
      unit: "degC",
      at_ms: 5000 + this.events.length,
      frame: { stream: "telemetry", sequence: 1, commitment: "00".repeat(32) },
      origin: "replayed",
      sentence: "Sensor 18 is at 61 °C, above 60 °C; stop charging.",
      ...changes,
    };
    const salt = new Uint8Array(16).fill(this.events.length + 1);
    const { id: _id, ...detail } = event;
    const named = { ...event, id: eventId({ detail: eventDetail(detail), salt, crypto }) };
    this.events.push({
      version: 1,
      cursor: this.events.length + 1,
      event: named,
      salt: toHex(salt),
      recorded_ms: 6000,
      final: null,
    });
    return named;
  }

  rootAt(size: number): Uint8Array {
    const range = new CompactRange({ crypto });
    for (const leaf of this.#leaves(size)) range.append(leaf);
    return range.root();
  }

  noteAt(size: number): string {
    const head = this.noteOf({ size, root: this.rootAt(size) });
    return signCheckpoint({ origin: this.origin, ...head, signer: this.signer, crypto });
  }

  consistency(from: number, to: number): readonly Uint8Array[] {
    return from === 0 ? [] : consistencyPath({ leaves: this.#leaves(to), from, crypto });
  }

  /** Answers as a unit's HTTP side does. */
  answer(path: string): Reply {
    this.requests.push(path);
    const url = new URL(path, "http://unit");
    const from = Number(url.searchParams.get("from"));
    const limit = Number(url.searchParams.get("limit"));
    if (url.pathname === "/v1/entries") return ok(this.#page(from, limit));
    if (url.pathname === "/v1/events") {
      const items = this.events.slice(Math.max(0, from - 1)).slice(0, limit);
      return ok(utf8(JSON.stringify(items)));
    }
    if (url.pathname === "/v1/status") return ok(utf8(JSON.stringify(this.#status())));
    return this.bundles.get(path) ?? notFinal;
  }

  #page(from: number, limit: number): Uint8Array {
    const page = this.logged
      .slice(from, from + limit)
      .map((logged, at) => ({ index: from + at, logged: { ...logged } }));
    this.tamper(page);
    const writer = new ByteWriter().u8(1).u32(page.length);
    for (const { index, logged } of page) {
      writer.u64(index).u64(logged.accepted_ms).block(logged.entry).block(logged.frame);
    }
    return writer.block(utf8(this.noteAt(this.logged.length))).finish();
  }

  #status(): object {
    return {
      id: this.id,
      log: { size: this.logged.length, publishedSize: this.logged.length, finalSize: 0 },
      connectedVehicles: ["car-1"],
      refusals: { SIGNATURE_INVALID: 3 },
      functions: [
        { id: "thermal-alert", version: "1", vehicles: ["car-1"], health: { state: "running" } },
      ],
      eventsPending: 0,
      estimates: [
        {
          name: "soc",
          value: 0.6,
          low: 0.58,
          high: 0.62,
          estimator: "coulomb-counter 1",
          at_ms: 5000,
          vehicleId: "car-1",
        },
      ],
    };
  }

  #leaves(size: number): Uint8Array[] {
    return this.logged.slice(0, size).map(({ entry }) => leafHash(entry, crypto));
  }
}

export function ok(body: Uint8Array): Reply {
  return { status: 200, body };
}

const notFinal: Reply = {
  status: 404,
  body: utf8(JSON.stringify({ code: "NOT_FINAL", message: "no final checkpoint covers it yet" })),
};

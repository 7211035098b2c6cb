import type { BatterySample, FrameHeader } from "@voltfog/messages";
import { assert, CodedError, type Crypto, type SignatureVerifier, toHex } from "@voltfog/runtime";
import type { Placed } from "../log/group-commit.ts";
import { acceptedEntry, type LogItem, refusedEntry } from "../log/log-item.ts";
import type { TrafficClass } from "../traffic/class-queue.ts";
import { TurnsByClass } from "../traffic/turns-by-class.ts";
import {
  type AuthenticFrame,
  authenticFrame,
  claimFrame,
  type FrameArrival,
  type FrameRefusal,
} from "./authenticate-frame.ts";
import type { EnrolledDevice } from "./device-directory.ts";
import { judgeFrame, type Verdict } from "./judge-frame.ts";
import type { StreamTail } from "./place-in-stream.ts";
import { type HeldFrame, type StreamKey, StreamTable } from "./stream-table.ts";
import { Turns } from "./turns.ts";

export interface IntakeOptions {
  readonly deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  readonly crypto: Crypto;
  /** Verifies signatures beside this thread. */
  readonly verifier: SignatureVerifier;
  readonly now_ms: () => number;
  readonly clockSkewMax_ms: number;
  readonly implausible: (sample: BatterySample) => string | undefined;
  /** The key that a vehicle's key took the place of. */
  readonly keyBefore: (keyId: Uint8Array) => Uint8Array | undefined;
  readonly tailInLog: (key: StreamKey) => StreamTail | undefined;
  /** What the log holds at a place of a stream; undefined at once where it holds nothing. */
  readonly findInLog: (key: StreamKey, sequence: number) => Promise<HeldFrame> | undefined;
  /** Takes the item into the next group commit, or undefined when too much waits already. */
  readonly keep: (item: LogItem) => Promise<Placed> | undefined;
}

/** What became of one message. It may be acknowledged in every case. */
export type IntakeAnswer =
  | { readonly kind: "refused"; readonly refusal: FrameRefusal; readonly bytes: Uint8Array }
  | {
      readonly kind: "taken";
      readonly authentic: AuthenticFrame;
      readonly placed: Placed;
      /** True where the log held the very frame before: nothing was added. */
      readonly repeated: boolean;
      readonly refusal: FrameRefusal | undefined;
    };

/**
 * Signatures that are looked at at once: enough for every thread of the pool. An alert waits for those before
 * it (32 at 50 µs each), and for the judging of what is found signed in one turn of the event loop.
 */
const verifyingMax = 32;
/** Telemetry older than this is caught up with and yields to what is new. */
const fresh_ms = 60_000;

/** Frames without a place whose resend leaves no further entry. */
const straysMax = 4096;

/**
 * From bytes to a durable entry or a refusal. Frames of one stream are judged in the order in which
 * they came, each against the one before it, also while that one is still on its way to the disk.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #streams: StreamTable;
  readonly #strays = new Map<string, HeldFrame>();
  readonly #turns = new TurnsByClass({ atOnceMax: verifyingMax });
  /** Frames of one stream leave verification in the order in which they came. */
  readonly #verified = new Turns();

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#streams = new StreamTable(options);
  }

  /**
   * Resolves when the message may be acknowledged: refused without an entry, or durable. Rejects when
   * the log could not take it; the vehicle then sends it again. LOG_BACKLOG or the disk's own error.
   */
  async take(arrival: FrameArrival): Promise<IntakeAnswer> {
    const { deviceOf, verifier, crypto } = this.#options;
    const claimed = claimFrame({ arrival, device: deviceOf(arrival.sender) });
    if (!claimed.ok) return { kind: "refused", refusal: claimed.problem, bytes: arrival.bytes };
    const { device, publicKey, frame } = claimed.value;
    const flow = `${arrival.sender} ${frame.header.stream}`;
    const turn = { trafficClass: this.#classOf(frame.header), flow };
    const { signedBytes: message, signature } = frame;
    const isSigned = await this.#verified.inTurn(
      flow,
      this.#turns.take(turn, () => verifier.verify({ publicKey, message, signature })),
    );
    // Whoever was revoked while the signature was being looked at is revoked for this frame, too.
    const current = deviceOf(arrival.sender);
    if (current !== device) {
      const again = claimFrame({ arrival, device: current });
      if (!again.ok) return { kind: "refused", refusal: again.problem, bytes: arrival.bytes };
    }
    const authenticated = authenticFrame(claimed.value, { isSigned, crypto });
    if (!authenticated.ok) {
      return { kind: "refused", refusal: authenticated.problem, bytes: arrival.bytes };
    }
    const authentic = authenticated.value;
    const { header } = authentic.frame;
    const inMemory = this.#heldInMemory(authentic);
    if (inMemory !== undefined) return this.#judge(authentic, inMemory);
    const onDisk = this.#options.findInLog(header, header.sequence);
    if (onDisk === undefined) return this.#judge(authentic, undefined);
    // Only a frame of a known place waits for the disk, and it moves no stream: the order holds.
    const held = await onDisk;
    return this.#judge(authentic, this.#heldInMemory(authentic) ?? held);
  }

  /** Streams whose frames wait for their turn, by class. */
  get waiting(): Readonly<Record<TrafficClass, number>> {
    return this.#turns.waiting;
  }

  /** Another unit holds this frame: the next one is linked to it here. */
  shown(key: StreamKey, last: StreamTail): void {
    this.#streams.show(key, last);
  }

  /** How far a stream has come here, counting frames on their way to the disk. */
  tailOf(key: StreamKey): StreamTail | undefined {
    return this.#streams.tail(key);
  }

  /** After a failed write: streams go on from what the log really holds. */
  forgetUnwritten(): void {
    this.#streams.reset();
    this.#strays.clear();
  }

  #classOf({ stream, wall_ms }: Pick<FrameHeader, "stream" | "wall_ms">): TrafficClass {
    if (stream === "urgent") return "alert";
    return this.#options.now_ms() - wall_ms > fresh_ms ? "bulk" : "telemetry";
  }

  #heldInMemory({ frame: { header }, commitment }: AuthenticFrame): HeldFrame | undefined {
    return this.#strays.get(toHex(commitment)) ?? this.#streams.recent(header, header.sequence);
  }

  async #judge(authentic: AuthenticFrame, held: HeldFrame | undefined): Promise<IntakeAnswer> {
    const verdict = judgeFrame(authentic, {
      tail: this.#streams.tail(authentic.frame.header),
      shown: this.#streams.shown(authentic.frame.header),
      held: held?.commitment,
      now_ms: this.#options.now_ms(),
      clockSkewMax_ms: this.#options.clockSkewMax_ms,
      implausible: this.#options.implausible,
    });
    if (verdict.kind === "duplicate") {
      assert(held !== undefined, "only a held frame has a duplicate");
      const placed = await held.placed;
      return { kind: "taken", authentic, placed, repeated: true, refusal: held.refusal };
    }
    const item = this.#itemOf(authentic, verdict);
    const placing = this.#options.keep(item);
    if (placing === undefined) {
      throw new CodedError({ code: "LOG_BACKLOG", message: "too much waits for the disk" });
    }
    this.#remember({ item, placing, verdict });
    const placed = await placing;
    return { kind: "taken", authentic, placed, repeated: false, refusal: item.refusal };
  }

  #itemOf(authentic: AuthenticFrame, verdict: Exclude<Verdict, { kind: "duplicate" }>): LogItem {
    const accepted_ms = this.#options.now_ms();
    const { linked } = verdict;
    if (verdict.kind === "accepted") {
      const { payload } = verdict;
      const entry = acceptedEntry({ authentic, payload, linked });
      return { authentic, entry, accepted_ms, payload, refusal: undefined };
    }
    const { refusal, samples } = verdict;
    const entry = refusedEntry({ authentic, code: refusal.code, linked, samples });
    return { authentic, entry, accepted_ms, payload: undefined, refusal };
  }

  #remember(options: { item: LogItem; placing: Promise<Placed>; verdict: Verdict }): void {
    const { item, placing, verdict } = options;
    const { commitment, frame } = item.authentic;
    const held = { commitment, placed: placing, refusal: item.refusal };
    // Whoever sent it waits for `placing` too; here its failure is not a second news.
    placing.catch(() => {});
    if (verdict.kind === "refused" && !verdict.linked) {
      this.#strays.set(toHex(commitment), held);
      this.#dropOldestStray();
      return;
    }
    this.#streams.advance(frame.header, { ...held, sequence: frame.header.sequence });
  }

  #dropOldestStray(): void {
    if (this.#strays.size <= straysMax) return;
    for (const oldest of this.#strays.keys()) {
      this.#strays.delete(oldest);
      return;
    }
  }
}

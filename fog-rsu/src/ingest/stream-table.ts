import type { Stream } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { Placed } from "../log/group-commit.ts";
import type { FrameRefusal } from "./authenticate-frame.ts";
import type { StreamTail } from "./place-in-stream.ts";

/** A frame that the log holds, or will once `placed` has resolved. */
export interface HeldFrame {
  readonly commitment: Uint8Array;
  readonly placed: Promise<Placed>;
  /** The refusal that the frame got, so that its sender hears the same again. */
  readonly refusal: FrameRefusal | undefined;
}

interface StreamState {
  tail: StreamTail | undefined;
  /** By sequence number, oldest first. */
  readonly recent: Map<number, HeldFrame>;
}

export interface StreamKey {
  readonly keyId: Uint8Array;
  readonly stream: Stream;
}

/** Frames per stream whose resend is answered without a look at the disk. */
const recentMax = 256;

/**
 * How far each stream has come in this log, counting frames that are still on their way to the disk.
 * A stream of a new key goes on from where the key before it ended. Grows with the enrolled vehicles
 * only, because only authentic frames get here.
 */
export class StreamTable {
  readonly #tailInLog: (key: StreamKey) => StreamTail | undefined;
  readonly #keyBefore: (keyId: Uint8Array) => Uint8Array | undefined;
  #states = new Map<string, StreamState>();
  /** Last frames that other units hold, as their receipts say. */
  readonly #shown = new Map<string, StreamTail>();

  constructor(options: {
    tailInLog: (key: StreamKey) => StreamTail | undefined;
    /** The key that another one took the place of. */
    keyBefore: (keyId: Uint8Array) => Uint8Array | undefined;
  }) {
    this.#tailInLog = options.tailInLog;
    this.#keyBefore = options.keyBefore;
  }

  tail(key: StreamKey): StreamTail | undefined {
    return this.#newest(key, (each) => this.#state(each).tail);
  }

  /** The last frame of the stream that another unit's receipt vouches for. */
  shown(key: StreamKey): StreamTail | undefined {
    return this.#newest(key, (each) => this.#shown.get(nameOf(each)));
  }

  /** What is known of the stream under this key, else under the keys before it. */
  #newest(
    { keyId, stream }: StreamKey,
    known: (key: StreamKey) => StreamTail | undefined,
  ): StreamTail | undefined {
    let each: Uint8Array | undefined = keyId;
    while (each !== undefined) {
      const tail = known({ keyId: each, stream });
      if (tail !== undefined) return tail;
      each = this.#keyBefore(each);
    }
    return undefined;
  }

  /** Another unit holds the frame. An older receipt than the one known changes nothing. */
  show(key: StreamKey, last: StreamTail): void {
    const name = nameOf(key);
    if (last.sequence > (this.#shown.get(name)?.sequence ?? 0)) this.#shown.set(name, last);
  }

  recent(key: StreamKey, sequence: number): HeldFrame | undefined {
    return this.#state(key).recent.get(sequence);
  }

  advance(key: StreamKey, frame: HeldFrame & { readonly sequence: number }): void {
    const state = this.#state(key);
    state.tail = { sequence: frame.sequence, commitment: frame.commitment };
    state.recent.set(frame.sequence, frame);
    if (state.recent.size <= recentMax) return;
    for (const oldest of state.recent.keys()) {
      state.recent.delete(oldest);
      return;
    }
  }

  /** Forgets what was not yet durable; the log knows the rest. For a failed write. */
  reset(): void {
    this.#states = new Map();
  }

  #state(key: StreamKey): StreamState {
    const name = nameOf(key);
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const state: StreamState = { tail: this.#tailInLog(key), recent: new Map() };
    this.#states.set(name, state);
    return state;
  }
}

function nameOf({ keyId, stream }: StreamKey): string {
  return `${toHex(keyId)} ${stream}`;
}

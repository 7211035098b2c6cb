import type { Outcome } from "@voltfog/runtime";
import type { LogStream } from "../log/entry.ts";

/** What a proof needs to know of a frame. */
export interface FrameFacts {
  readonly vehicleId: string;
  /** First 16 bytes of SHA-256 of the vehicle's key, as the frame names it. */
  readonly keyId: Uint8Array;
  readonly stream: LogStream;
  readonly sequence: number;
  readonly wall_ms: number;
  /** Samples in the payload; undefined where this reader does not know the payload's version. */
  readonly samples: number | undefined;
  /** Exactly the message under the signature, its domain included. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Reads frames for the ledger, which knows no message formats: a few lines over the messages
 * package's openFrame and decodePayload. Strict: one encoding per frame; never throws.
 */
export interface FrameOpener {
  open(frame: Uint8Array): Outcome<FrameFacts>;
}

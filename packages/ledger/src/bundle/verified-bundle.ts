import type { Problem } from "@voltfog/runtime";
import type { DeviceEntry, LogStream } from "../log/entry.ts";
import type { LogHash } from "../log/log-hash.ts";
import type { EventClassName, EventStateName } from "../modules/events.ts";

/** What a bundle proved, in the words of a reader; every fact follows from the genesis file. */
export interface VerifiedBundle {
  readonly kind: "frame" | "event";
  readonly chain: { readonly name: string; readonly chainId: Uint8Array };
  readonly vehicle: VerifiedDevice;
  /** Signed by the vehicle's key. */
  readonly frame: {
    readonly bytes: Uint8Array;
    readonly commitment: Uint8Array;
    readonly stream: LogStream;
    readonly sequence: number;
    /** The vehicle's own clock: a claim, not a fact. */
    readonly wall_ms: number;
    /** undefined where this verifier does not know the payload's version. */
    readonly samples: number | undefined;
  };
  /** The unit's word on the frame: accepted (kind frame), refused with a code, or a gap. */
  readonly entry: DeviceEntry;
  readonly unit: VerifiedDevice;
  readonly log: {
    readonly logId: Uint8Array;
    /** Which of the unit's logs it is; from 1. */
    readonly number: number;
    /** What its tree is hashed with. */
    readonly hash: LogHash;
    readonly index: number;
    readonly size: number;
    readonly root: Uint8Array;
  };
  /** The block that made the log final up to `log.size`. */
  readonly checkpoint: VerifiedResult;
  /** The block whose header proves all of it: `checkpoint.height` or later. */
  readonly block: {
    readonly height: number;
    readonly epoch: number;
    readonly hash: Uint8Array;
    readonly time_ms: number;
    readonly proposer: string;
    readonly round: number;
  };
  readonly validators: {
    readonly signed: readonly { readonly id: string; readonly organisation: string }[];
    readonly of: number;
    /** As the engine asks of the certificate's form. */
    readonly needed: number;
    /** Of these, faulty ones that do no harm. */
    readonly faultyMax: number;
  };
  readonly event: VerifiedEvent | undefined;
}

export interface VerifiedDevice {
  readonly id: string;
  readonly organisation: string;
  readonly key: Uint8Array;
  /** Block in which the key was revoked, after the checkpoint; undefined where it was not, up to the block. */
  readonly revokedHeight: number | undefined;
}

export interface VerifiedResult {
  readonly height: number;
  readonly resultIndex: number;
  readonly txHash: Uint8Array;
}

export interface VerifiedEvent extends VerifiedResult {
  readonly id: Uint8Array;
  readonly class: EventClassName;
  readonly state: EventStateName;
  readonly level: 1 | 2 | 3;
  /** Canonical JSON that the id commits to. */
  readonly detail: Uint8Array;
  /** The parsed detail. */
  readonly content: Readonly<Record<string, unknown>>;
  /** Whole minutes since the Unix epoch, as the chain has it. */
  readonly timeBucket: number;
  readonly pseudonym: Uint8Array;
}

/** Why a bundle proves nothing, in the order in which the reasons are looked for. */
export interface BundleProblem extends Problem {
  readonly code:
    | "GENESIS_INVALID"
    | "BUNDLE_MALFORMED"
    | "BUNDLE_VERSION_UNKNOWN"
    | "WRONG_GENESIS"
    | "CERTIFICATE_INVALID"
    | "CHECKPOINT_NOT_FINAL"
    | "DEVICE_NOT_PROVEN"
    | "DEVICE_NOT_VALID"
    | "FRAME_MALFORMED"
    | "FRAME_KEY_DIFFERS"
    | "FRAME_SIGNATURE_INVALID"
    | "ENTRY_DIFFERS"
    | "ENTRY_NOT_IN_LOG"
    | "EVENT_MALFORMED"
    | "EVENT_OTHER_FRAME"
    | "EVENT_NOT_FINAL";
  readonly detail: string;
}

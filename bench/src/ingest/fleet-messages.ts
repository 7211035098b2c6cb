import type { Target } from "../mqtt/mqtt-connection.ts";

/** What is asked of a process that plays vehicles, in this order; connect to close as often as wanted. */
export type FleetRequest =
  | {
      readonly kind: "prepare";
      readonly vehicles: readonly string[];
      readonly framesPerVehicle: number;
      readonly seed: number;
      readonly start_ms: number;
      /** Who certifies the vehicles' keys; PEM. */
      readonly authority: { readonly certificate: string; readonly key: string };
    }
  | {
      readonly kind: "connect";
      readonly target: Target;
      /** Whether each vehicle reads its receipts and refusals, as agents do. */
      readonly readsAnswers: boolean;
    }
  | {
      readonly kind: "send";
      /** Frames of one vehicle that may be without an acknowledgement. */
      readonly inFlight: number;
      /** How often all frames are sent; more than once only to who doesn't look into them. */
      readonly passes: number;
    }
  | { readonly kind: "close" };

export interface Device {
  readonly id: string;
  /** Hex. */
  readonly key: string;
}

/** What became of one vehicle's frames, in the order of sending, in time that all processes share. */
export interface SentFrames {
  readonly sent_ms: Float64Array;
  readonly acked_ms: Float64Array;
}

export type FleetReply =
  | {
      readonly kind: "prepared";
      readonly devices: readonly Device[];
      /** Of all frames, without topic and header. */
      readonly payload_bytes: number;
    }
  | { readonly kind: "connected" }
  | {
      readonly kind: "sent";
      readonly vehicles: readonly SentFrames[];
      readonly receipts: number;
      readonly refusals: number;
    }
  | { readonly kind: "closed" };

import type { TlsIdentity } from "@voltfog/runtime/node";
import type { Target } from "../mqtt/mqtt-connection.ts";

/** What is asked of the process that reads everything a broker forwards. */
export type SubscriberRequest =
  | { readonly kind: "subscribe"; readonly target: Target; readonly identity: TlsIdentity }
  /** Waits until so many messages came; fails after ten seconds without one. */
  | { readonly kind: "await"; readonly messages: number };

export type SubscriberReply =
  | { readonly kind: "subscribed" }
  | {
      readonly kind: "received";
      /** One place for each chunk from the network: when it came, and what had come by then. */
      readonly at_ms: Float64Array;
      readonly messages: Float64Array;
      readonly payload_bytes: Float64Array;
    };

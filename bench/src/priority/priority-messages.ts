import type { Device } from "../ingest/fleet-messages.ts";

/** What is asked of the process that plays the vehicles inside its namespace. */
export type PriorityRequest =
  | {
      readonly kind: "prepare";
      readonly vehicles: readonly string[];
      readonly seed: number;
      readonly start_ms: number;
      /** Who certifies keys; PEM. */
      readonly authority: { readonly certificate: string; readonly key: string };
    }
  | { readonly kind: "make"; readonly framesPerVehicle: number }
  | {
      readonly kind: "connect";
      readonly host: string;
      readonly port: number;
      readonly urgentPort: number;
      /** So many of them, from the first on. */
      readonly vehicles: number;
    }
  | {
      readonly kind: "load";
      /** Frames per second of all vehicles together, at random times (Poisson). */
      readonly frameRate_Hz: number;
      readonly alertRate_Hz: number;
      readonly duration_ms: number;
      /** Alerts of the first part do not count. */
      readonly warmUp_ms: number;
    }
  | {
      readonly kind: "quarantine";
      readonly backboneUrl: string;
      readonly version: number;
    }
  /** From now on no function serves any vehicle: they are not what is measured, and share the processor. */
  | { readonly kind: "functions-off"; readonly backboneUrl: string }
  | { readonly kind: "close" };

export type PriorityReply =
  | { readonly kind: "prepared"; readonly devices: readonly Device[] }
  | { readonly kind: "made"; readonly frame_bytes: number }
  | { readonly kind: "connected" }
  | {
      readonly kind: "loaded";
      /** From each alert's write to its acknowledgement, which comes when it is durable. */
      readonly alerts_ms: Float64Array;
      readonly telemetry_ms: Float64Array;
      /** From the first to the last moment at which the load was offered. */
      readonly duration_ms: number;
      readonly sent: { readonly frames: number; readonly alerts: number };
      readonly unacknowledged: number;
    }
  /** From the controller's request until a quarantined vehicle saw its connection cut. */
  | { readonly kind: "cut"; readonly took_ms: number }
  | { readonly kind: "done" }
  | { readonly kind: "closed" };

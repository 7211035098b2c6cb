import type { ChargerBoard } from "@voltfog/forecasting";
import { type Clock, CodedError } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import type { LiveHub } from "../live/live-hub.ts";
import type { SiteViews } from "../live/site-views.ts";
import type { Remote } from "../remote/remote.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";

/** What the routes answer from. */
export interface ApiContext {
  readonly store: TelemetryStore;
  readonly views: SiteViews;
  readonly hub: LiveHub;
  readonly chargers: ChargerBoard;
  readonly consortium: Consortium;
  readonly controller: Remote | undefined;
  readonly clock: Clock;
  /** Ends requests to other processes when this one stops. */
  readonly signal: AbortSignal;
}

/** A refusal with its HTTP status and stable code. */
export class ApiRefusal extends CodedError {
  readonly statusCode: number;

  constructor(options: { statusCode: number; code: string; message: string }) {
    super(options);
    this.statusCode = options.statusCode;
  }
}

export function notFound(code: string, message: string): ApiRefusal {
  return new ApiRefusal({ statusCode: 404, code, message });
}

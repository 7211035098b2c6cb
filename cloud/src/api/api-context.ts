import type { ChargerBoard } from "@voltfog/forecasting";
import { type Clock, CodedError } from "@voltfog/runtime";
import type { AuditBook } from "../access/audit-book.ts";
import type { FleetDirectory } from "../access/fleet-directory.ts";
import type { Care } from "../care.ts";
import type { ControlDesk } from "../control/control-desk.ts";
import type { ExplorerDesk } from "../explorer/explorer-desk.ts";
import type { Consortium } from "../finality/consortium.ts";
import type { LiveHub } from "../live/live-hub.ts";
import type { SiteViews } from "../live/site-views.ts";
import type { MarketDesk } from "../market/market-desk.ts";
import type { MarketViews } from "../market/market-views.ts";
import type { Remote } from "../remote/remote.ts";
import type { SettlementDesk } from "../settlement/settlement-desk.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";

/** What the routes answer from. */
export interface ApiContext {
  readonly store: TelemetryStore;
  readonly views: SiteViews;
  readonly hub: LiveHub;
  readonly chargers: ChargerBoard;
  readonly fleets: FleetDirectory;
  readonly audit: AuditBook;
  readonly care: Care;
  readonly consortium: Consortium;
  readonly explorer: ExplorerDesk;
  readonly controller: Remote | undefined;
  readonly control: ControlDesk;
  readonly market: MarketViews;
  readonly marketDesk: MarketDesk;
  readonly settlement: SettlementDesk;
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

/** The same words for a vehicle that does not exist and one that the caller may not see. */
export function unknownVehicle(id: string): ApiRefusal {
  return notFound("UNKNOWN_VEHICLE", `no vehicle ${id} has sent data`);
}

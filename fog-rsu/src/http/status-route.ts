import type { Anchor } from "../anchoring/anchor.ts";
import type { Refusals } from "../answers/refusals.ts";
import type { EventRegister } from "../events/event-register.ts";
import type { FindingSink } from "../events/finding-sink.ts";
import type { AssignmentDesk } from "../functions/assignment.ts";
import type { FunctionHost } from "../functions/function-host.ts";
import type { UnitLog } from "../log/unit-log.ts";
import type { App } from "./parameters.ts";

export interface StatusParts {
  readonly id: string;
  readonly log: UnitLog;
  /** Which of its logs the unit writes. */
  readonly logNumber: number;
  readonly anchor: Anchor;
  readonly refusals: Refusals;
  readonly functions: FunctionHost;
  readonly assignment: AssignmentDesk;
  readonly findings: FindingSink;
  readonly events: EventRegister;
  readonly connectedVehicles: () => readonly string[];
}

/** What the controller, the cloud and `voltfog status` want to know of this unit. */
export function addStatusRoute(app: App, parts: StatusParts): void {
  app.get("/v1/status", () => ({
    id: parts.id,
    log: {
      number: parts.logNumber,
      size: parts.log.view.size,
      publishedSize: parts.log.view.published.size,
      finalSize: parts.anchor.finalSize,
    },
    chain: { state: parts.anchor.state, height: parts.anchor.height },
    connectedVehicles: parts.connectedVehicles(),
    refusals: parts.refusals.counts,
    functions: parts.functions.status,
    assignmentVersion: parts.assignment.version,
    findings: parts.findings.count,
    estimates: parts.findings.estimates,
    events: parts.events.cursor,
    eventsPending: parts.events.pendingIds.length,
  }));
}

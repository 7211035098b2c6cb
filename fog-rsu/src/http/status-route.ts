import type { DiskWatch } from "@voltfog/runtime/node";
import type { UnitAnchor } from "../anchoring/unit-anchor.ts";
import type { Refusals } from "../answers/refusals.ts";
import type { ControlStatus } from "../control/control-side.ts";
import type { EventRegister } from "../events/event-register.ts";
import type { FindingSink } from "../events/finding-sink.ts";
import type { AssignmentDesk } from "../functions/assignment.ts";
import type { FunctionHost } from "../functions/function-host.ts";
import type { UnitLog } from "../log/unit-log.ts";
import type { TrafficClass } from "../traffic/class-queue.ts";
import type { PolicyDesk } from "../traffic/policy-desk.ts";
import type { App } from "./parameters.ts";

export interface StatusParts {
  readonly id: string;
  readonly log: UnitLog;
  /** Which of its logs the unit writes. */
  readonly logNumber: number;
  readonly anchor: UnitAnchor;
  readonly refusals: Refusals;
  readonly functions: FunctionHost;
  readonly assignment: AssignmentDesk;
  readonly findings: FindingSink;
  readonly events: EventRegister;
  readonly policies: PolicyDesk;
  /** Streams whose frames wait for their turn, by class. */
  readonly waiting: () => Readonly<Record<TrafficClass, number>>;
  readonly connectedVehicles: () => readonly string[];
  readonly control: () => ControlStatus;
  readonly disk: DiskWatch;
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
    packs: parts.functions.packs.map((pack) => {
      return { ...pack, alerts: parts.events.alertsOf(pack.vehicleId) };
    }),
    takeOvers: parts.functions.takeOvers,
    packagesRefused: parts.functions.refusedPackages,
    assignmentVersion: parts.assignment.version,
    ...parts.control(),
    findings: parts.findings.count,
    estimates: parts.findings.estimates,
    events: parts.events.cursor,
    eventsPending: parts.events.pendingIds.length,
    traffic: { ...parts.policies.status, waiting: parts.waiting() },
    disk: parts.disk.status,
  }));
}

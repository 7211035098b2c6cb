import type { Leadership } from "../leadership/leadership.ts";
import { phaseOf } from "../placement/attachment.ts";
import { LoadBook } from "../placement/load-book.ts";
import type { PlacementBook } from "../placement/placement-book.ts";
import type { LatencyTable } from "../topology/latency-table.ts";
import type { UnitMonitor } from "../topology/unit-monitor.ts";

export interface ViewParts {
  readonly monitors: readonly UnitMonitor[];
  readonly leadership: Leadership;
  readonly book: PlacementBook;
  readonly latencies: LatencyTable;
}

/** GET /v1/topology: who leads, the units, and every latency that was measured between any two. */
export function topologyView({ monitors, leadership, book, latencies }: ViewParts): object {
  const { controllerId, term, role, leader } = leadership;
  const { attachments, needOf } = book;
  const { used } = new LoadBook({ attachments, needOf }).active;
  const nothing = { cpu: 0, memory_MB: 0 };
  return {
    ...{ controllerId, term, role, leader },
    units: monitors.map((monitor) => ({
      ...monitor.health(),
      used: used?.get(monitor.id) ?? nothing,
    })),
    links: monitors.flatMap(({ id: from, status }) =>
      (status?.peers ?? []).map(({ unitId: to, ...measured }) => ({ from, to, ...measured })),
    ),
    vehicles: attachments.map(({ vehicleId }) => ({
      vehicleId,
      latencies: latencies.of(vehicleId),
    })),
  };
}

/** GET /v1/placements: where every vehicle belongs with its functions, and why. Cost: the sum of their latencies. */
export function placementsView({ book, leadership }: ViewParts): object {
  const { attachments } = book;
  return {
    version: book.version,
    term: leadership.term,
    cost: attachments.reduce((sum, { latency_ms }) => sum + (latency_ms ?? 0), 0),
    attachments: attachments.map((attachment) => {
      const { vehicleId, unitId, standbyUnitId, latency_ms, reason, since_ms } = attachment;
      const facts = { vehicleId, unitId, standbyUnitId, phase: phaseOf(attachment), latency_ms };
      const { functions } = book.bundleOf(vehicleId);
      const { considered } = attachment;
      return { ...facts, reason, since_ms, considered, functions };
    }),
    functions: book.functionPlacements,
  };
}

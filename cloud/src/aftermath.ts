import { type Logger, messageOf, type Problem } from "@voltfog/runtime";
import type { EventView } from "./api/responses.ts";
import type { FleetState } from "./live/fleet-state.ts";
import type { IncidentDesk } from "./live/incident-desk.ts";
import type { LiveHub } from "./live/live-hub.ts";
import type { LivePublisher } from "./live/live-publisher.ts";
import type { SiteViews } from "./live/site-views.ts";
import type { CloudMetrics } from "./metrics.ts";
import type {
  BlockRecord,
  EntryBatch,
  EntryCommit,
  FinalDelta,
  TelemetryStore,
} from "./store/telemetry-store.ts";

export interface AftermathParts {
  readonly store: TelemetryStore;
  readonly fleet: FleetState;
  readonly views: SiteViews;
  readonly hub: LiveHub;
  readonly publisher: LivePublisher;
  readonly desk: IncidentDesk;
  readonly metrics: CloudMetrics;
  readonly logger: Logger;
}

/** What follows from a commit: live state, live feed, metrics, and the next stage's turn. */
export class Aftermath {
  readonly #parts: AftermathParts;

  constructor(parts: AftermathParts) {
    this.#parts = parts;
  }

  entriesStored(batch: EntryBatch, commit: EntryCommit): void {
    const { fleet, publisher, metrics } = this.#parts;
    publisher.changed(fleet.applyEntries(batch, commit));
    metrics.entries.inc({ unit: batch.unitId }, batch.rows.length);
    metrics.samples.inc({ unit: batch.unitId }, batch.samples.length);
    const site = this.#parts.views.unit(batch.unitId);
    // A unit whose entries are taken again has mended its log; what the chain contradicts stays.
    if (site?.problem?.code !== "FINAL_ROOT_MISMATCH" && site !== undefined)
      site.problem = undefined;
    this.raise(batch.unitId);
  }

  eventsRecorded(unitId: string, events: readonly EventView[]): void {
    const { fleet, views, hub, publisher, metrics } = this.#parts;
    for (const event of events) {
      fleet.applyEvent(event);
      hub.publish({ type: "event", event });
    }
    views.addEvents(events.map(({ vehicleId }) => vehicleId));
    publisher.changed(events.map(({ vehicleId }) => vehicleId));
    metrics.events.inc({ unit: unitId }, events.length);
  }

  blockFollowed(record: BlockRecord): void {
    const { fleet, views, hub, metrics } = this.#parts;
    views.addBlock(record.view);
    hub.publish({ type: "block", block: record.view });
    metrics.blocks.inc();
    fleet.markFinal(new Set(record.events.map(({ id }) => id)));
    for (const { id } of record.events) this.#publishFinalEvent(id);
    for (const unitId of new Set(record.checkpoints.map((found) => found.unitId))) {
      this.raise(unitId);
    }
  }

  /** Raises the unit's rows as far as they reach, beside everything else. */
  raise(unitId: string): void {
    const { views, logger } = this.#parts;
    views
      .unit(unitId)
      ?.raiserOf(unitId)
      .raise()
      .catch((thrown: unknown) => {
        // The next commit of entries or blocks tries again from where the store is.
        logger.warn("rows not raised", { unit: unitId, reason: messageOf(thrown) });
      });
  }

  rowsRaised(delta: readonly FinalDelta[]): void {
    this.#parts.publisher.changed(this.#parts.fleet.applyFinality(delta));
  }

  /** The unit's log contradicts itself or the chain: shown on the unit's row from now on. */
  async logContradicted(unitId: string, problem: Problem): Promise<void> {
    const site = this.#parts.views.unit(unitId);
    if (site !== undefined) site.problem = problem;
    await this.#parts.desk.report(unitId, problem);
  }

  /** A neighbour served something that was passed over. */
  async answerRejected(neighbourId: string, problem: Problem): Promise<void> {
    await this.#parts.desk.report(neighbourId, problem);
  }

  #publishFinalEvent(id: string): void {
    const { store, hub, publisher, logger } = this.#parts;
    store
      .event(id)
      .then((event) => {
        if (event === undefined) return; // Final before the unit's feed brought it.
        hub.publish({ type: "event", event });
        publisher.changed([event.vehicleId]);
      })
      .catch((thrown: unknown) => {
        logger.warn("final event not shown", { reason: messageOf(thrown) });
      });
  }
}

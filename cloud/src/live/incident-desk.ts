import type { Clock, Logger, Problem } from "@voltfog/runtime";
import { messageOf } from "@voltfog/runtime";
import type { CloudMetrics } from "../metrics.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import type { LiveHub } from "./live-hub.ts";
import type { SiteViews } from "./site-views.ts";
import { sentenceOf } from "./unit-site.ts";

/** Makes a contradiction known in every place where someone may look: log, metrics, store, pages. */
export class IncidentDesk {
  readonly #store: TelemetryStore;
  readonly #views: SiteViews;
  readonly #hub: LiveHub;
  readonly #metrics: CloudMetrics;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: {
    store: TelemetryStore;
    views: SiteViews;
    hub: LiveHub;
    metrics: CloudMetrics;
    clock: Clock;
    logger: Logger;
  }) {
    this.#store = options.store;
    this.#views = options.views;
    this.#hub = options.hub;
    this.#metrics = options.metrics;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Never throws: what cannot be stored is still logged, counted and shown. */
  async report(neighbourId: string, problem: Problem): Promise<void> {
    const { code, detail } = problem;
    this.#logger.error("a neighbour contradicts itself", { neighbour: neighbourId, code, detail });
    this.#metrics.incidents.inc({ code });
    const sentence = sentenceOf(neighbourId, problem);
    const at_ms = this.#clock.wall_ms();
    const incident = await this.#store
      .recordIncident({ code, unitId: neighbourId, sentence, at_ms })
      .catch((thrown: unknown) => {
        this.#logger.error("incident not stored", { reason: messageOf(thrown) });
        const times = { first_ms: at_ms, last_ms: at_ms };
        return { id: 0, code, unitId: neighbourId, sentence, ...times, count: 1 };
      });
    this.#views.addIncident(incident);
    this.#hub.publish({ type: "incident", incident });
  }
}

import type { Clock } from "@voltfog/runtime";
import type { LiveHub } from "./live-hub.ts";
import type { SiteViews } from "./site-views.ts";

const beat_ms = 1000;
const heartbeatEvery = 15;

/** Sends each changed vehicle, and the summary, at most once a second, however fast frames arrive. */
export class LivePublisher {
  readonly #hub: LiveHub;
  readonly #views: SiteViews;
  readonly #clock: Clock;
  readonly #changed = new Set<string>();
  #beats = 0;
  #cancel: (() => void) | undefined;

  constructor(options: { hub: LiveHub; views: SiteViews; clock: Clock }) {
    this.#hub = options.hub;
    this.#views = options.views;
    this.#clock = options.clock;
  }

  start(): void {
    this.#cancel = this.#clock.after(beat_ms, () => {
      this.#beat();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  changed(vehicleIds: Iterable<string>): void {
    for (const id of vehicleIds) this.#changed.add(id);
  }

  #beat(): void {
    this.#beats += 1;
    if (this.#beats % heartbeatEvery === 0) this.#hub.heartbeat();
    const ids = [...this.#changed];
    this.#changed.clear();
    if (this.#hub.clients === 0) return;
    for (const id of ids) {
      const vehicle = this.#views.vehicle(id);
      if (vehicle !== undefined) this.#hub.publish({ type: "vehicle", vehicle });
    }
    this.#hub.publish({ type: "summary", summary: this.#views.summary() });
  }
}

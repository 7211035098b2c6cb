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
    if (this.#beats % heartbeatEvery === 0) void this.#hub.heartbeat();
    const ids = [...this.#changed];
    this.#changed.clear();
    if (this.#hub.clients === 0) return;
    const vehicles = ids.flatMap((id) => this.#views.vehicle(id) ?? []);
    this.#hub.publishAll(vehicles.map((vehicle) => ({ type: "vehicle", vehicle })));
    for (const fleet of this.#hub.fleets()) {
      this.#hub.publish({ type: "summary", summary: this.#views.summary(fleet) }, fleet);
    }
  }
}

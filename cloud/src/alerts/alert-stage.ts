import type { StepVerdict } from "../remote/repeat.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import type { AlertDesk } from "./alert-desk.ts";
import type { AlertStore } from "./alert-store.ts";

const pageMax = 256;
const pause_ms = 500;

/** Shows the desk every stored event once, in order, from where it stood when the process last ended. */
export class AlertStage {
  readonly #parts: {
    readonly store: TelemetryStore;
    readonly alerts: AlertStore;
    readonly desk: AlertDesk;
  };
  #cursor: number | undefined;

  constructor(parts: { store: TelemetryStore; alerts: AlertStore; desk: AlertDesk }) {
    this.#parts = parts;
  }

  async step(): Promise<StepVerdict> {
    const { store, alerts, desk } = this.#parts;
    const cursor = this.#cursor ?? (await alerts.eventCursor());
    const events = await store.eventsAfter({ cursor, limit: pageMax });
    const last = events.at(-1)?.cursor;
    if (last !== undefined) await desk.takeEvents(events, last);
    this.#cursor = last ?? cursor;
    await desk.tick();
    return { pause_ms: events.length === pageMax ? 0 : pause_ms };
  }
}

import type { Clock, VehicleId } from "@voltfog/runtime";
import type { ControllerClient, UnitLatency } from "./controller-client.ts";
import { probeLatency_ms } from "./latency-probe.ts";
import type { UplinkTarget } from "./uplink-session.ts";

const again_ms = 10_000;
/** The first round must not hold up sampling for longer. */
const firstRoundMax_ms = 1000;

/**
 * Measures the way to every unit and tells the controller, every ten seconds. The vehicles of a process
 * share its place and so its latencies; each reports them as its own.
 */
export class FleetLatencies {
  readonly #options: {
    units: readonly UplinkTarget[];
    vehicles: readonly VehicleId[];
    controller: ControllerClient;
    clock: Clock;
  };
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(options: {
    units: readonly UplinkTarget[];
    vehicles: readonly VehicleId[];
    controller: ControllerClient;
    clock: Clock;
  }) {
    this.#options = options;
  }

  /** Resolves after the first report, or after a second without one. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(firstRoundMax_ms, resolve);
      void this.#round().then(resolve);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #round(): Promise<void> {
    const { units, vehicles, controller, clock } = this.#options;
    const measured = await Promise.all(
      units.map(async (target): Promise<UnitLatency[]> => {
        const latency_ms = await probeLatency_ms(target, clock);
        return latency_ms === undefined ? [] : [{ unitId: target.unitId, latency_ms }];
      }),
    );
    const latencies = measured.flat();
    if (latencies.length > 0) {
      await Promise.all(vehicles.map((id) => controller.reportLatencies(id, latencies)));
    }
    if (!this.#stopped) this.#cancel = clock.after(again_ms, () => void this.#round());
  }
}

import type { Clock, UnitId, VehicleId } from "@voltfog/runtime";
import type { ControllerClient, VehicleLatencies } from "./controller-client.ts";
import type { UplinkTarget } from "./uplink-session.ts";

const again_ms = 2000;
const warmUpMax_ms = 500;
/** The first round must not hold up sampling for longer. */
const firstRoundMax_ms = 1000;
/** Vehicles in one report; a large fleet sends several. */
const reportMax = 200;

/** One vehicle as latencies and the controller's answer concern it. */
export interface ReportingVehicle {
  readonly vehicleId: VehicleId;
  /** The unit it is connected to. */
  readonly unitId: UnitId | undefined;
  /** Least time of late from a publish to its acknowledgement there; undefined before the first. */
  readonly roundTrip_ms: number | undefined;
  /** Where it is connected is dead, or the controller has another place for it: time to ask. */
  reconsider(): void;
}

export interface FleetLatenciesOptions {
  readonly units: readonly UplinkTarget[];
  readonly vehicles: readonly ReportingVehicle[];
  readonly controller: ControllerClient;
  /** Round trip to a unit; undefined where it does not answer. */
  readonly probe: (target: UplinkTarget) => Promise<number | undefined>;
  readonly clock: Clock;
}

/**
 * Measures the way to every unit and tells the controller, every two seconds. The vehicles of a process
 * share its place and so its latencies; each adds the round trip of its own connection. The answer names
 * the unit of each vehicle, so that a move is known at once and nobody need ask for himself.
 */
export class FleetLatencies {
  readonly #options: FleetLatenciesOptions;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(options: FleetLatenciesOptions) {
    this.#options = options;
  }

  /** Resolves after the first report, or after a second without one. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(firstRoundMax_ms, resolve);
      void this.#warmUp()
        .then(() => this.#round())
        .then(resolve);
    });
  }

  /** The first handshake of a process takes long by itself: counted, it would set back the unit listed first. */
  async #warmUp(): Promise<void> {
    const { units, probe, clock } = this.#options;
    let cancel = (): void => {};
    const inTime = new Promise<void>((resolve) => {
      cancel = clock.after(warmUpMax_ms, resolve);
    });
    await Promise.race([Promise.all(units.map(probe)), inTime]);
    cancel();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #round(): Promise<void> {
    const { units, vehicles, probe, clock } = this.#options;
    const measured = await Promise.all(
      units.map(async (target) => {
        const latency_ms = await probe(target);
        if (latency_ms === undefined) this.#unreachable(target.unitId);
        return latency_ms === undefined ? [] : [{ unitId: target.unitId, latency_ms }];
      }),
    );
    const latencies = measured.flat();
    for (let i = 0; i < vehicles.length && latencies.length > 0; i += reportMax) {
      await this.#report(vehicles.slice(i, i + reportMax), latencies);
    }
    if (!this.#stopped) this.#cancel = clock.after(again_ms, () => void this.#round());
  }

  /** A connection to a unit that stands still stays open: the probe notices first. */
  #unreachable(unitId: UnitId): void {
    for (const vehicle of this.#options.vehicles) {
      if (vehicle.unitId === unitId) vehicle.reconsider();
    }
  }

  async #report(
    vehicles: readonly ReportingVehicle[],
    latencies: VehicleLatencies["latencies"],
  ): Promise<void> {
    const reports = vehicles.map(({ vehicleId, unitId, roundTrip_ms: mqtt_ms }) => ({
      vehicleId,
      latencies: latencies.map((one) =>
        one.unitId === unitId && mqtt_ms !== undefined ? { ...one, mqtt_ms } : one,
      ),
    }));
    const places = await this.#options.controller.reportLatencies(reports);
    for (const vehicle of vehicles) {
      const place = places?.get(vehicle.vehicleId);
      const { unitId } = vehicle;
      if (place !== undefined && unitId !== undefined && place !== unitId) vehicle.reconsider();
    }
  }
}

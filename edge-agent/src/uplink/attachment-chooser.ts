import type { Clock, VehicleId } from "@voltfog/runtime";
import type { ControllerClient } from "./controller-client.ts";
import { sameTarget, type UplinkTarget } from "./uplink-session.ts";

/** A unit that could not be reached is not tried again for so long while there is another. */
const avoid_ms = 10_000;

/** Says which unit to connect to: the controller's choice, or the listed units in turn. */
export class AttachmentChooser {
  readonly #options: {
    vehicleId: VehicleId;
    controller: ControllerClient;
    units: readonly UplinkTarget[];
    clock: Clock;
  };
  #next: number;
  #failed: { target: UplinkTarget; at_ms: number }[] = [];

  constructor(options: {
    vehicleId: VehicleId;
    controller: ControllerClient;
    units: readonly UplinkTarget[];
    clock: Clock;
    /** Where in the list this vehicle begins, so that a fleet without a controller spreads out. */
    startAt: number;
  }) {
    this.#options = options;
    this.#next = options.startAt;
  }

  /** Undefined only when the controller does not answer and no unit is listed. */
  async choose(): Promise<UplinkTarget | undefined> {
    const asked = await this.asked();
    if (asked !== undefined && !this.#avoids(asked)) return asked;
    const { units } = this.#options;
    const turn = units.map((_, i) => units[(this.#next + i) % units.length] as UplinkTarget);
    const chosen = turn.find((target) => !this.#avoids(target)) ?? asked ?? turn[0];
    return chosen;
  }

  /** The controller's choice alone. */
  asked(): Promise<UplinkTarget | undefined> {
    return this.#options.controller.attachment(this.#options.vehicleId);
  }

  /** The unit could not be reached or refused the vehicle. */
  failed(target: UplinkTarget): void {
    this.#failed = this.#failed.filter((known) => !sameTarget(known.target, target));
    this.#failed.push({ target, at_ms: this.#options.clock.monotonic_ms() });
    const place = this.#options.units.findIndex((unit) => sameTarget(unit, target));
    if (place >= 0) this.#next = place + 1;
  }

  #avoids(target: UplinkTarget): boolean {
    const oldest_ms = this.#options.clock.monotonic_ms() - avoid_ms;
    this.#failed = this.#failed.filter(({ at_ms }) => at_ms > oldest_ms);
    return this.#failed.some((known) => sameTarget(known.target, target));
  }
}

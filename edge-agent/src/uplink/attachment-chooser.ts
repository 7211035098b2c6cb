import type { Clock, VehicleId } from "@voltfog/runtime";
import type { ControllerClient } from "./controller-client.ts";
import { sameTarget, type UplinkTarget } from "./uplink-session.ts";

/** A unit that could not be reached is not tried again for so long while there is another. */
const avoid_ms = 10_000;
/** A controller that still names a unit that has just failed is given so long to see it too. */
const patience_ms = 3000;

/** Says which unit to connect to: the controller's choice, or the listed units in turn. */
export class AttachmentChooser {
  readonly #options: {
    vehicleId: VehicleId;
    controller: ControllerClient;
    units: readonly UplinkTarget[];
    clock: Clock;
  };
  #next: number;
  #failed: { target: UplinkTarget; first_ms: number; at_ms: number }[] = [];

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

  /**
   * Undefined when the controller does not answer and no unit is listed. "soon" when the controller still
   * names a unit that has just failed: it is about to see that too, and then names the unit that holds the
   * state of this vehicle's functions.
   */
  async choose(): Promise<UplinkTarget | "soon" | undefined> {
    const asked = await this.#asked();
    if (asked !== undefined) {
      const failure = this.#failureOf(asked);
      if (failure === undefined) return asked;
      if (this.#options.clock.monotonic_ms() - failure.first_ms < patience_ms) return "soon";
    }
    const { units } = this.#options;
    const turn = units.map((_, i) => units[(this.#next + i) % units.length] as UplinkTarget);
    const chosen = turn.find((one) => this.#failureOf(one) === undefined) ?? asked ?? turn[0];
    return chosen;
  }

  /** The controller's choice where it is another unit than this one and has not just failed. */
  async better(present: UplinkTarget): Promise<UplinkTarget | undefined> {
    const asked = await this.#asked();
    if (asked === undefined || sameTarget(asked, present)) return undefined;
    // It would be passed over once more, and the working connection be given up for nothing.
    return this.#failureOf(asked) === undefined ? asked : undefined;
  }

  /** The unit could not be reached or refused the vehicle. */
  failed(target: UplinkTarget): void {
    const at_ms = this.#options.clock.monotonic_ms();
    const first_ms = this.#failureOf(target)?.first_ms ?? at_ms;
    this.#failed = this.#failed.filter((known) => !sameTarget(known.target, target));
    this.#failed.push({ target, first_ms, at_ms });
    const place = this.#options.units.findIndex((unit) => sameTarget(unit, target));
    if (place >= 0) this.#next = place + 1;
  }

  /** It was connected: what failed before is over. */
  reached(target: UplinkTarget): void {
    this.#failed = this.#failed.filter((known) => !sameTarget(known.target, target));
  }

  #asked(): Promise<UplinkTarget | undefined> {
    return this.#options.controller.attachment(this.#options.vehicleId);
  }

  #failureOf(target: UplinkTarget): { first_ms: number } | undefined {
    const oldest_ms = this.#options.clock.monotonic_ms() - avoid_ms;
    this.#failed = this.#failed.filter(({ at_ms }) => at_ms > oldest_ms);
    return this.#failed.find((known) => sameTarget(known.target, target));
  }
}

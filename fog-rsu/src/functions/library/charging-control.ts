import { type ChargeDecision, type ChargeLimit, ChargingControl } from "@voltfog/battery";
import {
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type { FunctionSample, NetworkFunction, OpenCondition } from "../network-function.ts";
import { OneCondition } from "./one-condition.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedCell, servedPack } from "./served-pack.ts";
import { rateSetting } from "./settings.ts";
import { StandingRequest } from "./standing-request.ts";

const full_A: number = servedPack.chargeCurrentMax_A[0];
/** Currents within this share of capacity per hour are neither charge nor drive. */
const restRate = 0.02;
/** A drive also charges, for seconds: a charge is what goes on for a minute. */
const beginsAfter_ms = 60_000;
/** A charge that nothing limits is over when nothing flowed for so long. One that is held at 0 waits. */
const endsAfter_ms = 600_000;
const hold_ms = 60_000;
/** A limit counts from this multiple of the current on: a charger needs time to follow. */
const room = 1.2;

const words: Readonly<Record<ChargeLimit, string>> = {
  charger: "nothing of the pack limits it",
  voltage: "the fullest cell is near its end",
  temperature: "the temperature allows no more",
  plating: "more could plate lithium on the coldest anode",
  health: "resistance has grown with age",
  departure: "there is time until departure",
  done: "the charge is complete",
  sensor: "cells or temperatures cannot be believed",
};

/** Asks for the charge current that cells, temperature and anode allow, while a vehicle charges. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "charging-control",
    version: "1.1.0",
    inputs: ["telemetry"],
    rate_Hz: 1,
    cpu: 0.05,
    memory_MB: 64,
    latencyClass: "control",
    cpuPerVehicle: 0.00001,
    memoryPerVehicle_MB: 0.003,
    settings: [
      rateSetting({ default: 1, min: 0.1, max: 1 }),
      {
        name: "currentShare",
        default: 1,
        min: 0.2,
        max: 1,
        unit: "",
        description: "share of the pack's full charge current that is asked for at most",
      },
    ],
  },
  start({ open, settingsOf }) {
    const vehicles = new PerVehicle(
      (vehicleId) =>
        new VehicleCharge(open.filter((condition) => condition.vehicleId === vehicleId)),
    );
    return {
      onSample(sample, findings) {
        const vehicle = vehicles.of(sample.vehicleId);
        const decision = vehicle.decide(sample);
        const { currentShare = 1 } = settingsOf(sample.vehicleId);
        const set_A = currentShare * full_A;
        const isSet = currentShare < 1 && decision !== free && set_A < decision.current_A;
        const least_A = isSet ? set_A : decision.current_A;
        // A limit far above what flows limits nothing.
        const isNear = least_A <= room * Math.max(0, sample.packCurrent_A);
        const isBinding = (isSet || decision.limit !== "charger") && isNear;
        const current_A = isBinding ? Math.min(full_A, least_A) : full_A;
        const value = Math.round(10 * current_A) / 10;
        const because = isSet
          ? `${Math.round(100 * currentShare)} % is set`
          : words[decision.limit];
        vehicle.request.update(
          { kind: "limit-charge-current", value, because },
          { isStanding: isBinding, sample, findings },
        );
        const change = vehicle.condition.update(
          {
            level: isBinding && !isSet && isProtecting(decision.limit) ? 1 : 0,
            cell: null,
            value,
            limit: full_A,
            unit: "A",
            sentence: `the charge of ${sample.vehicleId} is to stay within ${value} A: ${because}`,
          },
          sample.monotonic_ms,
        );
        if (change !== undefined) findings.condition(change);
      },
      stateOf: (vehicleId) => vehicles.stateOf(vehicleId),
      adopt: (vehicleId, state) => vehicles.adopt(vehicleId, state),
    };
  },
};

/** What is news of a charge: the taper at its end is not. */
function isProtecting(limit: ChargeLimit): boolean {
  return limit === "temperature" || limit === "plating" || limit === "health" || limit === "sensor";
}

const free: ChargeDecision = { current_A: full_A, limit: "charger" };

/** Tells a charge from a drive by the current alone, and has one controller for each charge. */
class VehicleCharge implements Movable {
  readonly request = new StandingRequest();
  readonly condition: OneCondition;
  #control: ChargingControl | undefined;
  #flowsSince_ms: number | undefined;
  #flowed_ms = 0;

  constructor(open: readonly OpenCondition[]) {
    const name = "charge-limited";
    this.condition = new OneCondition({ name, class: "charging-control", hold_ms, open });
  }

  decide(sample: FunctionSample): ChargeDecision {
    const now_ms = sample.monotonic_ms;
    const rate = sample.packCurrent_A / servedPack.capacity_Ah;
    if (rate > restRate) {
      this.#flowsSince_ms = Math.min(this.#flowsSince_ms ?? now_ms, now_ms);
      this.#flowed_ms = now_ms;
      if (now_ms - this.#flowsSince_ms >= beginsAfter_ms) this.#control ??= newControl();
    } else if (rate < -restRate) this.#end();
    const decision = this.#control?.decide(sample) ?? free;
    const isIdle = now_ms - this.#flowed_ms > endsAfter_ms || now_ms < this.#flowed_ms;
    if (isIdle && decision.current_A > 0) this.#end();
    return decision;
  }

  save(): SavedState {
    return {
      request: this.request.save(),
      condition: this.condition.save(),
      control: this.#control?.save() ?? null,
      flowsSince_ms: orNull(this.#flowsSince_ms),
      flowed_ms: this.#flowed_ms,
    };
  }

  restore(from: StateReader): void {
    this.request.restore(from.object("request"));
    this.condition.restore(from.object("condition"));
    const control = from.maybeObject("control");
    this.#control = control && newControl();
    if (control !== undefined) this.#control?.restore(control);
    this.#flowsSince_ms = from.maybe("flowsSince_ms", savedTime_ms);
    this.#flowed_ms = from.number("flowed_ms", savedTime_ms);
    from.end();
  }

  #end(): void {
    this.#control = undefined;
    this.#flowsSince_ms = undefined;
  }
}

function newControl(): ChargingControl {
  return new ChargingControl({
    capacity_Ah: servedPack.capacity_Ah,
    cell: {
      resistancePerRate: servedCell.ohmicPerRate + servedCell.fastPerRate + servedCell.slowPerRate,
      arrhenius_K: servedCell.arrhenius_K,
      chargeEnd_V: servedCell.chargeEnd_V,
    },
    currentMax_A: full_A,
    // Neither target nor departure reaches the unit yet: the pack is charged full, as fast as is safe.
    targetSoc: 1,
  });
}

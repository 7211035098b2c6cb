import { servedPack } from "./library/served-pack.ts";

/** What a vehicle does with its pack. */
export type VehicleUse = "charging" | "driving" | "resting";

/** Currents within this share of capacity per hour are rest, as charging-control has it. */
const rest_A: number = 0.02 * servedPack.capacity_Ah;
/** Recuperation lasts seconds: a charge is what goes on for a minute without a discharge. */
const chargeMin_ms = 60_000;
/** A vehicle waits at a light: it rests when nothing flowed for two minutes. */
const restMin_ms = 120_000;

/**
 * Tells charge, drive and rest by the current alone. At the first sample, and after a start of the vehicle's
 * agent, the sign of the current decides.
 */
export class UseMeter {
  #use: VehicleUse | undefined;
  #boot: number | undefined;
  #chargesSince_ms: number | undefined;
  #flowed_ms = 0;

  update(sample: { boot: number; monotonic_ms: number; packCurrent_A: number }): void {
    const { boot, monotonic_ms: now_ms, packCurrent_A } = sample;
    if (boot !== this.#boot) {
      this.#boot = boot;
      this.#use = undefined;
      this.#chargesSince_ms = undefined;
    }
    if (packCurrent_A > rest_A) {
      this.#flowed_ms = now_ms;
      this.#chargesSince_ms = Math.min(this.#chargesSince_ms ?? now_ms, now_ms);
      const isCharge = now_ms - this.#chargesSince_ms >= chargeMin_ms;
      this.#use = isCharge || this.#use === undefined ? "charging" : this.#use;
    } else if (packCurrent_A < -rest_A) {
      this.#flowed_ms = now_ms;
      this.#chargesSince_ms = undefined;
      this.#use = "driving";
    } else if (this.#use === undefined || now_ms - this.#flowed_ms >= restMin_ms) {
      this.#chargesSince_ms = undefined;
      this.#use = "resting";
    }
  }

  get use(): VehicleUse {
    return this.#use ?? "resting";
  }
}

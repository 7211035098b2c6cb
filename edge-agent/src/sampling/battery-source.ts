import type { BatterySample, DataOrigin } from "@voltfog/messages";

/** One reading and where it comes from. */
export interface Reading {
  readonly origin: DataOrigin;
  /** In words, e.g. "LG HG2 US06 25 degC". */
  readonly source: string;
  readonly sample: BatterySample;
}

/** What the vehicle's own controls allow now; the fog asks for it, the edge decides. */
export interface PackLimits {
  /** Both as magnitudes; infinite where nothing limits. */
  readonly chargeMax_A: number;
  readonly dischargeMax_A: number;
  /** 0 off to 1 full. */
  readonly cooling: number;
  readonly heating: number;
  /** Cells that are bled now, by index in series. */
  readonly bleed: readonly number[];
}

/** What of a pack can be acted on. */
export interface PackAbilities {
  readonly cooling: boolean;
  readonly heating: boolean;
  /** Each cell has a resistor that can be switched. */
  readonly bleeding: boolean;
}

export const noLimits: PackLimits = {
  chargeMax_A: Number.POSITIVE_INFINITY,
  dischargeMax_A: Number.POSITIVE_INFINITY,
  cooling: 0,
  heating: 0,
  bleed: [],
};

/** A pack that can be read: replayed, simulated or, through an adapter, real. */
export interface BatterySource {
  readonly abilities: PackAbilities;
  /** Moves on by one sampling period under these limits and reads. Never throws for a bad reading. */
  read(at: { wall_ms: number; monotonic_ms: number; limits: PackLimits }): Reading;
}

/** Whose rows a fit has seen. */
export interface FitProvenance {
  readonly dataset: string;
  readonly licence: string;
  /** SHA-256 of each file that rows were taken from, unpacked. */
  readonly files: readonly { readonly file: string; readonly sha256: string }[];
  /** SHA-256 over the values of all rows used, in order. */
  readonly rowsSha256: string;
  readonly rows: number;
  readonly runs: readonly string[];
}

/**
 * An equivalent circuit with one ohmic and one charge-transfer resistance and three relaxing terms, all
 * of which depend on state of charge z and temperature T:
 *
 *   V = OCV(z, T) + s(T)·[R0·I + Rn·f(I) + R1·x1 + R2·x2 + R3·x3] + M(z)·h + M0·sign
 *
 * f(I) = I0·asinh(I/I0) drives x1, I drives x2 and x3; x⁺ = a·x + (1 − a)·u with a = exp(−Δt/τ);
 * s(T) = exp(E·(1/T − 1/298.15 K)). The one-state hysteresis h (Plett 2004) and the sign of the last
 * current are zero where the cell shows none. Charge counts positive.
 */
export interface CellParameters {
  readonly version: 1;
  readonly name: string;
  readonly chemistry: "nmc" | "lfp" | "lmo";
  readonly capacity_Ah: number;
  /** Current above which charge transfer answers logarithmically. */
  readonly exchange_A: number;
  readonly arrhenius_K: number;
  readonly fast_s: number;
  readonly medium_s: number;
  readonly slow_s: number;
  /** How many times over a full charge moves the hysteresis from one side to the other; 0: none. */
  readonly hysteresisRate: number;
  /** Charges at which the open-circuit voltage stands, rising from 0 to 1. */
  readonly ocvSoc: readonly number[];
  readonly ocv_V: readonly number[];
  /** OCV changes by d·(c0 + c1·z + c2·z²) + c3·d², with d = (T − 25 °C)/25 °C. */
  readonly ocvWarmth_V: readonly number[];
  /** Grid of the resistances. */
  readonly resistanceSoc: readonly number[];
  readonly resistance_degC: readonly number[];
  /** R0, Rn, R1, R2, R3: per temperature, per charge. */
  readonly resistance_Ohm: readonly (readonly (readonly number[])[])[];
  readonly hysteresisSoc: readonly number[];
  readonly hysteresis_V: readonly number[];
  readonly sign_V: number;
  /** What the fit leaves over at each of `resistance_degC`, root mean square. */
  readonly rmse_V: readonly number[];
  /** Tuning of the filter that was chosen on the training runs. */
  readonly filter: FilterTuning;
  readonly provenance: FitProvenance;
}

export interface FilterTuning {
  /** The variance of a voltage is this times the fit's: what the model misses lasts for minutes. */
  readonly varianceFactor: number;
  /** The same again below a charge of 0.12, where the cell is hardest to describe. */
  readonly lowChargeFactor: number;
  /** Standard deviation of a current sensor's offset at the start; 0: not estimated. */
  readonly bias_A: number;
}

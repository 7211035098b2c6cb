import type { PackSample } from "../pack-sample.ts";
import type { SimulatedCell } from "../simulation/simulated-cell.ts";

/** Per cell of 150 Ah, as in the simulator's specification: J/K, and W/K to the coolant. */
const thermalMass = 2420;
const transfer = 3;
/** With the pump off. */
const parkedShare = 0.25;
const noise_degC = 0.15;
/** Random walks per √hour: of the coolant's temperature and of the cooling itself. */
const coolantWalk_K = 0.8;
const coolingWalk = 0.03;
const temperatureWalk_K = 0.05;
/** Cooling below this share of what it should be is a fault … */
const least = 0.35;
/** … once the estimate is this sure, and has stayed there this long. */
const sigmas = 3;
const held_s = 3600;
const reference_K = 298.15;
const zero_K = 273.15;

/**
 * Estimates how well the pack is cooled, as a share of what it should be, from how it warms under load and
 * cools at rest: a Kalman filter of pack temperature, coolant temperature and cooling share.
 */
export class CoolingWatch {
  readonly #cell: SimulatedCell;
  readonly #capacity_Ah: number;
  /** [T, Tc, g] and their covariance by rows. */
  #x: [number, number, number] | undefined;
  #p = [0.3, 0, 0, 0, 9, 0, 0, 0, 0.09];
  #last_ms = 0;
  #low_s = 0;

  constructor(options: { cell: SimulatedCell; capacity_Ah: number }) {
    this.#cell = options.cell;
    this.#capacity_Ah = options.capacity_Ah;
  }

  /** The share of cooling that is there; 1 is as it should be. */
  get cooling(): number {
    return this.#x?.[2] ?? 1;
  }

  /** A score of 1 is an alarm. */
  update(sample: PackSample, isParked: boolean): number {
    const pack_degC = middle(sample.temperature_degC);
    const step_s = (sample.monotonic_ms - this.#last_ms) / 1000;
    this.#last_ms = sample.monotonic_ms;
    if (this.#x === undefined || !(step_s > 0 && step_s <= 3600)) {
      this.#x ??= [pack_degC, pack_degC, 1];
      return 0;
    }
    this.#predict(sample, isParked, step_s);
    this.#correct(pack_degC);
    const sigma = Math.sqrt(Math.max(1e-6, this.#p[8] ?? 1));
    const [, , cooling] = this.#x;
    const score = (1 - cooling) / Math.max(1 - least, sigmas * sigma);
    this.#low_s = score >= 1 ? this.#low_s + step_s : 0;
    return this.#low_s >= held_s || score < 1 ? Math.max(0, score) : 0.99;
  }

  #predict(sample: PackSample, isParked: boolean, step_s: number): void {
    const [temperature_degC, coolant_degC, cooling] = this.#x ?? [0, 0, 1];
    const rate = sample.packCurrent_A / this.#capacity_Ah;
    const { ohmicPerRate, fastPerRate, slowPerRate, arrhenius_K, entropyPerKelvin } = this.#cell;
    const cell_K = temperature_degC + zero_K;
    const factor = Math.exp(arrhenius_K * (1 / cell_K - 1 / reference_K));
    // Per 150 Ah, as the constants above.
    const heat_W =
      150 *
      rate *
      (rate * factor * (ohmicPerRate + fastPerRate + slowPerRate) + entropyPerKelvin * cell_K);
    const perJoule = step_s / thermalMass;
    const share = transfer * (isParked ? parkedShare : 1) * perJoule;
    const pull = Math.min(1, share * Math.max(0, cooling));
    this.#x = [
      temperature_degC + heat_W * perJoule - pull * (temperature_degC - coolant_degC),
      coolant_degC,
      cooling,
    ];
    const a = 1 - pull;
    const c = -share * (temperature_degC - coolant_degC);
    const hours = step_s / 3600;
    const p = this.#p;
    const [p00 = 0, p01 = 0, p02 = 0, , p11 = 0, p12 = 0, , , p22 = 0] = p;
    const n00 =
      a * a * p00 +
      pull * pull * p11 +
      c * c * p22 +
      2 * (a * pull * p01 + a * c * p02 + pull * c * p12);
    const n01 = a * p01 + pull * p11 + c * p12;
    const n02 = a * p02 + pull * p12 + c * p22;
    this.#p = [
      n00 + temperatureWalk_K ** 2 * hours,
      n01,
      n02,
      n01,
      p11 + coolantWalk_K ** 2 * hours,
      p12,
      n02,
      p12,
      Math.min(0.25, p22 + coolingWalk ** 2 * hours),
    ];
  }

  #correct(pack_degC: number): void {
    const [p00 = 0, p01 = 0, p02 = 0, , p11 = 0, p12 = 0, , , p22 = 0] = this.#p;
    const s = p00 + noise_degC ** 2;
    const [temperature_degC, coolant_degC, cooling] = this.#x ?? [0, 0, 1];
    const surprise = pack_degC - temperature_degC;
    this.#x = [
      temperature_degC + (p00 / s) * surprise,
      coolant_degC + (p01 / s) * surprise,
      Math.max(-0.2, Math.min(2, cooling + (p02 / s) * surprise)),
    ];
    const n01 = p01 - (p00 * p01) / s;
    const n02 = p02 - (p00 * p02) / s;
    const n12 = p12 - (p01 * p02) / s;
    this.#p = [
      p00 - (p00 * p00) / s,
      n01,
      n02,
      n01,
      p11 - (p01 * p01) / s,
      n12,
      n02,
      n12,
      p22 - (p02 * p02) / s,
    ];
  }
}

/** Mean of the sensors but the two outermost, which may be faulty. */
function middle(temperatures: Float32Array): number {
  let sum = 0;
  let least_degC = Number.POSITIVE_INFINITY;
  let most_degC = Number.NEGATIVE_INFINITY;
  for (const each of temperatures) {
    sum += each;
    if (each < least_degC) least_degC = each;
    if (each > most_degC) most_degC = each;
  }
  return temperatures.length > 4
    ? (sum - least_degC - most_degC) / (temperatures.length - 2)
    : sum / temperatures.length;
}

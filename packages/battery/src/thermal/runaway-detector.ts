import {
  type Movable,
  packNumbers,
  type SavedState,
  type StateReader,
  savedNumber,
} from "@voltfog/runtime";

/** One reading of one cell or sensor. A value that is missing is NaN. */
export interface ThermalReading {
  readonly t_s: number;
  readonly cell_degC: number;
  readonly voltage_V: number;
  /**
   * What load, charge and the other cells let one expect of the voltage. NaN where nothing does: then
   * the voltage's own past stands in, which is right only for a cell at rest.
   */
  readonly expected_V: number;
}

export type ThermalTier = 0 | 1 | 2 | 3;

export interface ThermalVerdict {
  readonly tier: ThermalTier;
  /** That the cell runs away: tier 3 from 0.5. */
  readonly probability: number;
  /** What is known of it, for people; empty at tier 0. */
  readonly cause: string;
  /** From tier 2: what the probability is made of, each in its unit of weight. */
  readonly signs: ThermalSigns | undefined;
}

/** Rise over the window in 10 °C, rate over 1 s in 10 °C/s, lost voltage in tenths; at least 0. */
export type ThermalSigns = readonly [rise: number, rate: number, sag: number];

export interface ThermalRules {
  /** Highest temperature that the maker allows. */
  readonly limit_degC: number;
  /** Look back for what was usual. */
  readonly window_s: number;
  /** Rise over the median of the window that one of three readings in a row must show, and each. */
  readonly rise_degC: number;
  readonly riseEach_degC: number;
  /** Change between two of them: a sensor that jumped and now stands still is a fault of the sensor. */
  readonly restless_degC: number;
  /** And more than this many times what it usually changes by: a noisy sensor is a fault too. */
  readonly restlessFactor: number;
  /** Share of the voltage that is lost for two readings in a row: at rest, and against an expectation. */
  readonly sagAtRest: number;
  readonly sagUnderLoad: number;
  /** Of the probability: constant, per 10 °C of rise, per 10 °C/s of rate, per tenth of lost voltage. */
  readonly weights: readonly [number, number, number, number];
}

/** GB 38031-2025 C.5.3.7: a quarter of the voltage, 1 °C/s, for 3 s. */
const standard = { sag: 0.25, rate: 1, time_s: 3 } as const;
/** Values outside are broken wires, not temperatures. */
const credible_degC = { low: -45, high: 1500 } as const;
/** Steps of a heating that is too even to be restless. */
const steady = { step_degC: 0.25, up: 7, down: 1 } as const;
/** Readings kept at most, whatever the rate. */
const keptMax = 256;
/** Characters of a cause. */
const causeMax = 300;

interface Kept {
  readonly t_s: number;
  readonly cell_degC: number;
  readonly voltage_V: number;
  readonly sag: number;
}

/**
 * Looks for thermal runaway in one cell's temperature and voltage, causally. Tier 1: the maker's limit,
 * or the confirmation of GB 38031-2025 C.5.3.7; nothing suppresses it. Tier 2: three readings in a row
 * that rise as no cell in service and no single broken sensor does, or a voltage that breaks down
 * unexplained. Tier 3: the probability of a runaway passes one half. A tier stays until reset.
 */
export class RunawayDetector implements Movable {
  readonly #rules: ThermalRules;
  readonly #kept: Kept[] = [];
  #tier: ThermalTier = 0;
  #cause = "";
  #probability = 0;
  #signs: ThermalSigns | undefined;

  constructor(rules: ThermalRules) {
    this.#rules = rules;
  }

  /** Total: missing values and times that run back give the verdict that stood. */
  update(reading: ThermalReading): ThermalVerdict {
    const last = this.#kept.at(-1);
    if (Number.isFinite(reading.t_s) && !(last !== undefined && reading.t_s <= last.t_s)) {
      this.#take(reading);
    }
    return {
      tier: this.#tier,
      probability: this.#probability,
      cause: this.#cause,
      signs: this.#signs,
    };
  }

  save(): SavedState {
    const kept = this.#kept.flatMap(({ t_s, cell_degC, voltage_V, sag }) => {
      return [t_s, cell_degC, voltage_V, sag];
    });
    return {
      readings: this.#kept.length,
      kept: packNumbers(kept),
      tier: this.#tier,
      cause: this.#cause,
      probability: this.#probability,
      signs: this.#signs === undefined ? null : packNumbers(this.#signs),
    };
  }

  restore(from: StateReader): void {
    const readings = from.whole("readings", { min: 0, max: keptMax });
    const kept = from.numbers("kept", { ...savedNumber, length: 4 * readings, mayBeNaN: true });
    const at = (place: number): number => kept[place] ?? Number.NaN;
    this.#kept.length = 0;
    for (let i = 0; i < kept.length; i += 4) {
      const [cell_degC, voltage_V] = [at(i + 1), at(i + 2)];
      this.#kept.push({ t_s: at(i), cell_degC, voltage_V, sag: at(i + 3) });
    }
    this.#tier = from.oneOf("tier", [0, 1, 2, 3]);
    this.#cause = from.text("cause", causeMax);
    this.#probability = from.number("probability", { min: 0, max: 1 });
    const [rise, rate, sag] = from.maybeNumbers("signs", { min: 0, max: 1e12, length: 3 }) ?? [];
    this.#signs =
      rise === undefined || rate === undefined || sag === undefined ? undefined : [rise, rate, sag];
    from.end();
  }

  #take(reading: ThermalReading): void {
    const { cell_degC } = reading;
    const isCredible = cell_degC >= credible_degC.low && cell_degC <= credible_degC.high;
    const now: Kept = {
      t_s: reading.t_s,
      cell_degC: isCredible ? cell_degC : Number.NaN,
      voltage_V: reading.voltage_V,
      sag: this.#sagOf(reading),
    };
    this.#forget(reading.t_s);
    const before = this.#kept.at(-1);
    this.#judgeStandard(now);
    if (before !== undefined) this.#judgeBreakdown(now, { before, atRest: Number.isNaN(reading.expected_V) }); // biome-ignore format: one line
    this.#kept.push(now);
    if (this.#kept.length > keptMax) this.#kept.shift();
    this.#judgeProbability(now);
  }

  /** Lost share of the expected voltage, else of the highest in the window. */
  #sagOf({ voltage_V, expected_V }: ThermalReading): number {
    const usual_V = Number.isNaN(expected_V)
      ? this.#kept.reduce((most, kept) => Math.max(most, kept.voltage_V || 0), 0)
      : expected_V;
    return usual_V > 0 ? 1 - voltage_V / usual_V : Number.NaN;
  }

  #forget(now_s: number): void {
    while (this.#kept.length > 2 && now_s - (this.#kept[0]?.t_s ?? 0) > this.#rules.window_s) {
      this.#kept.shift();
    }
  }

  #judgeStandard(now: Kept): void {
    const { limit_degC } = this.#rules;
    const isHot = now.cell_degC >= limit_degC;
    if (isHot) this.#raise(1, `${now.cell_degC} °C, at most ${limit_degC}`);
    const earlier = this.#kept.findLast(({ t_s }) => now.t_s - t_s >= standard.time_s);
    if (earlier === undefined) return;
    const rate = (now.cell_degC - earlier.cell_degC) / (now.t_s - earlier.t_s);
    if (rate < standard.rate || !(isHot || now.sag > standard.sag)) return;
    this.#raise(1, `rises by ${rate.toFixed(1)} °C/s over 3 s (GB 38031-2025 C.5.3.7)`);
  }

  #judgeBreakdown(now: Kept, { before, atRest }: { before: Kept; atRest: boolean }): void {
    const rules = this.#rules;
    const usual = this.#kept.slice(0, -2);
    const base_degC = medianOf(usual.map(({ cell_degC }) => cell_degC));
    const third = this.#kept.at(-2) ?? before;
    const rises = [third, before, now].map(({ cell_degC }) => cell_degC - base_degC);
    const change = Math.max(
      Math.abs(now.cell_degC - before.cell_degC),
      Math.abs(before.cell_degC - third.cell_degC),
    );
    const stillness = Math.abs(now.cell_degC - before.cell_degC);
    const isRestless =
      stillness >= rules.restless_degC / 3 &&
      change >= rules.restless_degC &&
      change >= rules.restlessFactor * usualChange(usual);
    const rise = Math.max(...rises);
    const isWarm = Math.min(...rises) >= rules.riseEach_degC;
    if (isWarm && rise >= rules.rise_degC && isRestless) {
      this.#raise(2, `${rise.toFixed(1)} °C over the last ${rules.window_s} s`);
    }
    if (rise >= rules.rise_degC && isSteady([...this.#kept, now])) {
      this.#raise(2, `${rise.toFixed(1)} °C over the last ${rules.window_s} s, step by step`);
    }
    const limit = atRest ? rules.sagAtRest : rules.sagUnderLoad;
    const isSagging = now.sag > limit && before.sag > limit;
    // Under load only a warming cell is believed: a contact or a sensor can take voltage away, too.
    if (isSagging && (atRest || (isWarm && isRestless))) {
      this.#raise(2, `${Math.round(100 * now.sag)} % of the voltage lost`);
    }
  }

  #judgeProbability(now: Kept): void {
    if (this.#tier < 2) return;
    const rise_degC = now.cell_degC - least(this.#kept, ({ cell_degC }) => cell_degC);
    const earlier = this.#kept.findLast(({ t_s }) => now.t_s - t_s >= 1) ?? now;
    const rate = (now.cell_degC - earlier.cell_degC) / Math.max(1, now.t_s - earlier.t_s);
    const signs = [atLeast0(rise_degC / 10), atLeast0(rate / 10), atLeast0(10 * now.sag)] as const;
    const [constant, ...weights] = this.#rules.weights;
    const score = weights.reduce((sum, weight, i) => sum + weight * (signs[i] ?? 0), constant);
    this.#signs = signs;
    this.#probability = 1 / (1 + Math.exp(-score));
    if (this.#probability >= 0.5) this.#raise(3, `${this.#cause}; runaway likely`);
  }

  #raise(tier: ThermalTier, cause: string): void {
    if (tier <= this.#tier) return;
    this.#tier = tier;
    this.#cause = cause;
  }
}

/** The least that is a number; NaN where none is. */
function least(kept: readonly Kept[], pick: (one: Kept) => number): number {
  let best = Number.NaN;
  for (const one of kept) {
    const value = pick(one);
    if (!(value >= best)) best = Number.isNaN(value) ? best : value;
  }
  return best;
}

/** The middle of the values that are numbers; NaN where none is. */
function medianOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return known[known.length >> 1] ?? Number.NaN;
}

/** Many steps up and hardly one down: no jump, no noise, no drift of a sensor looks like that. */
function isSteady(kept: readonly Kept[]): boolean {
  let [up, down] = [0, 0];
  for (const [i, { cell_degC }] of kept.slice(1).entries()) {
    const step_degC = cell_degC - (kept[i]?.cell_degC ?? Number.NaN);
    if (step_degC >= steady.step_degC) up++;
    if (step_degC <= -steady.step_degC) down++;
  }
  return up >= steady.up && down <= steady.down;
}

/** Median change between neighbours in the window; 0 where too few are known. */
function usualChange(kept: readonly Kept[]): number {
  const changes = kept
    .slice(1)
    .map(({ cell_degC }, i) => Math.abs(cell_degC - (kept[i]?.cell_degC ?? Number.NaN)))
    .filter((change) => !Number.isNaN(change))
    .sort((a, b) => a - b);
  return changes.length < 4 ? 0 : (changes[changes.length >> 1] ?? 0);
}

/** 0 for what is negative or no number. */
function atLeast0(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(0, value);
}

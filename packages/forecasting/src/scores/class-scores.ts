/** Scores of probabilistic class predictions. Ratios are 0..1; absent classes count in no average. */
export interface ClassScoreSummary {
  readonly rows: number;
  readonly accuracy: number;
  /** Averages weighted by the classes' share of the truth. */
  readonly weighted: Averages;
  /** Plain averages over the classes that occur in truth or prediction. */
  readonly macro: Averages;
  /** Matthews correlation for several classes (Gorodkin 2004, R_K). */
  readonly mcc: number;
  /** Mean over rows of the summed squared errors over classes: 0 to 2 (Brier 1950). */
  readonly brier: number;
  /** Mean negative logarithm of the truth's probability, floored at 1e-6. */
  readonly logLoss: number;
  /** Expected calibration error of the most likely class, 15 equal bins (Guo et al. 2017). */
  readonly ece: number;
}

export interface Averages {
  readonly precision: number;
  readonly recall: number;
  /** Average of the classes' F1. */
  readonly f1: number;
  /** Harmonic mean of the two averages: what some publications print as F1. */
  readonly f1OfAverages: number;
}

const calibrationBins = 15;
const probabilityFloor = 1e-6;

/** Gathers predictions row by row. Memory does not grow with rows. */
export class ClassScores {
  readonly #classCount: number;
  /** Truth × prediction. */
  readonly #confusion: Float64Array;
  readonly #binRows = new Float64Array(calibrationBins);
  readonly #binSaid = new Float64Array(calibrationBins);
  readonly #binRight = new Float64Array(calibrationBins);
  #rows = 0;
  #squares = 0;
  #logs = 0;

  constructor(classCount: number) {
    this.#classCount = classCount;
    this.#confusion = new Float64Array(classCount * classCount);
  }

  /** One row: its probabilities start at an offset; `decision` is the class that the rule chose. */
  add(o: { truth: number; probabilities: ArrayLike<number>; at: number; decision?: number }): void {
    const { truth, probabilities, at } = o;
    let best = 0;
    for (let c = 0; c < this.#classCount; c++) {
      const p = probabilities[at + c] ?? 0;
      this.#squares += (p - (c === truth ? 1 : 0)) ** 2;
      if (p > (probabilities[at + best] ?? 0)) best = c;
    }
    const said = probabilities[at + best] ?? 0;
    const bin = Math.min(calibrationBins - 1, Math.floor(said * calibrationBins));
    increase(this.#binRows, bin, 1);
    increase(this.#binSaid, bin, said);
    increase(this.#binRight, bin, best === truth ? 1 : 0);
    this.#logs -= Math.log(Math.max(probabilityFloor, probabilities[at + truth] ?? 0));
    increase(this.#confusion, truth * this.#classCount + (o.decision ?? best), 1);
    this.#rows++;
  }

  /** Undefined without rows. */
  summary(): ClassScoreSummary | undefined {
    const n = this.#rows;
    if (n === 0) return undefined;
    const classes = this.#perClass();
    const right = classes.reduce((sum, { hits }) => sum + hits, 0);
    let ece = 0;
    for (let bin = 0; bin < calibrationBins; bin++) {
      ece += Math.abs((this.#binSaid[bin] ?? 0) - (this.#binRight[bin] ?? 0)) / n;
    }
    const present = classes.filter(({ actual, said }) => actual + said > 0);
    return {
      rows: n,
      accuracy: right / n,
      weighted: averages(present, ({ actual }) => actual / n),
      macro: averages(present, () => 1 / present.length),
      mcc: matthews(classes, { n, right }),
      brier: this.#squares / n,
      logLoss: this.#logs / n,
      ece,
    };
  }

  /** Share of each class in the truth. */
  shares(): readonly number[] {
    return this.#perClass().map(({ actual }) => (this.#rows === 0 ? 0 : actual / this.#rows));
  }

  #perClass(): readonly ClassCounts[] {
    const count = this.#classCount;
    return Array.from({ length: count }, (_, c) => {
      let [actual, said] = [0, 0];
      for (let other = 0; other < count; other++) {
        actual += this.#confusion[c * count + other] ?? 0;
        said += this.#confusion[other * count + c] ?? 0;
      }
      return { actual, said, hits: this.#confusion[c * count + c] ?? 0 };
    });
  }
}

interface ClassCounts {
  readonly actual: number;
  readonly said: number;
  readonly hits: number;
}

function increase(array: Float64Array, at: number, by: number): void {
  array[at] = (array[at] ?? 0) + by;
}

function averages(
  classes: readonly ClassCounts[],
  weight: (counts: ClassCounts) => number,
): Averages {
  let [precision, recall, f1] = [0, 0, 0];
  for (const counts of classes) {
    const { actual, said, hits } = counts;
    const share = weight(counts);
    precision += share * (said > 0 ? hits / said : 0);
    recall += share * (actual > 0 ? hits / actual : 0);
    f1 += share * ((2 * hits) / (said + actual));
  }
  const sum = precision + recall;
  return { precision, recall, f1, f1OfAverages: sum > 0 ? (2 * precision * recall) / sum : 0 };
}

function matthews(classes: readonly ClassCounts[], o: { n: number; right: number }): number {
  const { n, right } = o;
  let [cross, saidSquares, actualSquares] = [0, 0, 0];
  for (const { actual, said } of classes) {
    cross += actual * said;
    saidSquares += said ** 2;
    actualSquares += actual ** 2;
  }
  const spread = Math.sqrt((n ** 2 - saidSquares) * (n ** 2 - actualSquares));
  return spread === 0 ? 0 : (right * n - cross) / spread;
}

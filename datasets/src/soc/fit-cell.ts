import { CellGrid, type CellParameters, type FitProvenance } from "@voltfog/battery";
import type { CellRun } from "./cell-run.ts";
import { type CircuitShape, walkInputs } from "./circuit-inputs.ts";
import { LeastSquares } from "./least-squares.ts";

/** What is decided before a fit. */
export interface CellDesign extends CircuitShape {
  readonly name: string;
  readonly chemistry: CellParameters["chemistry"];
  readonly ocvSoc: readonly number[];
  readonly resistanceSoc: readonly number[];
  readonly resistance_degC: readonly number[];
  /** Empty where the cell shows no hysteresis. */
  readonly hysteresisSoc: readonly number[];
  /** Weight that draws neighbouring resistances together, and bends of the open-circuit voltage straight. */
  readonly smoothing: number;
  readonly straightening: number;
  /** Every so many-th row is used. */
  readonly stride: number;
  readonly filter: CellParameters["filter"];
}

const resistances = 5;
const warmthTerms = 4;
const zeroCelsius_K = 273.15;
const reference_K = 298.15;
/** So weak that it decides only what no row says. */
const anchoring = 1e-6;

/** Fits a cell model: linear least squares for the given shape. Cost: about 1 µs per row and pair of terms. */
export function fitCell(
  runs: readonly CellRun[],
  design: CellDesign,
  provenance: FitProvenance,
): CellParameters {
  const layout = new Layout(design, new Set(runs.map(({ ambient_degC }) => ambient_degC)).size);
  const squares = new LeastSquares(layout.size);
  const row = new Float64Array(layout.size);
  for (const run of runs) {
    walkInputs(run, design, (at, inputs) => {
      if (at % design.stride !== 0) return;
      layout.fill(row, { soc: run.soc[at] ?? 0, cell_degC: run.temperature_degC[at] ?? 0, inputs });
      squares.add(row, run.voltage_V[at] ?? 0);
    });
  }
  layout.penalise(squares);
  const solution = squares.solve();
  const rmse_V = leftOver(runs, { design, layout, solution });
  return layout.parameters({ solution, rmse_V, provenance });
}

/** Where each unknown stands, and how a row of the recording depends on them. */
class Layout {
  readonly size: number;
  readonly #design: CellDesign;
  readonly #grid: CellGrid;
  readonly #perResistance: number;
  readonly #hysteresisAt: number;
  readonly #warmthAt: number;
  /** Two ambients or one cannot tell a bend over temperature from the level. */
  readonly #bends: 0 | 1;

  constructor(design: CellDesign, ambients: number) {
    this.#design = design;
    this.#bends = ambients > 2 ? 1 : 0;
    this.#grid = new CellGrid(emptyParameters(design));
    this.#perResistance = design.resistance_degC.length * design.resistanceSoc.length;
    this.#hysteresisAt = design.ocvSoc.length + resistances * this.#perResistance;
    const hysteresis = design.hysteresisSoc.length;
    this.#warmthAt = this.#hysteresisAt + (hysteresis > 0 ? hysteresis + 1 : 0);
    this.size = this.#warmthAt + warmthTerms;
  }

  fill(row: Float64Array, o: { soc: number; cell_degC: number; inputs: Float64Array }): void {
    const { soc, cell_degC, inputs } = o;
    row.fill(0);
    const { ocv, resistance, hysteresis } = this.#grid;
    spreadOver(row, { knots: ocv, value: soc, at: 0, factor: 1 });
    const { segment, share } = this.#grid.temperatureShare(cell_degC);
    const kelvin = cell_degC + zeroCelsius_K;
    const factor = Math.exp(this.#design.arrhenius_K * (1 / kelvin - 1 / reference_K));
    const width = this.#design.resistanceSoc.length;
    for (let r = 0; r < resistances; r++) {
      const at = this.#design.ocvSoc.length + r * this.#perResistance + segment * width;
      const input = factor * (inputs[r] ?? 0);
      spreadOver(row, { knots: resistance, value: soc, at, factor: (1 - share) * input });
      spreadOver(row, { knots: resistance, value: soc, at: at + width, factor: share * input });
    }
    if (this.#design.hysteresisSoc.length > 0) {
      const at = this.#hysteresisAt;
      spreadOver(row, { knots: hysteresis, value: soc, at, factor: inputs[5] ?? 0 });
      row[at + this.#design.hysteresisSoc.length] = inputs[6] ?? 0;
    }
    const warmth = (cell_degC - 25) / 25;
    const bend = this.#bends * warmth * warmth;
    row.set([warmth, warmth * soc, warmth * soc * soc, bend], this.#warmthAt);
  }

  penalise(squares: LeastSquares): void {
    const { smoothing, straightening, ocvSoc, resistanceSoc, resistance_degC } = this.#design;
    const width = resistanceSoc.length;
    for (let r = 0; r < resistances; r++) {
      for (let place = 0; place < this.#perResistance; place++) {
        const at = ocvSoc.length + r * this.#perResistance + place;
        const isLastCharge = place % width === width - 1;
        const isLastWarmth = place + width >= width * resistance_degC.length;
        squares.penalise(smoothing / 20, [[at, 1]]);
        if (!isLastCharge) squares.penalise(smoothing, [[at, 1], [at + 1, -1]]); // biome-ignore format: a pair of terms
        if (!isLastWarmth) squares.penalise(smoothing, [[at, 1], [at + width, -1]]); // biome-ignore format: a pair of terms
      }
    }
    for (let knot = 1; knot + 1 < ocvSoc.length; knot++) {
      squares.penalise(straightening, [[knot - 1, 1], [knot, -2], [knot + 1, 1]]); // biome-ignore format: three terms
    }
    for (let place = 0; place < this.size; place++) squares.penalise(anchoring, [[place, 1]]);
  }

  parameters(o: {
    solution: Float64Array;
    rmse_V: readonly number[];
    provenance: FitProvenance;
  }): CellParameters {
    const { ocvSoc, resistanceSoc, resistance_degC, hysteresisSoc } = this.#design;
    const take = (at: number, count: number): number[] =>
      Array.from(o.solution.subarray(at, at + count), (value) => Number(value.toPrecision(7)));
    const hysteresis = hysteresisSoc.length;
    return {
      ...emptyParameters(this.#design),
      ocv_V: take(0, ocvSoc.length),
      ocvWarmth_V: take(this.#warmthAt, warmthTerms),
      resistance_Ohm: Array.from({ length: resistances }, (_, r) =>
        resistance_degC.map((_temperature, t) =>
          take(
            ocvSoc.length + r * this.#perResistance + t * resistanceSoc.length,
            resistanceSoc.length,
          ),
        ),
      ),
      hysteresis_V: take(this.#hysteresisAt, hysteresis),
      sign_V: hysteresis > 0 ? (take(this.#hysteresisAt + hysteresis, 1)[0] ?? 0) : 0,
      rmse_V: o.rmse_V.map((value) => Number(value.toPrecision(4))),
      provenance: o.provenance,
    };
  }
}

/** Adds a factor to the two knots between which a value lies, by nearness; to one for a value outside. */
function spreadOver(
  row: Float64Array,
  o: { knots: CellGrid["ocv"]; value: number; at: number; factor: number },
): void {
  const segment = o.knots.segment(o.value);
  const share = Math.min(1, Math.max(0, o.knots.share(segment, o.value)));
  const low = o.at + segment;
  row[low] = (row[low] ?? 0) + (1 - share) * o.factor;
  row[low + 1] = (row[low + 1] ?? 0) + share * o.factor;
}

/** Root mean square of what the fit does not explain, at each temperature of the grid; the nearest where a run is. */
function leftOver(
  runs: readonly CellRun[],
  o: { design: CellDesign; layout: Layout; solution: Float64Array },
): number[] {
  const { design, layout, solution } = o;
  const grid = design.resistance_degC;
  const sums = grid.map(() => ({ squares: 0, rows: 0 }));
  const row = new Float64Array(layout.size);
  for (const run of runs) {
    const nearest = grid.reduce((best, at_degC) =>
      Math.abs(at_degC - run.ambient_degC) < Math.abs(best - run.ambient_degC) ? at_degC : best,
    );
    const sum = sums[grid.indexOf(nearest)];
    walkInputs(run, design, (at, inputs) => {
      if (at % design.stride !== 1 || sum === undefined) return;
      layout.fill(row, { soc: run.soc[at] ?? 0, cell_degC: run.temperature_degC[at] ?? 0, inputs });
      const expected_V = row.reduce((total, value, i) => total + value * (solution[i] ?? 0), 0);
      sum.squares += ((run.voltage_V[at] ?? 0) - expected_V) ** 2;
      sum.rows++;
    });
  }
  return sums.map(({ squares, rows }) => Math.sqrt(squares / Math.max(1, rows)));
}

function emptyParameters(design: CellDesign): CellParameters {
  const { smoothing: _smoothing, straightening: _straightening, stride: _stride, ...kept } = design;
  return {
    version: 1,
    ...kept,
    // Knots need two places even where nothing stands at them.
    hysteresisSoc: design.hysteresisSoc.length > 0 ? design.hysteresisSoc : [0, 1],
    ocv_V: [],
    ocvWarmth_V: [],
    resistance_Ohm: [],
    hysteresis_V: [],
    sign_V: 0,
    rmse_V: [],
    provenance: { dataset: "", licence: "", files: [], rowsSha256: "", rows: 0, runs: [] },
  };
}

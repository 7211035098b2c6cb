import type { CellRun } from "./cell-run.ts";

/** The nonlinear part of a cell model: with it given, everything else is linear in the voltage. */
export interface CircuitShape {
  readonly capacity_Ah: number;
  readonly exchange_A: number;
  readonly arrhenius_K: number;
  readonly fast_s: number;
  readonly medium_s: number;
  readonly slow_s: number;
  readonly hysteresisRate: number;
}

/** Current, charge-transfer input, three relaxing terms, hysteresis, sign of the last current. */
export const inputCount = 7;

/** Below this many C a current's sign says nothing. */
const restRate = 0.01;

/**
 * Walks a run and shows the inputs of the circuit at every row that has a time, a current, a voltage
 * and a truth. Same steps as the filter in @voltfog/battery, without its corrections.
 */
export function walkInputs(
  run: CellRun,
  shape: CircuitShape,
  visit: (row: number, inputs: Float64Array) => void,
): void {
  const inputs = new Float64Array(inputCount);
  let last_s = run.t_s[0] ?? 0;
  for (let row = 0; row < run.t_s.length; row++) {
    const t_s = run.t_s[row] as number;
    const current_A = run.current_A[row] as number;
    if (!Number.isFinite(t_s + current_A)) continue;
    relax(inputs, { shape, step_s: t_s - last_s, current_A });
    last_s = t_s;
    const truth = (run.soc[row] as number) + (run.voltage_V[row] as number);
    if (Number.isFinite(truth + (run.temperature_degC[row] as number))) visit(row, inputs);
  }
}

function relax(
  inputs: Float64Array,
  o: { shape: CircuitShape; step_s: number; current_A: number },
): void {
  const { shape, step_s, current_A } = o;
  const transfer_A = shape.exchange_A * Math.asinh(current_A / shape.exchange_A);
  inputs[0] = current_A;
  inputs[1] = transfer_A;
  if (!(step_s > 0)) return;
  const follow = (place: number, time_s: number, target: number): void => {
    const kept = Math.exp(-step_s / time_s);
    inputs[place] = kept * (inputs[place] as number) + (1 - kept) * target;
  };
  follow(2, shape.fast_s, transfer_A);
  follow(3, shape.medium_s, current_A);
  follow(4, shape.slow_s, current_A);
  if (shape.hysteresisRate <= 0) return;
  const moved = (current_A * step_s) / 3600 / shape.capacity_Ah;
  const kept = Math.exp(-Math.abs(shape.hysteresisRate * moved));
  inputs[5] = kept * (inputs[5] as number) + (1 - kept) * Math.sign(current_A);
  if (Math.abs(current_A) > restRate * shape.capacity_Ah) inputs[6] = Math.sign(current_A);
}

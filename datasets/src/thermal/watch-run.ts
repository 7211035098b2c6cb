import {
  CellFilterBank,
  lgHg2Parameters,
  RunawayDetector,
  type ThermalRules,
  type ThermalVerdict,
} from "@voltfog/battery";
import type { ThermalRun } from "./thermal-runs.ts";

/** One verdict per row, each from the rows up to it. */
export function watchRun(run: ThermalRun, rules: ThermalRules): readonly ThermalVerdict[] {
  const detector = new RunawayDetector(rules);
  const expect = expectation(run);
  return run.t_s.map((t_s, row) =>
    detector.update({
      t_s,
      cell_degC: run.cell_degC[row] ?? Number.NaN,
      voltage_V: run.voltage_V[row] ?? Number.NaN,
      expected_V: expect(row),
    }),
  );
}

/** The voltage that the cell's model expects before it sees the row's; NaN for a cell at rest. */
function expectation(run: ThermalRun): (row: number) => number {
  if (run.current_A.length === 0) return () => Number.NaN;
  const bank = new CellFilterBank({
    parameters: lgHg2Parameters,
    cells: 1,
    soc: 1,
    socSigma: 0.1,
  });
  const temperature_degC = new Float64Array([25]);
  const unseen = new Float64Array([Number.NaN]);
  const seen = new Float64Array(1);
  let current_A = 0;
  return (row) => {
    const told_A = run.current_A[row] ?? Number.NaN;
    const told_degC = run.cell_degC[row] ?? Number.NaN;
    if (Number.isFinite(told_A)) current_A = told_A;
    if (told_degC > -45 && told_degC < 100) temperature_degC[0] = told_degC;
    const step_s = row === 0 ? 0 : Math.max(0, (run.t_s[row] ?? 0) - (run.t_s[row - 1] ?? 0));
    bank.step({ step_s, current_A, voltage_V: unseen, temperature_degC });
    const expected_V = bank.expected_V(0, current_A);
    seen[0] = run.voltage_V[row] ?? Number.NaN;
    bank.step({ step_s: 0, current_A, voltage_V: seen, temperature_degC });
    return expected_V;
  };
}

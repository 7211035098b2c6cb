import { CellFilterBank, lgHg2Parameters } from "@voltfog/battery";
import { datasetRoot, openDriveCycle } from "@voltfog/datasets";
import {
  type Facts,
  type Findings,
  type Goal,
  normal,
  quantile,
  reportRow,
  SeededRandom,
} from "@voltfog/runtime";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";

const goals: Readonly<Record<string, Goal>> = {
  "twin.steps_per_s": { sense: "at-least", goal: 1_000_000, moonshot: 3_000_000 },
  "twin.update_p99_ms": { sense: "at-most", goal: 1 },
  "twin.bytes_per_vehicle": { sense: "at-most", goal: 200_000 },
};

const cells = 96;
const sensors = 24;
const drive = { ambient_degC: 25, profile: "US06" };
/** Cells differ by this much, as fresh cells of one batch do; sensors add noise. */
const capacitySpread = 0.01;
const offset_V = 0.003;
const noise_V = 0.0015;

/** A pack that drives what one cell was recorded driving. */
interface PackDrive {
  readonly step_s: Float64Array;
  readonly current_A: Float64Array;
  /** Row by row, cell by cell. */
  readonly voltage_V: Float64Array;
  readonly temperature_degC: Float64Array;
  readonly capacity_Ah: Float64Array;
}

interface TwinRun {
  readonly stepRate_Hz: number;
  readonly updateP99_ms: number;
  readonly held_bytes: number;
  /** Sum of all charges at the end: equal in every run, on every machine with IEEE 754. */
  readonly checksum: number;
}

/** How fast the filters of a pack of 96 different cells are, on one core. */
export const twinExperiment: Experiment = {
  name: "twin",
  summary: "Cell filters per second of a pack's digital twin, and the time of one update",
  run: async (context) => {
    const pack = await packDrive();
    const repeats = context.isQuick ? 3 : 7;
    runOnce(pack, context); // So that no repeat pays for compilation.
    const runs: TwinRun[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      context.progress({ done: repeat, total: repeats, doing: "96 cells through US06" });
      runs.push(runOnce(pack, context));
    }
    return findingsOf(runs, pack);
  },
};

async function packDrive(): Promise<PackDrive> {
  const rows = await openDriveCycle({ root: datasetRoot({ environment: process.env }), ...drive });
  const random = new SeededRandom(1);
  const offsets_V = Float64Array.from({ length: cells }, () => offset_V * normal(random));
  const last_s = [rows[0]?.t_s ?? 0, ...rows.map(({ t_s }) => t_s)];
  return {
    step_s: Float64Array.from(rows, ({ t_s }, i) => t_s - (last_s[i] ?? 0)),
    current_A: Float64Array.from(rows, ({ cellCurrent_A }) => cellCurrent_A),
    voltage_V: Float64Array.from({ length: rows.length * cells }, (_, i) => {
      const recorded_V = rows[Math.floor(i / cells)]?.cellVoltage_V ?? 0;
      return recorded_V + (offsets_V[i % cells] ?? 0) + noise_V * normal(random);
    }),
    temperature_degC: Float64Array.from({ length: rows.length * sensors }, (_, i) => {
      const recorded_degC = rows[Math.floor(i / sensors)]?.surface_degC ?? 0;
      return Math.round(2 * (recorded_degC + 0.3 * normal(random))) / 2;
    }),
    capacity_Ah: Float64Array.from(
      { length: cells },
      () => lgHg2Parameters.capacity_Ah * (1 + capacitySpread * normal(random)),
    ),
  };
}

function runOnce(pack: PackDrive, { clock }: ExperimentContext): TwinRun {
  const { capacity_Ah } = pack;
  const bank = new CellFilterBank({
    parameters: lgHg2Parameters,
    cells,
    soc: 1,
    socSigma: 0.1,
    capacity_Ah,
  });
  const updates = pack.step_s.length;
  const took_ms = new Float64Array(updates);
  const start_ms = clock.monotonic_ms();
  let before_ms = start_ms;
  for (let row = 0; row < updates; row++) {
    bank.step({
      step_s: pack.step_s[row] ?? 0,
      current_A: pack.current_A[row] ?? 0,
      voltage_V: pack.voltage_V.subarray(row * cells, (row + 1) * cells),
      temperature_degC: pack.temperature_degC.subarray(row * sensors, (row + 1) * sensors),
    });
    const now_ms = clock.monotonic_ms();
    took_ms[row] = now_ms - before_ms;
    before_ms = now_ms;
  }
  let checksum = 0;
  for (let cell = 0; cell < cells; cell++) checksum += bank.soc(cell);
  return {
    stepRate_Hz: (1000 * updates * cells) / (before_ms - start_ms),
    updateP99_ms: quantile(took_ms, 0.99),
    held_bytes: bank.held_bytes,
    checksum,
  };
}

function findingsOf(runs: readonly TwinRun[], pack: PackDrive): Findings {
  const row = (metric: string, unit: string, values: readonly number[]) =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  return {
    method: `One thread takes a pack of ${cells} cells in series with ${sensors} temperature sensors through the recorded ${drive.profile} at ${drive.ambient_degC} °C of the LG HG2: ${pack.step_s.length} updates at 1 Hz, replayed as fast as they go. Every cell has its own capacity (σ 1 %), voltage offset (σ 3 mV) and noise (σ 1.5 mV), simulated on top of the recording, and an extended Kalman filter of five states. A step is one cell and one reading. The update's time is of all cells together. Bytes are the filters' arrays of one vehicle; tables of the cell type are shared.`,
    inputs: { cells, sensors, updates: pack.step_s.length, drive, seed: 1, goals },
    rows: [
      row("twin.steps_per_s", "steps/s", runs.map(({ stepRate_Hz }) => stepRate_Hz)), // biome-ignore format: one row each
      row("twin.update_p99_ms", "ms", runs.map(({ updateP99_ms }) => updateP99_ms)), // biome-ignore format: one row each
      row("twin.bytes_per_vehicle", "bytes", runs.map(({ held_bytes }) => held_bytes)), // biome-ignore format: one row each
    ],
    items: runs.map((run): Facts => ({ ...run })),
  };
}

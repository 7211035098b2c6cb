import { CodedError, type ReportRow, reportRow } from "@voltfog/runtime";
import type { OnnxModel } from "@voltfog/runtime/onnx";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { tableRows } from "../learning/feature-table.ts";
import { type ModelCard, openModel } from "../learning/model-folder.ts";
import { type ChargeCycles, readChargeCycles } from "./charge-cycles.ts";
import { sohFamilies } from "./soh-families.ts";

interface Estimate {
  readonly value: number;
  readonly radius: number;
}

/** `voltfog evaluate soh`: the served model beside the measured capacity, where that is given. */
export const evaluateSoh: Evaluation = {
  name: "soh",
  summary: "Scores the state of health estimated at the end of each charge",
  flags: [
    {
      name: "data",
      value: "FILE",
      isRequired: true,
      summary: "charges in the form of battery_cycles_387 (.csv or .csv.gz)",
    },
    {
      name: "model",
      value: "DIR",
      summary: "a model that voltfog train soh wrote; else the shipped one",
    },
  ],
  examples: ["voltfog evaluate soh --data battery_cycles_387/xjtu.csv.gz --json"],
  run: async ({ flags }) => {
    const model = await openModel({ task: "soh", folder: flags["model"] });
    const cycles = readChargeCycles(flags["data"] ?? "");
    const estimates = await estimateAll(cycles, model);
    const seen = seenCells(cycles, model.card);
    return {
      findings: {
        method: methodText,
        inputs: {
          data: cycles.file,
          model: model.card.parts.map(({ file, sha256 }) => ({ file, sha256 })),
          cellsSeenInTraining: seen,
        },
        rows: rowsOf(cycles, estimates, seen === 0 ? toBeat : {}),
        items: itemsOf(cycles, estimates),
      },
      predictions: {
        columns: ["id", "estimate", "low", "high"],
        rows: cycles.rows.map(({ cell, cycle }, index) => {
          const { value, radius } = estimates[index] as Estimate;
          return [`${cell}/${cycle}`, value, value - radius, value + radius];
        }),
      },
    };
  },
};

const methodText = [
  "One estimate of SoH (capacity over nominal) at the end of each charge, by the model of the cell's family, served by onnxruntime.",
  "It knows the statistics of this charge and of the cell's earlier charges in the file; no capacity, no charge count, no cell name.",
  "soh.mape_pct is the mean over rows of |estimate − soh| / soh; rows without soh are left out. Where inputs.cellsSeenInTraining is not 0, the figures are no test and no goal is compared.",
  "Intervals are conformal by cell at 90 %; their width is fixed per family.",
].join(" ");

async function estimateAll(
  cycles: ChargeCycles,
  model: { card: ModelCard; graphs: ReadonlyMap<string, OnnxModel> },
): Promise<readonly Estimate[]> {
  const estimates: Estimate[] = [];
  const families = new Map(
    sohFamilies.flatMap(({ name, datasets }) => datasets.map((dataset) => [dataset, name])),
  );
  const rowsOfFamily = new Map<string, number[]>();
  cycles.rows.forEach(({ dataset }, row) => {
    const family = families.get(dataset);
    if (family === undefined) throw unknownCells(dataset);
    const rows = rowsOfFamily.get(family) ?? [];
    rowsOfFamily.set(family, rows);
    rows.push(row);
  });
  for (const [family, rows] of rowsOfFamily) {
    const part = model.card.parts.find(({ name }) => name === family);
    const graph = model.graphs.get(family);
    if (part === undefined || graph === undefined) throw unknownCells(family);
    const { values } = tableRows(cycles.table, rows);
    const given = await graph.run({ values, rows: rows.length });
    rows.forEach((row, at) => {
      estimates[row] = { value: given[at] as number, radius: part.serving["radius"] ?? 0 };
    });
  }
  return estimates;
}

function unknownCells(dataset: string): CodedError {
  return new CodedError({
    code: "MODEL_MISSING",
    message: `the model knows no cells of ${JSON.stringify(dataset)}`,
    remedy: `give charges of ${sohFamilies.flatMap(({ datasets }) => datasets).join(", ")}`,
  });
}

/** Cells of the file that the model was fitted to: their errors say nothing of other cells. */
function seenCells(cycles: ChargeCycles, card: ModelCard): number {
  const fitted = new Set(card.training.flatMap(({ cells }) => cells as readonly string[]));
  return new Set(cycles.rows.map(({ cell }) => cell).filter((cell) => fitted.has(cell))).size;
}

interface Scored {
  readonly error: number;
  readonly relative: number;
  readonly isInside: boolean;
  readonly width: number;
}

/** Rows that have a truth, by dataset; the three TJU sets also together. */
function scoredByDataset(
  cycles: ChargeCycles,
  estimates: readonly Estimate[],
): ReadonlyMap<string, readonly Scored[]> {
  const scored = new Map<string, Scored[]>();
  cycles.rows.forEach(({ dataset, truth }, row) => {
    if (Number.isNaN(truth)) return;
    const { value, radius } = estimates[row] as Estimate;
    const error = Math.abs(value - truth);
    const score = { error, relative: error / truth, isInside: error <= radius, width: 2 * radius };
    for (const name of new Set([dataset, dataset.replace(/\d$/, "")])) {
      const list = scored.get(name) ?? [];
      scored.set(name, list);
      list.push(score);
    }
  });
  return scored;
}

/** What a quick prototype reached on left-out cells of the same files, in per cent; compared on cells never fitted. */
const toBeat: Readonly<Record<string, number>> = { XJTU: 1.29, HUST: 2.28, MIT: 0.22, TJU: 0.93 };

function rowsOf(
  cycles: ChargeCycles,
  estimates: readonly Estimate[],
  goals: Readonly<Record<string, number>>,
): readonly ReportRow[] {
  return [...scoredByDataset(cycles, estimates)].flatMap(([name, scores]) => {
    const goal = goals[name];
    const per = (pick: (score: Scored) => number): number => mean(scores.map(pick));
    return [
      reportRow({
        metric: `soh.mape_pct.${name}`,
        unit: "%",
        values: [100 * per(({ relative }) => relative)],
        goal: goal === undefined ? undefined : { sense: "at-most", goal },
      }),
      reportRow({
        metric: `soh.rmse_pp.${name}`,
        unit: "pp",
        values: [100 * Math.sqrt(per(({ error }) => error * error))],
      }),
      reportRow({
        metric: `soh.interval_coverage.${name}`,
        unit: "",
        values: [per(({ isInside }) => Number(isInside))],
      }),
      reportRow({
        metric: `soh.interval_width_pp.${name}`,
        unit: "pp",
        values: [100 * per(({ width }) => width)],
      }),
    ];
  });
}

/** One item per cell. */
function itemsOf(
  cycles: ChargeCycles,
  estimates: readonly Estimate[],
): readonly Readonly<Record<string, unknown>>[] {
  const cells = new Map<string, number[]>();
  cycles.rows.forEach(({ cell, truth }, row) => {
    const errors = cells.get(cell) ?? [];
    cells.set(cell, errors);
    const { value } = estimates[row] as Estimate;
    if (!Number.isNaN(truth)) errors.push(Math.abs(value - truth) / truth);
  });
  return [...cells].map(([cell, errors]) => ({
    cell,
    charges: errors.length,
    mape_pct: errors.length === 0 ? null : 100 * mean(errors),
  }));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

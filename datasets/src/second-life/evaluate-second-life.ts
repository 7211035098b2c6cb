import { CodedError, type ReportRow, reportRow } from "@voltfog/runtime";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { tableRows } from "../learning/feature-table.ts";
import { openModel } from "../learning/model-folder.ts";
import { pulseModels } from "./pulse-models.ts";
import { type PulseTests, readPulseTests } from "./pulse-tests.ts";

interface Estimate {
  readonly value: number;
  readonly radius: number;
}

/** `voltfog evaluate second-life`: SoH of retired cells from one pulse test each. */
export const evaluateSecondLife: Evaluation = {
  name: "second-life",
  summary: "Scores the state of health of retired cells estimated from one pulse test",
  flags: [
    {
      name: "data",
      value: "FILE",
      isRequired: true,
      summary: "pulse tests in the form of pulses_5s.csv.gz",
    },
    {
      name: "model",
      value: "DIR",
      summary: "a model that voltfog train second-life wrote; else the shipped one",
    },
  ],
  examples: ["voltfog evaluate second-life --data pulses_5s.csv.gz --json"],
  run: async ({ flags }) => {
    const model = await openModel({ task: "second-life", folder: flags["model"] });
    const tests = readPulseTests(flags["data"] ?? "");
    const estimates = await estimateAll(tests, model);
    const fitted = new Set(model.card.training.flatMap(({ cells }) => cells as readonly string[]));
    const cells = [...new Set(tests.rows.map(({ cell }) => cell))];
    const seen = cells.filter((cell) => fitted.has(cell)).length;
    return {
      findings: {
        method: methodText,
        inputs: {
          data: tests.file,
          model: model.card.parts.map(({ file, sha256 }) => ({ file, sha256 })),
          cells: cells.length,
          cellsSeenInTraining: seen,
        },
        rows: rowsOf(tests, estimates, seen === 0 ? toBeat : {}),
        items: [],
      },
      predictions: {
        columns: ["id", "estimate", "low", "high"],
        rows: tests.rows.map(({ cell }, row) => {
          const { value, radius } = estimates[row] as Estimate;
          return [`${cell}/${row + 1}`, value, value - radius, value + radius];
        }),
      },
    };
  },
};

const methodText = [
  "One estimate of SoH per pulse test by the model of the cell's type, served by onnxruntime.",
  "It knows the 21 voltages of that test alone: no charge state, no capacity, no other test of the cell.",
  "secondlife.rmse_pp is over tests, in points of SoH; tests without SOH are left out.",
  "Where inputs.cellsSeenInTraining is not 0, the figures are no test and no goal is compared. Intervals are conformal by cell at 90 %.",
].join(" ");

async function estimateAll(
  tests: PulseTests,
  { card, graphs }: Awaited<ReturnType<typeof openModel>>,
): Promise<readonly Estimate[]> {
  const estimates: Estimate[] = [];
  for (const type of new Set(tests.rows.map((row) => row.type))) {
    const index = pulseModels.findIndex((model) => model.type === type);
    const part = card.parts[index];
    const graph = graphs.get(part?.name ?? "");
    if (part === undefined || graph === undefined) {
      throw new CodedError({
        code: "MODEL_MISSING",
        message: `the model knows no cells of type ${JSON.stringify(type)}`,
        remedy: `give tests of ${pulseModels.map((model) => model.type).join(", ")}`,
      });
    }
    const rows = tests.rows.flatMap((row, at) => (row.type === type ? [at] : []));
    const { values } = tableRows(tests.table, rows);
    const given = await graph.run({ values, rows: rows.length });
    rows.forEach((row, at) => {
      estimates[row] = { value: given[at] as number, radius: part.serving["radius"] ?? 0 };
    });
  }
  return estimates;
}

/** What a quick prototype reached on other cells, in points; compared on cells never fitted. */
const toBeat: Readonly<Record<string, number>> = {
  LFP_35Ah: 3.5,
  NMC_21Ah: 1.8,
  LMO_10Ah: 2.7,
  "NMC_2.1Ah": 3.8,
};

function rowsOf(
  tests: PulseTests,
  estimates: readonly Estimate[],
  goals: Readonly<Record<string, number>>,
): readonly ReportRow[] {
  const types = [...new Set(tests.rows.map(({ type }) => type))];
  return types.flatMap((type) => {
    const scored = tests.rows.flatMap((row, at) => {
      if (row.type !== type || Number.isNaN(row.truth)) return [];
      const { value, radius } = estimates[at] as Estimate;
      return [{ error: value - row.truth, radius }];
    });
    if (scored.length === 0) return [];
    const mean = (pick: (score: { error: number; radius: number }) => number): number =>
      scored.reduce((sum, score) => sum + pick(score), 0) / scored.length;
    const goal = goals[type];
    return [
      reportRow({
        metric: `secondlife.rmse_pp.${type}`,
        unit: "pp",
        values: [100 * Math.sqrt(mean(({ error }) => error * error))],
        goal: goal === undefined ? undefined : { sense: "at-most", goal },
      }),
      reportRow({
        metric: `secondlife.interval_coverage.${type}`,
        unit: "",
        values: [mean(({ error, radius }) => Number(Math.abs(error) <= radius))],
      }),
      reportRow({
        metric: `secondlife.interval_width_pp.${type}`,
        unit: "pp",
        values: [200 * mean(({ radius }) => radius)],
      }),
    ];
  });
}

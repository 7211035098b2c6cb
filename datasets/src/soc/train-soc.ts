import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { CellParameters } from "@voltfog/battery";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { Trainer } from "../evaluation/evaluation.ts";
import { sha256Hex } from "../learning/hashes.ts";
import { a123Training, type CellTraining, leafTraining, lgHg2Training } from "./cell-designs.ts";
import { type CellRun, readCellRuns } from "./cell-run.ts";
import { fitCell } from "./fit-cell.ts";

/** Name of each fitted cell's file, without extension. */
const trainings = [
  { file: "lg-hg2", constant: "lgHg2Parameters", training: lgHg2Training },
  { file: "a123-26650", constant: "a123Parameters", training: a123Training },
  { file: "nissan-leaf", constant: "leafParameters", training: leafTraining },
] as const;

/** `voltfog train soc`: there is no chance in it, so it needs no seed. */
export const trainSoc: Trainer = {
  name: "soc",
  summary:
    "Fit cell models and the filter's noise to the tests of LG HG2, A123 and Nissan Leaf cells",
  flags: [],
  run: async ({ datasets, out, progress }) => {
    mkdirSync(out, { recursive: true });
    const lines: string[] = [];
    for (const [done, { file, constant, training }] of trainings.entries()) {
      progress({ done, total: trainings.length, doing: training.design.name });
      const parameters = fitFrom(datasets, training);
      const json = JSON.stringify(parameters, null, 1);
      replaceFileSync(join(out, `${file}.json`), `${json}\n`);
      replaceFileSync(join(out, `${file}.ts`), moduleText(constant, json));
      lines.push(describe(parameters));
    }
    return lines;
  },
};

/** Fits one cell from the datasets below a root. */
export function fitFrom(root: string, training: CellTraining): CellParameters {
  const files = training.files.map((file) => ({
    file,
    ...readCellRuns(join(root, training.folder, file), training.design.chemistry),
  }));
  const runs = files.flatMap((file) => file.runs).filter(training.isTraining);
  return fitCell(runs, training.design, {
    dataset: training.folder,
    licence: training.licence,
    files: files.map(({ file, sha256 }) => ({ file, sha256 })),
    rowsSha256: hashOf(runs),
    rows: runs.reduce((sum, { t_s }) => sum + t_s.length, 0),
    runs: runs.map(({ id }) => id),
  });
}

function hashOf(runs: readonly CellRun[]): string {
  const columns = runs.flatMap((run) => [
    run.t_s,
    run.current_A,
    run.voltage_V,
    run.temperature_degC,
    run.soc,
  ]);
  return sha256Hex(columns.map(({ buffer }) => new Uint8Array(buffer)));
}

/** The module that packages/battery/src/cell holds. */
function moduleText(constant: string, json: string): string {
  return `import type { CellParameters } from "./cell-parameters.ts";\n\n/** Made by: voltfog train soc. */\nexport const ${constant}: CellParameters = ${json};\n`;
}

function describe({ name, rmse_V, resistance_degC, provenance }: CellParameters): string {
  const errors = resistance_degC.map(
    (at_degC, i) => `${((rmse_V[i] ?? 0) * 1000).toFixed(1)} mV at ${at_degC} °C`,
  );
  return `${name}: ${provenance.rows} rows of ${provenance.runs.length} runs; left over ${errors.join(", ")}`;
}

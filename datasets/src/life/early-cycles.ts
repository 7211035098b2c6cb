import { earlyLifeFeatures, earlyLifeNames } from "@voltfog/battery";
import { CodedError } from "@voltfog/runtime";
import { type DataFile, numberOrMissing, readDataFile } from "../learning/data-file.ts";
import type { FeatureTable } from "../learning/feature-table.ts";

/** Cells in the order of the curves' file, with features of their first hundred cycles. */
export interface EarlyCycles {
  readonly cells: readonly string[];
  readonly table: FeatureTable;
  readonly files: readonly Pick<DataFile, "path" | "sha256">[];
}

/** Reads Severson's discharge curves (cycles 10 and 100) and capacities (cycles 2 to 100). */
export function readEarlyCycles(o: { curves: string; capacity: string }): EarlyCycles {
  const curves = readDataFile({
    path: o.curves,
    columns: ["cell", "grid_index", "q_ah_cycle10", "q_ah_cycle100"],
  });
  const capacity = readDataFile({ path: o.capacity, columns: ["cell", "cycle", "q_ah"] });
  const tenth = sorted(curves, "grid_index", "q_ah_cycle10");
  const hundredth = sorted(curves, "grid_index", "q_ah_cycle100");
  const capacities = sorted(capacity, "cycle", "q_ah");
  const cells = [...tenth.keys()];
  const values = new Float32Array(cells.length * earlyLifeNames.length);
  cells.forEach((cell, row) => {
    const capacity_Ah = capacities.get(cell) ?? [];
    if (capacity_Ah.length !== 99) throw incomplete(o.capacity, cell);
    const features = earlyLifeFeatures({
      tenth_Ah: tenth.get(cell) ?? [],
      hundredth_Ah: hundredth.get(cell) ?? [],
      capacity_Ah,
    });
    if (features.some((value) => !Number.isFinite(value))) throw incomplete(o.curves, cell);
    values.set(features, row * earlyLifeNames.length);
  });
  return {
    cells,
    table: { names: [...earlyLifeNames], rows: cells.length, values },
    files: [curves, capacity].map(({ path, sha256 }) => ({ path, sha256 })),
  };
}

/** One column of each cell in the order of another. */
function sorted(
  file: DataFile,
  order: string,
  column: string,
): ReadonlyMap<string, readonly number[]> {
  const cells = new Map<string, { at: number; value: number }[]>();
  file.rows.forEach((row, index) => {
    const place = `${file.path}, row ${index + 1}`;
    const item = {
      at: numberOrMissing(row[order], `${place}, ${order}`),
      value: numberOrMissing(row[column], `${place}, ${column}`),
    };
    const known = cells.get(row["cell"] ?? "");
    if (known === undefined) cells.set(row["cell"] ?? "", [item]);
    else known.push(item);
  });
  return new Map(
    [...cells].map(([cell, items]) => [
      cell,
      items.sort((left, right) => left.at - right.at).map(({ value }) => value),
    ]),
  );
}

function incomplete(path: string, cell: string): CodedError {
  return new CodedError({
    code: "DATA_UNREADABLE",
    message: `${path}: cell ${JSON.stringify(cell)} has no whole curve or not all of cycles 2 to 100`,
    remedy: "give the curves at cycles 10 and 100 and the capacities of cycles 2 to 100",
  });
}

/** Cycle lives by cell; a blank one is left out. Only the score uses them, and training. */
export function readLives(path: string): {
  lives: ReadonlyMap<string, { readonly life: number; readonly split: string }>;
  file: Pick<DataFile, "path" | "sha256">;
} {
  const file = readDataFile({ path, columns: ["cell", "cycle_life"] });
  const lives = new Map<string, { life: number; split: string }>();
  file.rows.forEach((row, index) => {
    const life = numberOrMissing(row["cycle_life"], `${path}, row ${index + 1}, cycle_life`);
    if (!Number.isNaN(life)) lives.set(row["cell"] ?? "", { life, split: row["split"] ?? "" });
  });
  return { lives, file: { path, sha256: file.sha256 } };
}

import { ChargeHistory, chargeHistoryNames, chargeStatistics } from "@voltfog/battery";
import { type DataFile, numberOrMissing, readDataFile } from "../learning/data-file.ts";
import type { FeatureTable } from "../learning/feature-table.ts";

/** Charges in the order of their file: who, what is known when the charge ends, and the truth beside it. */
export interface ChargeCycles {
  readonly file: Pick<DataFile, "path" | "sha256">;
  readonly rows: readonly {
    readonly dataset: string;
    /** Dataset, batch and cell: groups rows, never a feature. */
    readonly cell: string;
    readonly cycle: number;
    /** NaN where the file leaves it blank. */
    readonly truth: number;
  }[];
  readonly table: FeatureTable;
}

/** What tells cell types of one source apart; a fleet knows which cells it drives. */
const cellTypes = ["TJU1", "TJU2", "TJU3"];

/**
 * Reads a file in the form of battery_cycles_387. Features of a row come from that row and the earlier
 * rows of its cell; capacity_ah and rul_cycles are never read, soh only as truth.
 */
export function readChargeCycles(path: string): ChargeCycles {
  const columns = ["dataset", "batch", "cell", "cycle", ...chargeStatistics];
  const file = readDataFile({ path, columns });
  const rows = file.rows.map((row, index) => ({
    dataset: row["dataset"] ?? "",
    cell: `${row["dataset"]}/${row["batch"]}/${row["cell"]}`,
    cycle: numberOrMissing(row["cycle"], `${path}, row ${index + 1}, cycle`),
    truth: numberOrMissing(row["soh"], `${path}, row ${index + 1}, soh`),
  }));
  const names = [...chargeHistoryNames, "cell type"];
  const values = new Float32Array(rows.length * names.length);
  for (const cell of byCell(rows)) {
    const history = new ChargeHistory();
    for (const index of cell) {
      const fields = file.rows[index];
      const charge = chargeStatistics.map((name) =>
        numberOrMissing(fields?.[name], `${path}, row ${index + 1}, ${name}`),
      );
      const type = cellTypes.indexOf(rows[index]?.dataset ?? "");
      values.set([...history.add(charge), type], index * names.length);
    }
  }
  const { sha256 } = file;
  return { file: { path, sha256 }, rows, table: { names, rows: rows.length, values } };
}

/** The rows of each cell in the order of their cycles, whatever the order in the file. */
function byCell(rows: ChargeCycles["rows"]): readonly (readonly number[])[] {
  const cells = new Map<string, number[]>();
  rows.forEach(({ cell }, index) => {
    const known = cells.get(cell);
    if (known === undefined) cells.set(cell, [index]);
    else known.push(index);
  });
  const cycleOf = (index: number): number => rows[index]?.cycle ?? 0;
  for (const cell of cells.values()) cell.sort((left, right) => cycleOf(left) - cycleOf(right));
  return [...cells.values()];
}

import { pulseFeatureNames, pulseFeatures, pulseVoltages } from "@voltfog/battery";
import { CodedError } from "@voltfog/runtime";
import { type DataFile, numberOrMissing, readDataFile } from "../learning/data-file.ts";
import type { FeatureTable } from "../learning/feature-table.ts";

/** Pulse tests in the order of their file. */
export interface PulseTests {
  readonly file: Pick<DataFile, "path" | "sha256">;
  readonly rows: readonly {
    readonly type: string;
    /** Type and ID: groups rows, never a feature. */
    readonly cell: string;
    /** NaN where the file leaves it blank. */
    readonly truth: number;
  }[];
  readonly table: FeatureTable;
}

/** Reads a file in the form of pulses_5s.csv.gz. Qn, Q and SOC are never read, SOH only as truth. */
export function readPulseTests(path: string): PulseTests {
  const voltages = Array.from({ length: pulseVoltages }, (_, at) => `U${at + 1}`);
  const file = readDataFile({ path, columns: ["type", "ID", ...voltages] });
  const values = new Float32Array(file.rows.length * pulseFeatureNames.length);
  const rows = file.rows.map((row, index) => {
    const place = `${path}, row ${index + 1}`;
    const voltage_V = voltages.map((name) => numberOrMissing(row[name], `${place}, ${name}`));
    if (voltage_V.some(Number.isNaN)) throw incomplete(place);
    values.set(pulseFeatures(voltage_V), index * pulseFeatureNames.length);
    return {
      type: row["type"] ?? "",
      cell: `${row["type"]}/${row["ID"]}`,
      truth: numberOrMissing(row["SOH"], `${place}, SOH`),
    };
  });
  const table = { names: pulseFeatureNames, rows: rows.length, values };
  return { file: { path, sha256: file.sha256 }, rows, table };
}

function incomplete(place: string): CodedError {
  return new CodedError({
    code: "DATA_UNREADABLE",
    message: `${place}: a voltage is missing`,
    remedy: "give all of U1 to U21, or leave the test out",
  });
}

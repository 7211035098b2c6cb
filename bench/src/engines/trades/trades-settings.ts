import type { EngineChoice } from "@voltfog/ledger";
import { CodedError } from "@voltfog/runtime";
import type { ExperimentFlag } from "../../report/experiment.ts";
import { engineFlag, parseEngines } from "../engine-list.ts";

export interface TradesSettings {
  readonly engines: readonly EngineChoice[];
  readonly n: number;
}

export const usualSize = 4;
const sizes = { min: 4, max: 10 } as const;

export const tradesFlags: readonly ExperimentFlag[] = [
  engineFlag,
  {
    name: "n",
    value: "number",
    description: `validators, ${sizes.min} to ${sizes.max}, each a process of its own`,
    fallback: String(usualSize),
  },
];

/** FLAG_INVALID names the flag that does not read. */
export function parseTrades(flags: Readonly<Record<string, string>>): TradesSettings {
  const n = Number(flags["n"]);
  if (!Number.isInteger(n) || n < sizes.min || n > sizes.max) {
    throw new CodedError({
      code: "FLAG_INVALID",
      message: "--n does not read",
      remedy: `--n is a whole number from ${sizes.min} to ${sizes.max}`,
    });
  }
  return { engines: parseEngines(flags["engine"] ?? ""), n };
}

import type { Verdict } from "./verdict.ts";

/** Verdicts for the eye, each with what to do about it. */
export function verdictTable(checks: readonly Verdict[]): string {
  const width = Math.max(...checks.map(({ check }) => check.length));
  const lines = checks.flatMap(({ check, result, what, todo }) => {
    const line = `${result.padEnd(4)}  ${check.padEnd(width)}  ${what}`;
    return todo === null ? [line] : [line, `${" ".repeat(6 + width + 2)}→ ${todo}`];
  });
  const count = (result: Verdict["result"]): number =>
    checks.filter((check) => check.result === result).length;
  return [...lines, "", `${count("fail")} failed, ${count("warn")} warnings`].join("\n");
}

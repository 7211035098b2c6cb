import { type Facts, type ReportRow, summarise } from "@voltfog/runtime";

/** Items that hold all the wanted facts. */
export function itemsOf(items: readonly Facts[] | undefined, wanted: Facts): readonly Facts[] {
  const names = Object.keys(wanted);
  return (items ?? []).filter((item) => names.every((name) => item[name] === wanted[name]));
}

/** The median of one number among items, under its name or with the experiment's before it. */
export function medianOf(items: readonly Facts[], name: string): number | undefined {
  const values = valuesOf(items, name);
  return values.length === 0 ? undefined : summarise(values).value;
}

/** The distinct numbers under a name, ascending. */
export function numbersOf(items: readonly Facts[], name: string): number[] {
  return [...new Set(valuesOf(items, name))].sort((a, b) => a - b);
}

/** A row's median; undefined where there is no such row. */
export function rowValue(
  rows: readonly ReportRow[] | undefined,
  metric: string,
): number | undefined {
  return rows?.find((row) => row.metric === metric)?.value;
}

function valuesOf(items: readonly Facts[], name: string): number[] {
  return items.map((item) => numberIn(item, name)).filter((each) => each !== undefined);
}

/** A number, or the median of a summary. */
function numberIn(item: Facts, name: string): number | undefined {
  const value = item[name] ?? item[`engines.${name}`];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  const { value: median } = value as { value?: unknown };
  return typeof median === "number" && Number.isFinite(median) ? median : undefined;
}

import { type Summary, summarise } from "./statistics.ts";

/** One figure: median, least and greatest of n repeats, beside what it should reach. */
export interface ReportRow extends Summary {
  readonly metric: string;
  readonly unit: string;
  /** Null where nothing was promised. */
  readonly goal: number | null;
  readonly met: boolean | null;
}

/** Which side of the goal is good, and how far the design hopes to come. */
export interface Goal {
  readonly sense: "at-least" | "at-most";
  readonly goal: number;
  readonly moonshot?: number;
}

export type Facts = Readonly<Record<string, unknown>>;

/** What an experiment found out, before it is said where and of what. */
export interface Findings {
  /** How it was measured, in sentences: headline setting, durability, what peers were configured as. */
  readonly method: string;
  /** Everything that has to be equal for the figures to come out again. */
  readonly inputs: Facts;
  readonly rows: readonly ReportRow[];
  /** One per setting or repeat: everything that the rows leave out. */
  readonly items: readonly Facts[];
}

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_MB: number;
  readonly os: string;
  readonly node: string;
}

/** The one form in which every bench and evaluate command gives its result. */
export interface Report extends Findings {
  readonly name: string;
  /** Of the sources; "-dirty" behind it where they were changed since, "unknown" without git. */
  readonly commit: string;
  readonly machine: Machine;
}

/** The row of a figure from its repeats, rounded to six digits. */
export function reportRow(o: {
  metric: string;
  unit: string;
  values: readonly number[];
  goal?: Goal | undefined;
}): ReportRow {
  const { value, min, max, n } = summarise(o.values);
  return {
    metric: o.metric,
    unit: o.unit,
    value: rounded(value),
    min: rounded(min),
    max: rounded(max),
    n,
    goal: o.goal?.goal ?? null,
    met: o.goal === undefined ? null : isMet(value, o.goal),
  };
}

/** Six significant digits: no figure here is known better than that. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

function isMet(value: number, { sense, goal }: Goal): boolean {
  return sense === "at-least" ? value >= goal : value <= goal;
}

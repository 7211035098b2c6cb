import type { EngineResults } from "./engine-results.ts";
import type { Cell } from "./html-text.ts";
import type { PublishedFigure } from "./published-figure.ts";

/** What stands beside one published figure. */
export interface Comparison {
  /** Of the published figure. */
  readonly id: string;
  /** What this product measured, in words with figures; undefined where nothing was measured so far. */
  readonly ours: (results: EngineResults) => string | undefined;
  /** Why the two differ, or cannot be held against each other. */
  readonly reason: string;
}

export const comparisonHeads = [
  "figure",
  "engine",
  "place",
  "published",
  "ours",
  "reason of the difference",
] as const;

/** One line of a table of published figures beside ours. */
export function comparisonLine(
  figure: PublishedFigure,
  comparison: Comparison | undefined,
  results: EngineResults,
): readonly Cell[] {
  return [
    figure.what,
    engineWords[figure.engine] ?? figure.engine,
    figure.place,
    publishedText(figure),
    comparison?.ours(results) ?? "not measured",
    comparison?.reason ?? "",
  ];
}

const engineWords: Readonly<Record<string, string>> = {
  "poa-published": "PoA as published",
  pbft: "PBFT",
  pow: "PoW",
  linear: "Linear BFT",
  sbft: "SBFT",
  all: "all",
};

const exact = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 8 });

function publishedText({ knownBy, value, unit, said }: PublishedFigure): string {
  if (value === undefined) return knownBy === "picture" ? `not in the text: ${said}` : said;
  const number = `${exact.format(unit === "ratio" ? 100 * value : value)} ${unitWords[unit] ?? unit}`;
  return knownBy === "axis" ? `at most ${number}: ${said}` : `${number}: ${said}`;
}

const unitWords: Readonly<Record<string, string>> = { ratio: "%", "1/s": "a second" };

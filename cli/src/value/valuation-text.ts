import type { Shown, Valuation } from "./valuation.ts";

interface Section {
  readonly title: string;
  readonly facts: readonly Shown[];
}

function sections(valuation: Valuation): readonly Section[] {
  const { grade, value_EUR, test } = valuation;
  const grades = grade.best === grade.worst ? grade.best : `${grade.worst} to ${grade.best}`;
  const rule = "computed from what stands here, packages/battery/src/value";
  return [
    { title: "Until factory exit", facts: valuation.factory },
    { title: "In service", facts: valuation.service },
    { title: "Gaps", facts: valuation.declaredGaps },
    { title: "Assumed", facts: valuation.assumptions },
    {
      title: "Result",
      facts: [
        { name: "grade", value: grades, proof: rule },
        { name: "value", value: `${value_EUR.low} to ${value_EUR.high} EUR`, proof: rule },
        {
          name: "the test that would lower doubt most",
          value: `${test.name}; leaves ${test.width_EUR} EUR between low and high`,
          proof: rule,
        },
      ],
    },
  ];
}

/** For a terminal. */
export function valuationText(valuation: Valuation): string {
  const lines = sections(valuation).flatMap(({ title, facts }) => [
    title,
    ...facts.map(({ name, value, proof }) => `  ${name}: ${value} [${proof ?? "no proof"}]`),
  ]);
  return [`pack ${valuation.pack}`, ...lines].join("\n");
}

/** One page without scripts or anything from elsewhere. */
export function valuationPage(valuation: Valuation): string {
  const tables = sections(valuation).map(
    ({ title, facts }) =>
      `<h2>${escaped(title)}</h2>\n<table>\n${facts.map(rowOf).join("\n")}\n</table>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Pack ${escaped(valuation.pack)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #bbb; padding: .3rem .6rem; text-align: left; vertical-align: top; }
td:last-child { color: #555; font-size: .85rem; overflow-wrap: anywhere; }
</style>
<h1>Pack ${escaped(valuation.pack)}</h1>
${tables.join("\n")}
</html>
`;
}

function rowOf({ name, value, proof }: Shown): string {
  return `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td><td>${escaped(proof ?? "no proof")}</td></tr>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

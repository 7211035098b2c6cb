import type { Report } from "@voltfog/runtime";
import { certificatesSection } from "./certificates-section.ts";
import { deliverableSection } from "./deliverable-section.ts";
import type { EngineResults } from "./engine-results.ts";
import { goalsSection } from "./goals-section.ts";
import { escaped, tableText } from "./html-text.ts";
import { messagesSection } from "./messages-section.ts";
import { pageStyle } from "./page-style.ts";
import { publishedContradictions } from "./published-contradictions.ts";
import { thesisSection } from "./thesis-section.ts";
import { tradesSection } from "./trades-section.ts";

/**
 * One page without a script or anything from elsewhere: both published comparisons beside what was measured
 * here, each difference with its reason. Equal for equal results.
 */
export function enginePage(results: EngineResults): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Voltfog: consensus engines side by side</title><style>${pageStyle}</style></head>
<body>
<main>
<h1>Consensus engines side by side</h1>
<p>Two documents compare consensus engines and publish figures. This page holds every one of them against what this product measured, and says why they differ. Made by <code>voltfog bench report</code> from the results in <code>bench/results</code>.</p>
<p>Figures marked <em>processes</em> come from real processes on one machine: signatures checked, blocks synced to disk. Figures marked <em>virtual time</em> come from the same engines in one process on a simulated clock; they tell messages, bytes and phases, never speed.</p>
<nav aria-label="Sections"><ul><li><a href="#goals">Goals</a></li><li><a href="#deliverable">Battery data: D5.3</a></li><li><a href="#thesis">Trades: the thesis</a></li><li><a href="#trades">Trades under load and faults</a></li><li><a href="#messages">Messages, bytes and phases</a></li><li><a href="#certificates">Certificates</a></li><li><a href="#contradictions">Contradictions</a></li><li><a href="#method">How it was measured</a></li></ul></nav>
${goalsSection(results)}
${deliverableSection(results)}
${thesisSection(results)}
${tradesSection(results)}
${messagesSection(results)}
${certificatesSection(results)}
${contradictionsSection()}
${methodSection(results)}
</main>
</body></html>
`;
}

function contradictionsSection(): string {
  const lines = publishedContradictions.map(({ document, place, says, but, taken }) => [
    `${document}, ${place}`,
    ...[says, but, taken],
  ]);
  return `<section aria-labelledby="contradictions"><h2 id="contradictions">Where the documents contradict themselves</h2>
${tableText({ caption: "Contradictions and what we took", heads: ["place", "it says", "but", "taken"], lines })}</section>`;
}

function methodSection(results: EngineResults): string {
  return `<section aria-labelledby="method"><h2 id="method">How it was measured</h2>${Object.values(results).flat().map(methodText).join("")}</section>`;
}

function methodText({ name, method, machine, commit, inputs }: Report): string {
  const { cpu, cores, memory_MB, os, node } = machine;
  const command = inputs["command"];
  const said = typeof command === "string" ? `<p><code>${escaped(command)}</code></p>` : "";
  return `<h3>${escaped(name)}</h3>${said}<p>${escaped(method)}</p><p class="quiet">${cores} × ${escaped(cpu)}, ${Math.round(memory_MB / 1024)} GB, ${escaped(os)}, Node ${escaped(node)}; commit ${escaped(commit)}</p>`;
}

import { CodedError } from "@voltfog/runtime";
import type { Experiment } from "../report/experiment.ts";
import { batteryPart } from "./battery/battery-experiment.ts";
import type { EnginesPart } from "./engines-part.ts";
import { soakFlag, soakPart } from "./trades/soak-experiment.ts";
import { tradesPart } from "./trades/trades-experiment.ts";
import { tradesFlags } from "./trades/trades-settings.ts";
import { virtualPart } from "./virtual/virtual-experiment.ts";

const parts: readonly EnginesPart[] = [tradesPart, soakPart, virtualPart, batteryPart];

/** The consensus engines side by side, in interleaved runs; `--experiment` says with what load. */
export const enginesExperiment: Experiment = {
  name: "engines",
  summary: "Consensus engines side by side, with real processes and durable blocks",
  flags: [
    {
      name: "experiment",
      value: parts.map(({ name }) => name).join("|"),
      description: parts.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
      fallback: "trades",
    },
    ...tradesFlags,
    soakFlag,
  ],
  resultName(flags) {
    const part = partOf(flags);
    return `engines-${part.resultName?.(flags) ?? part.name}`;
  },
  async run(context) {
    const part = partOf(context.flags);
    const findings = await part.run(context);
    const command = `voltfog bench engines ${wordsOf(context.flags)} --out bench/results`;
    return { ...findings, inputs: { command, ...findings.inputs } };
  },
};

/** The flags that the result depends on, as they were given; what is usual is left out. */
function wordsOf(flags: Readonly<Record<string, string>>): string {
  return (enginesExperiment.flags ?? [])
    .filter(({ name, fallback }) => name === "experiment" || flags[name] !== fallback)
    .map(({ name }) => `--${name} ${flags[name]}`)
    .join(" ");
}

/** FLAG_INVALID where there is no such experiment. */
function partOf(flags: Readonly<Record<string, string>>): EnginesPart {
  const part = parts.find(({ name }) => name === flags["experiment"]);
  if (part !== undefined) return part;
  throw new CodedError({
    code: "FLAG_INVALID",
    message: "--experiment does not read",
    remedy: `--experiment is ${parts.map(({ name }) => name).join(" or ")}`,
  });
}

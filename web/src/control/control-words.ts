import type { Considered, Step, StepName, UnitNode } from "../api/control-shapes.ts";

const thinSpace = "\u2009";

const verdicts: Readonly<Record<string, string>> = {
  chosen: "chosen",
  slower: "slower than the chosen one",
  fuller: "as fast, but fuller",
  dead: "does not answer",
  unknown: "has not answered yet since the controller started",
  unmeasured: "no latency is measured yet",
  full: "has no room for one more vehicle",
  "no-cpu": "has too little processor time left",
  "no-memory": "has too little memory left",
  "too-far": "too far away for these functions",
};

/** What decided about one unit, in words; a rule that is not known here by its own name. */
export function verdictWords({ verdict }: Pick<Considered, "verdict">): string {
  return verdicts[verdict] ?? verdict.replaceAll("-", " ");
}

/** Whether a unit is there, in one word or two. */
export function unitStateWords({ alive, unknown }: Pick<UnitNode, "alive" | "unknown">): string {
  if (alive) return "answers";
  return unknown ? "not heard yet" : "silent";
}

const triggers: Readonly<Record<string, string>> = {
  dead: "unit died",
  faster: "faster elsewhere",
  connected: "connected elsewhere",
  operator: "operator",
  new: "first place",
};

export function triggerWords(trigger: string): string {
  return triggers[trigger] ?? trigger.replaceAll("-", " ");
}

/** The headings of the published architecture, in its order. */
export const stepTitles: Readonly<Record<StepName, string>> = {
  collect: "Collect",
  process: "Process",
  select: "Select",
  deploy: "Deploy",
  record: "Record",
  verify: "Verify",
  run: "Run",
  adapt: "Adapt",
};

export const stepPurposes: Readonly<Record<StepName, string>> = {
  collect: "the vehicle measures its pack",
  process: "the roadside unit checks and logs it",
  select: "the controller picks the functions",
  deploy: "the functions run on the unit that fits best",
  record: "what they find is recorded",
  verify: "validators agree, and anybody can check",
  run: "the functions go on working",
  adapt: "the controller changes what they do",
};

/** How long after the step that it follows from; empty where that is not known. */
export function afterWords({ after_ms, afterStep }: Pick<Step, "after_ms" | "afterStep">): string {
  if (after_ms === null || afterStep === null) return "";
  const step = stepTitles[afterStep].toLowerCase();
  if (after_ms < 0) return `${lastWords(-after_ms)} before ${step}, by another clock`;
  return `${lastWords(after_ms)} after ${step}`;
}

function lastWords(time_ms: number): string {
  if (time_ms < 10_000) return `${time_ms}${thinSpace}ms`;
  if (time_ms < 120_000) return `${(time_ms / 1000).toFixed(1)}${thinSpace}s`;
  return `${Math.round(time_ms / 60_000)}${thinSpace}min`;
}

/** How much of what a unit offers is given away, 0 to 1; null where it does not say. */
export function loadOf(unit: {
  readonly capacity: { readonly cpu: number; readonly memory_MB: number } | null;
  readonly used: { readonly cpu: number; readonly memory_MB: number } | null;
}): number | null {
  const { capacity, used } = unit;
  if (capacity === null || used === null || capacity.cpu <= 0 || capacity.memory_MB <= 0) {
    return null;
  }
  return Math.max(used.cpu / capacity.cpu, used.memory_MB / capacity.memory_MB);
}

import type { Draft, StepName, StepPlace, StepView } from "./step-view.ts";

/** A step that is known, of which the rest is to be said. */
export function path(step: StepName, at_ms: number | null, clock: StepView["clock"]): PathHead {
  return { step, known: true, details: [], standing: false, at_ms, clock };
}

type PathHead = Pick<Draft, "step" | "known" | "details" | "standing" | "at_ms" | "clock">;

/** A step of which nothing is known, and why. */
export function unknown(step: StepName, sentence: string, where: Partial<StepPlace> = {}): Draft {
  const standing = step === "select" || step === "deploy";
  return {
    ...{ step, known: false, sentence, details: [], standing, at_ms: null, clock: null },
    where,
  };
}

/** The text as a sentence. */
export function sentenceOf(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** One step of a proof as this browser went through it. */
export interface ProofStep {
  readonly name: string;
  readonly detail: string;
  readonly state: "passed" | "failed" | "unchecked";
}

/** A step that may fail with one of these codes. */
export interface StepPlan {
  readonly name: string;
  readonly codes: readonly string[];
}

/** All steps passed, each with what it showed. */
export function passedSteps(
  plan: readonly StepPlan[],
  details: Readonly<Record<string, string>>,
): readonly ProofStep[] {
  return plan.map(({ name }) => ({ name, detail: details[name] ?? "", state: "passed" }));
}

/**
 * What a failure says of the steps: those before the one that can fail so have passed, those behind it were
 * not looked at. A code of no step leaves all of them open.
 */
export function stepsUpTo(
  plan: readonly StepPlan[],
  problem: { readonly code: string; readonly detail: string },
): readonly ProofStep[] {
  const at = plan.findIndex(({ codes }) => codes.includes(problem.code));
  return plan.map(({ name }, place) => {
    if (place === at)
      return { name, detail: `${problem.code}: ${problem.detail}`, state: "failed" };
    return { name, detail: "", state: place < at ? "passed" : "unchecked" };
  });
}

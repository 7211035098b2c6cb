import {
  accepted,
  type Crypto,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
} from "@voltfog/runtime";
import type { Genesis, Validator } from "../genesis/genesis.ts";
import { successionsIn } from "../modules/key-succession.ts";
import { electorateName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { decodeEpochStep, type EpochStep, encodeEpochStep, nextEpoch } from "./epoch-step.ts";

type StepsProblem = Problem & { readonly detail: string };

/**
 * The set that steps from elsewhere lead to, from the genesis file's, each said by the set that stood
 * until then. Costs two signature verifications for each succession and a quorum of them for each
 * admission or removal.
 */
export function provenValidators(options: {
  genesis: Genesis;
  epoch: number;
  steps: readonly EpochStep[];
  crypto: Crypto;
}): Outcome<readonly Validator[], StepsProblem> {
  return new EpochTrail(options).prove(options);
}

/** Steps that were proven before and the sets that they led to: only what is new is verified again. */
export class EpochTrail {
  readonly #genesis: Genesis;
  readonly #crypto: Crypto;
  readonly #proven: { readonly hash: Uint8Array; readonly validators: readonly Validator[] }[] = [];

  constructor(options: { genesis: Genesis; crypto: Crypto }) {
    this.#genesis = options.genesis;
    this.#crypto = options.crypto;
  }

  /** As {@link provenValidators}; a step at a place where the same one was proven costs one hash. */
  prove(options: {
    epoch: number;
    steps: readonly EpochStep[];
  }): Outcome<readonly Validator[], StepsProblem> {
    const { epoch, steps } = options;
    const code = "EPOCH_STEP_INVALID";
    if (steps.length !== epoch) {
      return refused({ code, detail: `epoch ${epoch} with ${steps.length} steps from the first` });
    }
    for (const [at, step] of steps.entries()) {
      if (this.#take(step, at)) continue;
      const what = step.kind === "succession" ? "succession of a vote key" : "change of the set";
      return refused({
        code,
        detail: `the ${what} after epoch ${at} is not theirs who stood then`,
      });
    }
    return accepted(this.#setAt(epoch));
  }

  #setAt(epoch: number): readonly Validator[] {
    return this.#proven[epoch - 1]?.validators ?? this.#genesis.validators;
  }

  #take(step: EpochStep, epoch: number): boolean {
    const genesis = this.#genesis;
    const crypto = this.#crypto;
    const hash = crypto.sha256(encodeEpochStep(step));
    const known = this.#proven[epoch];
    if (known !== undefined && equalBytes(known.hash, hash)) return true;
    const validators = nextEpoch({
      step,
      epoch,
      validators: this.#setAt(epoch),
      genesis,
      crypto,
    });
    if (validators === undefined) return false;
    this.#proven.splice(epoch, Number.POSITIVE_INFINITY, { hash, validators });
    return true;
  }
}

/**
 * The steps that the chain's own state holds, oldest first. One that set up the epoch that the head's
 * header only names is not among them until the next block records it.
 */
export function stepsIn(state: StateTree): readonly EpochStep[] {
  const successions = successionsIn(state);
  const steps: EpochStep[] = [];
  let used = 0;
  for (;;) {
    const value = state.get(electorateName(steps.length + 1));
    const recorded = value && decodeEpochStep(value);
    const succession = successions[used];
    if (recorded?.ok) steps.push(recorded.value);
    else if (succession === undefined) return steps;
    else {
      steps.push({ kind: "succession", ...succession });
      used++;
    }
  }
}

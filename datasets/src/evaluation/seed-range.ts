import { CodedError } from "@voltfog/runtime";
import type { TaskFlag } from "./evaluation.ts";

/** A thousand seeds are hours; more are a typing mistake. */
const seedsMax = 1000;

/** The flag that all evaluations on simulated packs have. */
export const seedsFlag: TaskFlag = {
  name: "seeds",
  value: "A..B",
  summary: "simulated packs to score on, such as 101..110",
  isRequired: true,
};

/** The seeds of "A..B", both included, or of a single "A". SEEDS_INVALID for anything else. */
export function seedRange(text: string | undefined): readonly number[] {
  const match = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text ?? "");
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (to >= from && to - from < seedsMax) {
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }
  throw new CodedError({
    code: "SEEDS_INVALID",
    message: `--seeds is ${JSON.stringify(text)}`,
    remedy: `give A..B with A up to B, at most ${seedsMax} seeds`,
  });
}

/** A number of 0 or more from a flag, or its fallback. NUMBER_INVALID for anything else. */
export function positiveNumber(o: {
  flag: string;
  text: string | undefined;
  fallback: number;
  max: number;
}): number {
  if (o.text === undefined) return o.fallback;
  const value = /^\d+(\.\d+)?$/.test(o.text) ? Number(o.text) : Number.NaN;
  if (value <= o.max) return value;
  throw new CodedError({
    code: "NUMBER_INVALID",
    message: `--${o.flag} is ${JSON.stringify(o.text)}`,
    remedy: `give a number from 0 to ${o.max}`,
  });
}

import { identifierPattern } from "@voltfog/runtime";

/** The items of a list that is one and not too long. */
export function listOf(value: unknown, max: number): readonly unknown[] {
  return Array.isArray(value) && value.length <= max ? value : [];
}

export function isId(value: unknown): value is string {
  return typeof value === "string" && identifierPattern.test(value);
}

/** From 0 to the limit; NaN and infinities are not. */
export function isWithin(value: unknown, max: number): value is number {
  return typeof value === "number" && value >= 0 && value <= max;
}

import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";

/** Why a problem was refused: the path of the field, what stands there and what may. */
export interface ProblemRefusal extends Problem {
  readonly code:
    | "FIELD_MISSING"
    | "TYPE_WRONG"
    | "NUMBER_NEGATIVE"
    | "NUMBER_NOT_FINITE"
    | "NUMBER_TOO_LARGE"
    | "ID_INVALID"
    | "ID_REPEATED"
    | "SIZE_WRONG"
    | "FUNCTION_UNKNOWN"
    | "UNIT_UNKNOWN"
    | "LIMIT_EXCEEDED";
  readonly detail: string;
}

/** Larger numbers would lose the digits that decide. */
const numberMax = 1e12;
const idMax = 128;

export function refusal(
  code: ProblemRefusal["code"],
  path: string,
  found: unknown,
  expected?: string,
): { readonly ok: false; readonly problem: ProblemRefusal } {
  const shown = (JSON.stringify(found) ?? String(found)).slice(0, 64);
  const meaning = expected ?? meanings[code];
  return refused({ code, detail: `${path} is ${shown}; expected ${meaning}` });
}

const meanings: Readonly<Record<ProblemRefusal["code"], string>> = {
  FIELD_MISSING: "a value",
  TYPE_WRONG: "another type",
  NUMBER_NEGATIVE: "0 or more",
  NUMBER_NOT_FINITE: "a finite number",
  NUMBER_TOO_LARGE: `at most ${numberMax}`,
  ID_INVALID: `a text of 1 to ${idMax} characters`,
  ID_REPEATED: "an id that no other has",
  SIZE_WRONG: "another size",
  FUNCTION_UNKNOWN: "the id of a function in functions",
  UNIT_UNKNOWN: "the id of a unit in units",
  LIMIT_EXCEEDED: "less",
};

/** A finite number that is not negative. JSON turns NaN into null, and too large a number into Infinity. */
export function finite(value: unknown, path: string): Outcome<number, ProblemRefusal> {
  if (value === undefined) return refusal("FIELD_MISSING", path, value, "a number");
  if (value === null || (typeof value === "number" && !Number.isFinite(value))) {
    return refusal("NUMBER_NOT_FINITE", path, value);
  }
  if (typeof value !== "number") return refusal("TYPE_WRONG", path, value, "a number");
  if (value < 0) return refusal("NUMBER_NEGATIVE", path, value);
  return value > numberMax ? refusal("NUMBER_TOO_LARGE", path, value) : accepted(value + 0);
}

export function idText(value: unknown, path: string): Outcome<string, ProblemRefusal> {
  if (value === undefined) return refusal("FIELD_MISSING", path, value, meanings.ID_INVALID);
  const isId = typeof value === "string" && value.length > 0 && value.length <= idMax;
  return isId ? accepted(value) : refusal("ID_INVALID", path, value);
}

export function textList(value: unknown, path: string): Outcome<readonly string[], ProblemRefusal> {
  const list = listOf(value, path, 1000);
  if (!list.ok) return list;
  const texts: string[] = [];
  for (const [place, item] of list.value.entries()) {
    const text = idText(item, `${path}[${place}]`);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  return accepted(texts);
}

export function listOf(
  value: unknown,
  path: string,
  lengthMax: number,
): Outcome<readonly unknown[], ProblemRefusal> {
  if (value === undefined) return refusal("FIELD_MISSING", path, value, "a list");
  if (!Array.isArray(value)) return refusal("TYPE_WRONG", path, value, "a list");
  return value.length > lengthMax
    ? refusal("LIMIT_EXCEEDED", path, value.length, `at most ${lengthMax}`)
    : accepted(value);
}

/** An object, read by the names K. */
export function recordAt<K extends string>(
  value: unknown,
  path: string,
): Outcome<Fields<K>, ProblemRefusal> {
  if (value === undefined) return refusal("FIELD_MISSING", path, value, "an object");
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? accepted(value as Fields<K>) : refusal("TYPE_WRONG", path, value, "an object");
}

export type Fields<K extends string> = { readonly [Key in K]?: unknown };

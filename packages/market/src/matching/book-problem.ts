import type { Problem } from "@voltfog/runtime";

/** Why a book file is refused, and where in it. */
export interface BookProblem extends Problem {
  readonly code:
    | "FIELD_MISSING"
    | "TYPE_WRONG"
    | "VERSION_UNKNOWN"
    | "NUMBER_NEGATIVE"
    | "NUMBER_NOT_WHOLE"
    | "NUMBER_TOO_LARGE"
    | "NUMBER_TOO_SMALL"
    | "POSITION_INVALID"
    | "SIDE_UNKNOWN"
    | "ID_INVALID"
    | "ID_REPEATED"
    | "TIME_BACKWARDS"
    | "LIMIT_EXCEEDED";
  readonly detail: string;
  /** Such as orders[3].energy_Wh. */
  readonly path: string;
}

/** Carries a problem out of nested readers; never leaves {@link catchProblem}. */
class BookFault extends Error {
  readonly problem: BookProblem;

  constructor(problem: BookProblem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export function fault(code: BookProblem["code"], path: string, detail: string): never {
  throw new BookFault({ code, path, detail });
}

export function catchProblem<T>(
  read: () => T,
): { readonly value: T } | { readonly problem: BookProblem } {
  try {
    return { value: read() };
  } catch (thrown) {
    if (thrown instanceof BookFault) return { problem: thrown.problem };
    throw thrown;
  }
}

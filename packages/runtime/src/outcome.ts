/** The verdict on input from outside: a value, or a problem with a closed set of codes. Never thrown. */
export type Outcome<T, P extends Problem = Problem> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: P };

/** Why input was refused; each code's own type adds both sides of the mismatch. */
export interface Problem {
  readonly code: string;
  readonly detail?: string;
}

export function accepted<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refused<P extends Problem>(
  problem: P,
): { readonly ok: false; readonly problem: P } {
  return { ok: false, problem };
}

import { messageOf } from "@voltfog/runtime";

/** What one check found. */
export interface Verdict {
  readonly check: string;
  readonly result: "ok" | "warn" | "fail";
  readonly what: string;
  /** What to do about it; null where there is nothing to do. */
  readonly todo: string | null;
}

/** The verdicts of one check. */
export interface Findings {
  ok(what: string): void;
  /** Something works less well, or may soon not work. */
  warn(what: string, todo: string): void;
  /** Something does not work. */
  fail(what: string, todo: string): void;
}

/** Runs one check; one that breaks down itself is a failed one. */
export async function verdictsOf(
  check: string,
  examine: (findings: Findings) => void | Promise<void>,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const add = (result: Verdict["result"], what: string, todo: string | null): void => {
    verdicts.push({ check, result, what, todo });
  };
  try {
    await examine({
      ok: (what) => add("ok", what, null),
      warn: (what, todo) => add("warn", what, todo),
      fail: (what, todo) => add("fail", what, todo),
    });
  } catch (thrown) {
    const { remedy } = thrown as { remedy?: unknown };
    const todo = typeof remedy === "string" ? remedy : "correct what the message names";
    add("fail", messageOf(thrown), todo);
  }
  return verdicts;
}

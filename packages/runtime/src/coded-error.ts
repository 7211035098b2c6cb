/** An expected failure of I/O or set-up, with a stable code and, where there is one, what to do about it. */
export class CodedError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(options: { code: string; message: string; remedy?: string; cause?: unknown }) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "CodedError";
    this.code = options.code;
    this.remedy = options.remedy;
  }
}

/** Stops the process on a broken promise of our own code; input from outside gets an Outcome instead. */
export function assert(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new Error(`broken promise: ${promise}`);
}

/** What a log line says of anything that was thrown: its text, and its code where it has one. */
export function faultOf(thrown: unknown): {
  readonly reason: string;
  readonly code: string | undefined;
} {
  const code = thrown instanceof CodedError ? thrown.code : undefined;
  return { code, reason: messageOf(thrown) };
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

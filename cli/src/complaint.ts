import { CodedError, messageOf } from "@voltfog/runtime";

/** Bad input to a command: one line that says what, and what to do about it. */
export function complaint(options: { code: string; what: string; remedy: string }): CodedError {
  return new CodedError({ code: options.code, message: options.what, remedy: options.remedy });
}

/** The line for whatever was thrown, without the line end: the code, by which it can be looked up, what, and what to do. */
export function complaintLine(thrown: unknown): string {
  const { code, remedy } = thrown instanceof CodedError ? thrown : {};
  const coded = code === undefined ? "" : `${code}: `;
  const text = `${coded}${messageOf(thrown)}${remedy === undefined ? "" : `; ${remedy}`}`;
  return `voltfog: ${text.replaceAll(/\s*\n\s*/g, " ").trim()}`;
}

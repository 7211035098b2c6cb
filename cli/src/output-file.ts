import { CodedError } from "@voltfog/runtime";
import { complaint } from "./complaint.ts";

/**
 * Runs what writes a file that the user named. FILE_UNWRITABLE says why there is none; a refusal with a code
 * of its own passes.
 */
export function writingFile<T>(options: { path: string; remedy: string }, write: () => T): T {
  const { path, remedy } = options;
  try {
    return write();
  } catch (thrown) {
    if (thrown instanceof CodedError) throw thrown;
    const why = String((thrown as { code?: unknown }).code ?? thrown);
    throw complaint({ code: "FILE_UNWRITABLE", what: `${path} cannot be written: ${why}`, remedy });
  }
}

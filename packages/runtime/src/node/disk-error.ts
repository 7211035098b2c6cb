import { CodedError, messageOf } from "../coded-error.ts";

/** DISK_FULL when there is no space left, DISK_ERROR for another refusal of the file system, a CodedError as it is. */
export function diskError(thrown: unknown, path: string): CodedError {
  if (thrown instanceof CodedError) return thrown;
  const { code } = thrown as { code?: unknown };
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new CodedError({
      code: "DISK_FULL",
      message: `no space left to write ${path}`,
      remedy: "free space on this disk or move the data folder",
      cause: thrown,
    });
  }
  return new CodedError({
    code: "DISK_ERROR",
    message: `${path}: ${messageOf(thrown)}`,
    cause: thrown,
  });
}

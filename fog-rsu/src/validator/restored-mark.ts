import { existsSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "@voltfog/runtime";

/**
 * Lies in the data folder of a validator that came back from a backup. What it voted after the backup
 * is not known here, so with its old key it could vote twice at one height.
 */
export const restoredValidatorMark: { readonly file: string; readonly text: string } = {
  file: "RESTORED_NEEDS_NEW_KEY",
  text: [
    "This validator was restored from a backup. With its old vote key it could contradict what it voted",
    "after the backup, so it does not start.",
    "",
    "While other validators of its chain run, bring it back into their site's folder instead, where it gets",
    "a new vote key: voltfog restore <archive> --data <site> --member <this validator>",
    "",
  ].join("\n"),
};

/** RESTORED_NEEDS_NEW_KEY where the folder holds the mark. */
export function refuseRestored(dataDir: string): void {
  const path = join(dataDir, restoredValidatorMark.file);
  if (!existsSync(path)) return;
  throw new CodedError({
    code: "RESTORED_NEEDS_NEW_KEY",
    message: `${dataDir} was restored from a backup, so this validator may not vote with its old key`,
    remedy: `see ${path}`,
  });
}

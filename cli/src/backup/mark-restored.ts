import { existsSync } from "node:fs";
import { join } from "node:path";
import { restoredValidatorMark } from "@voltfog/fog-rsu";
import type { Genesis } from "@voltfog/ledger";
import { restoredMark } from "@voltfog/ledger/node";
import { replaceFileSync } from "@voltfog/runtime/node";
import { validatorsIn } from "../validators/site-validators.ts";

/**
 * Marks what may not go on as if nothing had been: a validator needs a new vote key, a unit opens a new
 * log. Both could contradict what they signed after the backup.
 */
export function markRestored(root: string, genesis: Genesis): void {
  for (const id of validatorsIn({ root }, genesis)) mark(join(root, id), restoredValidatorMark);
  for (const { id } of genesis.units) mark(join(root, id), restoredMark);
}

/** A member that had no folder yet has signed nothing. */
function mark(folder: string, { file, text }: { file: string; text: string }): void {
  if (existsSync(folder)) replaceFileSync(join(folder, file), text);
}

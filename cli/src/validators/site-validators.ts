import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Chain, Genesis } from "@voltfog/ledger";
import type { SitePaths } from "../site/site-folder.ts";

/**
 * Ids of the validators that a site's folder has or had: those of the genesis file in its order, then every
 * other one that keeps blocks here, as one that was admitted later.
 */
export function validatorsIn(
  paths: Pick<SitePaths, "root">,
  { validators, units }: Pick<Genesis, "validators" | "units">,
): readonly string[] {
  const founding = validators.map(({ id }) => id);
  const known = new Set([...founding, ...units.map(({ id }) => id)]);
  const later = foldersIn(paths.root)
    .filter((name) => !known.has(name) && existsSync(join(paths.root, name, "blocks")))
    .sort();
  return [...founding, ...later];
}

function foldersIn(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((item) => item.isDirectory() && !item.name.endsWith(".part"))
    .map(({ name }) => name);
}

/** Who decides the next block of a chain, and by which of its blocks that is known. */
export interface DecidingSet {
  /** Ids in the order of the seats. */
  readonly validators: readonly string[];
  /** Steps from the genesis file's validators to these. */
  readonly epoch: number;
  /** The block that says so; 0: the genesis file. */
  readonly height: number;
}

export function decidingSet(chain: Chain): DecidingSet {
  const { epoch, height } = chain;
  return { validators: chain.validators.map(({ id }) => id), epoch, height };
}

/** Block that ended a validator's seat; undefined while it has one, and where it never had any. */
export function seatEndedAt(chain: Chain, id: string): number | undefined {
  if (chain.validators.some((seat) => seat.id === id)) return undefined;
  return chain.consortium.validator(id)?.removedHeight;
}

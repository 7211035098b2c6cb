import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newVoteKeyFile, newVoteKeyTransaction, restoredValidatorMark } from "@voltfog/fog-rsu";
import type { Chain } from "@voltfog/ledger";
import { type Clock, equalBytes, type Signer } from "@voltfog/runtime";
import {
  createSigningKey,
  loadSigningKey,
  replaceFileSync,
  syncFolderSync,
} from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { type SitePaths, sitePaths } from "../site/site-folder.ts";

/**
 * Makes a restored validator's new vote key beside the old one, and in the validator's unpacked folder the
 * transaction by which the old one names it. The folder is marked, so that nothing starts with the old key
 * until {@link takeNewVoteKey}. VOTE_KEY_UNKNOWN where neither the site nor the archive has the key that
 * the chain knows the validator by.
 */
export function makeNewVoteKey(options: {
  paths: SitePaths;
  /** Where the archive is unpacked. */
  root: string;
  id: string;
  chain: Chain;
  clock: Clock;
}): void {
  const { paths, root, id, chain } = options;
  const files = [join(paths.keys, `${id}.key`), join(sitePaths(root).keys, `${id}.key`)];
  const from = presentKey(files, options);
  const to = createSigningKey(draftKey(paths, id));
  const transaction = newVoteKeyTransaction({
    chainId: chain.genesis.chainId,
    from,
    to,
    nonce: Math.max(options.clock.wall_ms(), chain.nonceOf(from.publicKey) + 1),
  });
  replaceFileSync(join(root, id, newVoteKeyFile), transaction);
  replaceFileSync(join(root, id, restoredValidatorMark.file), restoredValidatorMark.text);
}

/**
 * Puts the new key in the old one's place, once the validator's folder is in its own: until then the old
 * one can name another. From here on nothing of the site holds the old key, and the mark goes.
 */
export function takeNewVoteKey(paths: SitePaths, id: string): void {
  renameSync(draftKey(paths, id), join(paths.keys, `${id}.key`));
  syncFolderSync(paths.keys);
  rmSync(join(paths.root, id, restoredValidatorMark.file));
  syncFolderSync(join(paths.root, id));
}

/** Takes away a new key that did not come to its place; one that did stays. */
export function dropNewVoteKey(paths: SitePaths, id: string): void {
  rmSync(draftKey(paths, id), { force: true });
}

function draftKey(paths: SitePaths, id: string): string {
  return join(paths.keys, `${id}.key.new`);
}

/** The one of these keys that the chain counts votes of. */
function presentKey(files: readonly string[], options: { id: string; chain: Chain }): Signer {
  const { id, chain } = options;
  const present = chain.validators.find((seat) => seat.id === id)?.voteKey;
  for (const file of files) {
    if (present === undefined || !existsSync(file)) continue;
    const signer = loadSigningKey(file);
    if (equalBytes(signer.publicKey, present)) return signer;
  }
  throw complaint({
    code: "VOTE_KEY_UNKNOWN",
    what: `neither the site nor the archive has the vote key that the chain knows ${id} by`,
    remedy: `use an archive that was made after ${id} got its last vote key`,
  });
}

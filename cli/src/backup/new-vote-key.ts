import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { newVoteKeyFile, newVoteKeyTransaction } from "@voltfog/fog-rsu";
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
 * Makes a restored validator's new vote key and puts it in the old one's place, with the transaction by
 * which the old one names it in the validator's unpacked folder. From here on nothing of the site holds
 * the old key. VOTE_KEY_UNKNOWN where neither the site nor the archive has the key that the chain knows
 * the validator by.
 */
export function placeNewVoteKey(options: {
  paths: SitePaths;
  /** Where the archive is unpacked. */
  root: string;
  id: string;
  voter: number;
  chain: Chain;
  clock: Clock;
}): void {
  const { paths, root, id, chain } = options;
  const path = join(paths.keys, `${id}.key`);
  const from = presentKey([path, join(sitePaths(root).keys, `${id}.key`)], options);
  const draft = `${path}.new`;
  const to = createSigningKey(draft);
  const transaction = newVoteKeyTransaction({
    chainId: chain.genesis.chainId,
    from,
    to,
    nonce: Math.max(options.clock.wall_ms(), chain.nonceOf(from.publicKey) + 1),
  });
  replaceFileSync(join(root, id, newVoteKeyFile), transaction);
  renameSync(draft, path);
  syncFolderSync(paths.keys);
}

/** The one of these keys that the chain counts votes of. */
function presentKey(
  files: readonly string[],
  options: { id: string; voter: number; chain: Chain },
): Signer {
  const { id, voter, chain } = options;
  const present = chain.validators[voter]?.voteKey;
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

import { cpSync, existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Chain, engineOf, type Genesis, quorumOf } from "@voltfog/ledger";
import { restoredMark } from "@voltfog/ledger/node";
import { type Clock, CodedError } from "@voltfog/runtime";
import { replaceFileSync, syncFolderSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readSite, type SitePaths, sitePaths } from "../site/site-folder.ts";
import { longestChain, readGenesis } from "../site/site-record.ts";
import { lockSite } from "../supervisor/site-lock.ts";
import { seatEndedAt } from "../validators/site-validators.ts";
import { checkRestored } from "./check-restored.ts";
import { dropNewVoteKey, makeNewVoteKey, takeNewVoteKey } from "./new-vote-key.ts";
import { type RestoreReport, reportOf } from "./restore-site.ts";
import { unpackTo } from "./unpack-to.ts";

/** What came back into a site that goes on. */
export interface MembersReport extends RestoreReport {
  readonly members: readonly string[];
  /** Validators that have a new vote key, which the chain takes once the site runs. */
  readonly newVoteKeys: readonly string[];
}

export interface RestoreMembersOptions {
  readonly archive: string;
  /** The site's folder, without those that come back. */
  readonly target: string;
  readonly members: readonly string[];
  readonly clock: Clock;
  readonly progress: (text: string) => void;
}

/**
 * Brings single units and validators back into the folder of their site, which is stopped and has lost
 * theirs. A validator gets a new vote key that its old one names; a unit will open its next log. SITE_IN_USE,
 * SITE_MISSING, MEMBER_UNKNOWN, SEAT_ENDED, MEMBER_EXISTS, NO_QUORUM, VOTE_KEY_UNKNOWN, and what {@link unpackTo} says;
 * then nothing came back.
 */
export async function restoreMembers(options: RestoreMembersOptions): Promise<MembersReport> {
  const paths = sitePaths(options.target);
  if (!existsSync(paths.marker) || readSite(paths) === undefined) {
    throw complaint({
      code: "SITE_MISSING",
      what: `${options.target} holds no Voltfog site`,
      remedy: "leave out --member to bring the whole site back into a new folder",
    });
  }
  const genesis = readGenesis(paths.genesis);
  const chain = await longestChain({ paths, genesis, problems: [] });
  requireMembers({ paths, chain, members: options.members });
  const release = lockSite(paths.lock);
  try {
    return await bringBack({ ...options, paths, genesis });
  } finally {
    release();
  }
}

type Parts = RestoreMembersOptions & { readonly paths: SitePaths; readonly genesis: Genesis };

async function bringBack(options: Parts): Promise<MembersReport> {
  const { paths, genesis, members } = options;
  const draft = join(paths.root, "restoring.part");
  rmSync(draft, { recursive: true, force: true });
  try {
    const report = await unpackTo({
      ...options,
      target: draft,
      async prepare(root, manifest) {
        const site = await checkRestored({ ...options, root, manifest });
        requireSame({ genesis, restored: site.genesis, archive: options.archive });
        requireInArchive({ root, ...options });
        const chain = await newestChain([paths, sitePaths(root)], genesis);
        const newVoteKeys = prepareMembers({ ...options, root, chain });
        const facts = reportOf({ target: options.target, manifest, site });
        return { ...facts, members, newVoteKeys };
      },
    });
    for (const id of members) {
      rmSync(join(paths.root, id), { recursive: true, force: true });
      renameSync(join(draft, id), join(paths.root, id));
    }
    syncFolderSync(paths.root);
    for (const id of report.newVoteKeys) takeNewVoteKey(paths, id);
    return report;
  } finally {
    for (const id of members) dropNewVoteKey(paths, id);
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Marks, keys and certificates of those that come back, in their unpacked folders. Gives who has a new vote key. */
function prepareMembers(options: Parts & { root: string; chain: Chain }): readonly string[] {
  const { paths, root, genesis, chain, members } = options;
  const newVoteKeys: string[] = [];
  for (const id of members) {
    for (const path of [`keys/${id}.tls.key`, `certificates/${id}.crt`]) {
      bringMissing({ from: join(root, path), to: join(paths.root, path) });
    }
    if (genesis.units.some((unit) => unit.id === id)) {
      bringMissing({ from: join(root, `keys/${id}.key`), to: join(paths.keys, `${id}.key`) });
      replaceFileSync(join(root, id, restoredMark.file), restoredMark.text);
    } else {
      // The archive may know what the site has lost.
      requireSeat(chain, id);
      makeNewVoteKey({ ...options, id });
      newVoteKeys.push(id);
    }
  }
  return newVoteKeys;
}

function bringMissing(file: { from: string; to: string }): void {
  if (existsSync(file.from) && !existsSync(file.to)) cpSync(file.from, file.to);
}

function requireMembers(options: {
  paths: SitePaths;
  chain: Chain;
  members: readonly string[];
}): void {
  const { paths, chain, members } = options;
  const { genesis } = chain;
  for (const id of members) {
    if (!genesis.units.some((unit) => unit.id === id)) requireSeat(chain, id);
    const folder = join(paths.root, id);
    if (!existsSync(folder) || readdirSync(folder).length === 0) continue;
    throw complaint({
      code: "MEMBER_EXISTS",
      what: `${folder} is not empty`,
      remedy: "a restore writes over nothing: move the folder away if what it holds is lost",
    });
  }
  const n = chain.validators.length;
  const left = chain.validators.filter(({ id }) => !members.includes(id)).length;
  const needed = quorumOf(engineOf(genesis), n);
  if (left >= needed || left === n) return;
  throw complaint({
    code: "NO_QUORUM",
    what: `only ${left} of ${n} validators would still have their votes, ${needed} are needed to take a new vote key`,
    remedy: "bring back fewer validators; without a quorum this chain cannot go on",
  });
}

/** Of those who decide now, by the chain: SEAT_ENDED for who was voted out, MEMBER_UNKNOWN. */
function requireSeat(chain: Chain, id: string): void {
  if (chain.validators.some((seat) => seat.id === id)) return;
  const endedAt = seatEndedAt(chain, id);
  if (endedAt !== undefined) {
    throw complaint({
      code: "SEAT_ENDED",
      what: `${id} was voted out by block ${endedAt}`,
      remedy: "bring back the others alone; it would have to join anew, with another id",
    });
  }
  throw complaint({
    code: "MEMBER_UNKNOWN",
    what: `the site has no unit or validator ${id}`,
    remedy: "name units and validators as voltfog status shows them",
  });
}

function requireSame(options: { genesis: Genesis; restored: Genesis; archive: string }): void {
  const { genesis, restored, archive } = options;
  if (Buffer.compare(genesis.chainId, restored.chainId) === 0) return;
  throw new CodedError({
    code: "MANIFEST_MISMATCH",
    message: `${archive} is of the site ${restored.chain}, not of ${genesis.chain}`,
  });
}

function requireInArchive(options: {
  root: string;
  archive: string;
  members: readonly string[];
}): void {
  const missing = options.members.find((id) => !existsSync(join(options.root, id)));
  if (missing === undefined) return;
  throw complaint({
    code: "MEMBER_UNKNOWN",
    what: `${options.archive} holds nothing of ${missing}`,
    remedy: "name an archive that was made while it existed",
  });
}

/** The longer chain of the site's and the archive's own: the one that knows the newest vote keys. */
async function newestChain(places: readonly SitePaths[], genesis: Genesis): Promise<Chain> {
  const chains = await Promise.all(
    places.map((paths) => longestChain({ paths, genesis, problems: [] })),
  );
  return chains.reduce((longest, chain) => (chain.height > longest.height ? chain : longest));
}

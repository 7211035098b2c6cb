import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadNewVoteKey } from "@voltfog/fog-rsu";
import { decodeBlock, engineOf, engineText, type Genesis } from "@voltfog/ledger";
import { openBlockReader } from "@voltfog/ledger/node";
import { equalBytes } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import { readSite, type SiteMarker, type SitePaths, siteFormat } from "../site/site-folder.ts";
import { blockFolder, longestChain, readEnrolled, readGenesis } from "../site/site-record.ts";
import { validatorsIn } from "../validators/site-validators.ts";
import type { Findings } from "./verdict.ts";

const restoreIt = "restore it from a backup (voltfog restore)";

/** The folder's version; undefined where there is no site in it yet. */
export function checkVersion(findings: Findings, paths: SitePaths): SiteMarker | undefined {
  if (!existsSync(paths.root)) {
    findings.ok(`no site in ${paths.root} yet; voltfog up makes one`);
    return undefined;
  }
  const marker = readSite(paths);
  if (marker === undefined) findings.ok(`${paths.root} is empty; voltfog up makes a site in it`);
  else {
    const { chain, units, vehicles } = marker;
    findings.ok(
      `folder of version ${siteFormat}: chain ${chain}, ${units} units, ${vehicles} vehicles`,
    );
  }
  return marker;
}

/**
 * The genesis file is one, and the one that the site's chain goes on from; undefined where it is not. A
 * site that runs has read it before and goes on with what it read.
 */
export async function checkGenesis(
  findings: Findings,
  options: { paths: SitePaths; marker: SiteMarker },
): Promise<Genesis | undefined> {
  const { paths, marker } = options;
  const genesis = readGenesis(paths.genesis);
  if (genesis.chain !== marker.chain) {
    const what = `genesis.json is of chain ${genesis.chain}, site.json of ${marker.chain}`;
    findings.fail(what, restoreIt);
    return undefined;
  }
  const other = await otherChain({ paths, genesis });
  if (other !== undefined) {
    const what = `genesis.json was changed: the blocks of ${other} are of another chain`;
    findings.fail(`${what}, and nothing starts with it`, restoreIt);
    return undefined;
  }
  const { validators, units, vehicles } = genesis;
  const members = `${validators.length} validators at first, ${units.length} units, ${vehicles.length} vehicles`;
  const engine = engineText(engineOf(genesis));
  findings.ok(`chain ${genesis.chain} with ${members}, decided by ${engine}`);
  return genesis;
}

/** The first validator whose blocks do not follow from this genesis file, by the chain that they name. */
async function otherChain(options: {
  paths: SitePaths;
  genesis: Genesis;
}): Promise<string | undefined> {
  const { paths, genesis } = options;
  for (const id of validatorsIn(paths, genesis)) {
    const folder = blockFolder(paths, id);
    // Damaged blocks are the finding of another check.
    const chainId = await chainIdOf(folder).catch(() => undefined);
    if (chainId !== undefined && !equalBytes(chainId, genesis.chainId)) return id;
  }
  return undefined;
}

async function chainIdOf(folder: string): Promise<Uint8Array | undefined> {
  const reader = await openBlockReader({ folder, crypto: nodeCrypto });
  const stored = await reader.read(reader.height);
  const block = stored && decodeBlock(stored.block);
  return block?.ok ? block.value.header.chainId : undefined;
}

/** Every private key is there, is its owner's alone, and is the one that the genesis file names. */
export async function checkKeys(
  findings: Findings,
  options: { paths: SitePaths; genesis: Genesis },
): Promise<void> {
  const { paths, genesis } = options;
  const enrolled = readEnrolled(paths.enrolled);
  const expected = [
    ...(await voteKeys(options)),
    ...genesis.units.map(({ id, key }) => ({ id, key })),
    ...enrolled.map(({ id, key }) => ({ id, key })),
  ];
  const sound = expected.filter((one) => isKeySound(findings, paths, one));
  for (const { id, key, earlier } of enrolled) {
    const [first = key] = earlier;
    if (genesis.vehicles.some((vehicle) => equalBytes(vehicle.key, first))) continue;
    findings.warn(`${id} is not in the genesis file`, "enrol it on the chain");
  }
  checkMode(findings, paths.enrolled, "the vehicles' salts");
  findings.ok(
    `${sound.length} of ${expected.length} keys are readable, private and the right ones`,
  );
}

/**
 * Of those who have a seat now. One that was restored has another key than in the genesis file: the chain's, or
 * soon so. Who was admitted later mostly keeps its key elsewhere.
 */
async function voteKeys(options: {
  paths: SitePaths;
  genesis: Genesis;
}): Promise<readonly { id: string; key: Uint8Array }[]> {
  const { paths, genesis } = options;
  const chain = await longestChain({ ...options, problems: [] });
  const founding = new Set(genesis.validators.map(({ id }) => id));
  const seats = chain.validators.filter(
    ({ id }) => founding.has(id) || existsSync(join(paths.keys, `${id}.key`)),
  );
  return seats.map(({ id, voteKey: present }) => {
    const next = loadNewVoteKey(join(paths.root, id))?.succession;
    const isNext = next !== undefined && equalBytes(next.oldKey, present);
    return { id, key: isNext ? next.newKey : present };
  });
}

function isKeySound(
  findings: Findings,
  paths: SitePaths,
  expected: { id: string; key: Uint8Array },
): boolean {
  const path = join(paths.keys, `${expected.id}.key`);
  let publicKey: Uint8Array;
  try {
    ({ publicKey } = loadSigningKey(path));
  } catch {
    findings.fail(`${path} is missing or holds no Ed25519 key`, restoreIt);
    return false;
  }
  if (!equalBytes(publicKey, expected.key)) {
    findings.fail(`${path} is not the key that the site knows ${expected.id} by`, restoreIt);
    return false;
  }
  return checkMode(findings, path, `the key of ${expected.id}`);
}

function checkMode(findings: Findings, path: string, what: string): boolean {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return true;
  const shown = mode.toString(8).padStart(4, "0");
  findings.fail(`others may read ${what}: ${path} has mode ${shown}`, `chmod 600 ${path}`);
  return false;
}

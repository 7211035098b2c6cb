import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadNewVoteKey } from "@voltfog/fog-rsu";
import type { Genesis } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import { readSite, type SiteMarker, type SitePaths, siteFormat } from "../site/site-folder.ts";
import { longestChain, readEnrolled, readGenesis } from "../site/site-record.ts";
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

export function checkGenesis(
  findings: Findings,
  options: { paths: SitePaths; marker: SiteMarker },
): Genesis | undefined {
  const { paths, marker } = options;
  const genesis = readGenesis(paths.genesis);
  if (genesis.chain !== marker.chain) {
    const what = `genesis.json is of chain ${genesis.chain}, site.json of ${marker.chain}`;
    findings.fail(what, restoreIt);
    return undefined;
  }
  const { validators, units, vehicles } = genesis;
  const members = `${validators.length} validators, ${units.length} units, ${vehicles.length} vehicles`;
  findings.ok(`chain ${genesis.chain} with ${members}`);
  return genesis;
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

/** A validator that was restored has another key than in the genesis file: the chain's, or soon so. */
async function voteKeys(options: {
  paths: SitePaths;
  genesis: Genesis;
}): Promise<readonly { id: string; key: Uint8Array }[]> {
  const { paths, genesis } = options;
  const chain = await longestChain({ ...options, problems: [] });
  return genesis.validators.map(({ id, voteKey }, voter) => {
    const next = loadNewVoteKey(join(paths.root, id))?.succession;
    const present = chain.validators[voter]?.voteKey ?? voteKey;
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

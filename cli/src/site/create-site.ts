import { join } from "node:path";
import { encodeGenesis, idCommitmentOf } from "@voltfog/ledger";
import { type Clock, type Random, toHex } from "@voltfog/runtime";
import { createSigningKey, nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { type SiteMarker, type SitePaths, type SiteSize, siteFormat } from "./site-folder.ts";
import { unitIds, validatorIds, vehicleIds } from "./site-names.ts";

const blockInterval_ms = 1000;
const emptyBlockInterval_ms = 10_000;
const fleetOrganisation = "fleet";

/**
 * Makes a new site: keys, the enrolled vehicles and the genesis file with one organisation per unit and
 * its validator, and one for the fleet. The marker comes last, so that an interrupted start is seen.
 */
export function createSite(options: {
  paths: SitePaths;
  size: SiteSize;
  clock: Clock;
  random: Random;
}): SiteMarker {
  const { paths, size, random } = options;
  const newKey = (id: string): Uint8Array =>
    createSigningKey(join(paths.keys, `${id}.key`)).publicKey;
  const chain = `local-${toHex(random.bytes(4))}`;
  const vehicles = vehicleIds(size.vehicles).map((id) => ({
    id,
    key: newKey(id),
    salt: random.bytes(16),
  }));
  const genesis = encodeGenesis({
    chain,
    created_ms: options.clock.wall_ms(),
    blockInterval_ms,
    emptyBlockInterval_ms,
    organisations: [
      ...unitIds(size.units).map((_, i) => ({
        id: operator(i),
        name: `Roadside operator ${i + 1}`,
      })),
      { id: fleetOrganisation, name: "Demonstration fleet" },
    ],
    validators: validatorIds(size.units).map((id, i) => ({
      id,
      organisation: operator(i),
      voteKey: newKey(id),
    })),
    units: unitIds(size.units).map((id, i) => ({ id, organisation: operator(i), key: newKey(id) })),
    vehicles: vehicles.map(({ id, key, salt }) => ({
      organisation: fleetOrganisation,
      key,
      idCommitment: idCommitmentOf({ salt, id }, nodeCrypto),
    })),
  });
  const enrolled = vehicles.map(({ id, key, salt }) => ({
    id,
    key: toHex(key),
    salt: toHex(salt),
  }));
  // The salts tie vehicles to what the chain says about them; only the operator may read them.
  replaceFileSync(paths.enrolled, `${JSON.stringify(enrolled, null, 2)}\n`, { mode: 0o600 });
  replaceFileSync(paths.genesis, genesis);
  const marker: SiteMarker = { format: siteFormat, chain, ...size };
  replaceFileSync(paths.marker, `${JSON.stringify(marker, null, 2)}\n`);
  return marker;
}

function operator(index: number): string {
  return `operator-${index + 1}`;
}

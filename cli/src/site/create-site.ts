import { join } from "node:path";
import { type EngineChoice, encodeGenesis, idCommitmentOf } from "@voltfog/ledger";
import { type Clock, type Random, toHex } from "@voltfog/runtime";
import { createSigningKey, nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { marketKeyFile, openSiteKey } from "../market/market-key.ts";
import { writtenEngine } from "./engine-flag.ts";
import { type SiteMarker, type SitePaths, type SiteSize, siteFormat } from "./site-folder.ts";
import { unitIds, validatorIds, vehicleIds } from "./site-names.ts";

const blockInterval_ms = 1000;
const emptyBlockInterval_ms = 10_000;
const termBlocks = 1000;
const fleetOrganisation = "fleet";

/**
 * Makes a new site: keys, the enrolled vehicles and the genesis file with one organisation per unit and
 * its validator, unless organisations share them, and one for the fleet. The marker comes last, so that an interrupted start is seen.
 */
export function createSite(options: {
  paths: SitePaths;
  size: SiteSize;
  /** What units' logs are hashed with; SHA-256 unless told. */
  logHash?: "sm3" | undefined;
  /** What decides blocks; poa unless told. */
  engine?: EngineChoice | undefined;
  clock: Clock;
  random: Random;
}): SiteMarker {
  const { paths, size, random } = options;
  const owners = ownersOf(size);
  const operator = (unit: number): string => `operator-${owners[unit]}`;
  const newKey = (id: string): Uint8Array =>
    createSigningKey(join(paths.keys, `${id}.key`)).publicKey;
  openSiteKey(marketKeyFile(paths));
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
    termBlocks,
    logHash: options.logHash,
    engine: writtenEngine(options.engine),
    organisations: [
      ...Array.from({ length: owners.at(-1) ?? 0 }, (_, i) => ({
        id: `operator-${i + 1}`,
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

/** Whose each unit and its validator are: the number of the organisation, from 1. */
function ownersOf({ units, organisations }: SiteSize): readonly number[] {
  const shares = organisations ?? unitIds(units).map(() => 1);
  return shares.flatMap((share, i) => Array.from({ length: share }, () => i + 1));
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type AssemblyProblem,
  assembleFrameBundle,
  Chain,
  type Genesis,
  keyIdOf,
  type LogStream,
  parseGenesis,
  type Result,
} from "@voltfog/ledger";
import {
  type BlockSource,
  type LogReader,
  openBlockReader,
  openLogReader,
} from "@voltfog/ledger/node";
import { CodedError, fromHex, messageOf, type Outcome, refused } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import type { SitePaths } from "./site-folder.ts";

/** A vehicle as its operator knows it. */
export interface EnrolledVehicle {
  readonly id: string;
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
}

export interface UnitRecord {
  readonly id: string;
  readonly key: Uint8Array;
  readonly log: LogReader;
}

/** A final block as it was read and executed again here. */
export interface ExecutedBlock {
  readonly height: number;
  readonly results: readonly Result[];
}

/** Everything that a site has on disk, read without any of its processes. */
export interface SiteRecord {
  readonly genesis: Genesis;
  readonly vehicles: readonly EnrolledVehicle[];
  readonly units: readonly UnitRecord[];
  readonly chain: Chain;
  readonly blocks: readonly ExecutedBlock[];
  /** Logs and block folders that could not be read, and why; what they hold is missing here. */
  readonly problems: readonly string[];
}

/**
 * Opens the logs and replays the chain of the validator that has most of it, verifying every certificate.
 * Works on a stopped or a running site. Cost: one pass over all blocks.
 */
export async function openSiteRecord(paths: SitePaths): Promise<SiteRecord> {
  const genesis = readGenesis(paths.genesis);
  const problems: string[] = [];
  const { chain, blocks } = await replayBest({ paths, genesis, problems });
  const units: UnitRecord[] = [];
  for (const { id, key } of genesis.units) {
    const folder = join(paths.root, id, "log");
    if (!existsSync(folder)) continue;
    try {
      units.push({ id, key, log: await openLogReader(folder) });
    } catch (thrown) {
      problems.push(`the log of ${id} cannot be read: ${messageOf(thrown)}`);
    }
  }
  const vehicles = readEnrolled(paths.enrolled);
  return { genesis, vehicles, units, chain, blocks, problems };
}

/** The proof bundle of one frame from what is on disk. */
export async function bundleFromDisk(
  record: SiteRecord,
  frame: { vehicleId: string; stream: LogStream; sequence: number },
): Promise<Outcome<Uint8Array, AssemblyProblem>> {
  const vehicle = record.vehicles.find(({ id }) => id === frame.vehicleId);
  if (vehicle === undefined) {
    return refused({ code: "DEVICE_UNKNOWN", detail: `no vehicle ${frame.vehicleId} is enrolled` });
  }
  const keyId = keyIdOf(vehicle.key, nodeCrypto);
  for (const unit of record.units) {
    const index = unit.log.find({ keyId, stream: frame.stream, sequence: frame.sequence });
    if (index === undefined) continue;
    return assembleFrameBundle({
      log: unit.log,
      chain: record.chain,
      chainName: record.genesis.chain,
      unit,
      vehicle,
      index,
      crypto: nodeCrypto,
    });
  }
  const detail = `no log holds frame ${frame.sequence} of ${frame.vehicleId} (${frame.stream})`;
  return refused({ code: "UNKNOWN_FRAME", detail });
}

function readGenesis(path: string): Genesis {
  const genesis = parseGenesis(readInputFile(path), nodeCrypto);
  if (genesis.ok) return genesis.value;
  throw complaint({
    code: genesis.problem.code,
    what: `${path}: ${genesis.problem.detail}`,
    remedy: "restore the site's genesis file",
  });
}

function readEnrolled(path: string): readonly EnrolledVehicle[] {
  const damaged = complaint({
    code: "ENROLLED_DAMAGED",
    what: `${path} is damaged`,
    remedy: "restore the site's list of vehicles",
  });
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder().decode(readInputFile(path)));
  } catch {
    throw damaged;
  }
  if (!Array.isArray(list)) throw damaged;
  return list.map((item: { id?: unknown; key?: unknown; salt?: unknown }) => {
    const key = fromHex(String(item.key));
    const salt = fromHex(String(item.salt));
    if (typeof item.id !== "string" || key?.length !== 32 || salt?.length !== 16) throw damaged;
    return { id: item.id, key, salt };
  });
}

interface Replay {
  readonly chain: Chain;
  readonly blocks: readonly ExecutedBlock[];
}

/** The longest chain of any validator that verifies from its first block to its last. */
async function replayBest(options: {
  paths: SitePaths;
  genesis: Genesis;
  problems: string[];
}): Promise<Replay> {
  const { genesis, problems } = options;
  let best: Replay = { chain: Chain.fromGenesis({ genesis, crypto: nodeCrypto }), blocks: [] };
  for (const { id } of genesis.validators) {
    try {
      const folder = join(options.paths.root, id, "blocks");
      const source = await openBlockReader({ folder, crypto: nodeCrypto });
      if (source.height > best.chain.height) best = await replay(source, genesis);
    } catch (thrown) {
      problems.push(`the blocks of ${id} cannot be read: ${messageOf(thrown)}`);
    }
  }
  return best;
}

async function replay(source: BlockSource, genesis: Genesis): Promise<Replay> {
  const chain = Chain.fromGenesis({ genesis, crypto: nodeCrypto });
  const blocks: ExecutedBlock[] = [];
  for (let height = 1; height <= source.height; height++) {
    const stored = await source.read(height);
    const followed = stored && chain.follow(stored);
    if (!followed?.ok) {
      throw new CodedError({
        code: "BLOCKS_DAMAGED",
        message: `block ${height} does not verify: ${followed?.problem.detail ?? "missing"}`,
      });
    }
    blocks.push({ height, results: followed.value.results });
  }
  return { chain, blocks };
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type AssemblyProblem,
  assembleFrameBundle,
  Chain,
  decodeFinalCheckpoint,
  type Genesis,
  keyIdOf,
  type LogStream,
  logId,
  moduleNumber,
  parseGenesis,
  parseLogOrigin,
} from "@voltfog/ledger";
import {
  earlierLogs,
  type LogReader,
  openBlockReader,
  openLogReader,
  replayChain,
} from "@voltfog/ledger/node";
import {
  equalBytes,
  fromHex,
  messageOf,
  type Outcome,
  refused,
  silentLogger,
} from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { validatorsIn } from "../validators/site-validators.ts";
import type { SitePaths } from "./site-folder.ts";

/** A vehicle as its operator knows it. */
export interface EnrolledVehicle {
  readonly id: string;
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  /** Keys that others took the place of, oldest first. */
  readonly earlier: readonly Uint8Array[];
}

export interface UnitRecord {
  readonly id: string;
  readonly key: Uint8Array;
  /** Which of the unit's logs it is. */
  readonly logNumber: number;
  readonly log: LogReader;
}

/** Everything that a site has on disk, read without any of its processes. */
export interface SiteRecord {
  readonly genesis: Genesis;
  readonly vehicles: readonly EnrolledVehicle[];
  /** One for each log: a restored unit has more than one. */
  readonly units: readonly UnitRecord[];
  readonly chain: Chain;
  /** Logs and block folders that could not be read, and why; what they hold is missing here. */
  readonly problems: readonly string[];
}

/**
 * Opens the logs and the chain of the validator that has most of it, verifying every certificate since
 * its last good snapshot. Works on a stopped or a running site.
 */
export async function openSiteRecord(paths: SitePaths): Promise<SiteRecord> {
  const genesis = readGenesis(paths.genesis);
  const problems: string[] = [];
  const chain = await longestChain({ paths, genesis, problems });
  const units: UnitRecord[] = [];
  for (const { id, key } of genesis.units) {
    const home = join(paths.root, id);
    const current = join(home, "log");
    const folders = earlierLogs(home).map(({ folder }) => folder);
    for (const folder of existsSync(current) ? [current, ...folders] : folders) {
      try {
        const log = await openLogReader(folder);
        const logNumber = parseLogOrigin(log.key.name, genesis.chain)?.number ?? 1;
        units.push({ id, key, logNumber, log });
      } catch (thrown) {
        problems.push(`the log of ${id} cannot be read: ${messageOf(thrown)}`);
      }
    }
  }
  const vehicles = readEnrolled(paths.enrolled);
  return { genesis, vehicles, units, chain, problems };
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
  for (const key of [vehicle.key, ...vehicle.earlier]) {
    const keyId = keyIdOf(key, nodeCrypto);
    for (const unit of record.units) {
      const index = unit.log.find({ keyId, stream: frame.stream, sequence: frame.sequence });
      if (index === undefined) continue;
      const checkpointResult = heldCheckpoint(record.chain, unit)?.resultIndex;
      return assembleFrameBundle({
        ...(checkpointResult === undefined ? {} : { checkpointResult }),
        log: unit.log,
        chain: record.chain,
        chainName: record.genesis.chain,
        logHash: record.genesis.logHash,
        unit,
        logNumber: unit.logNumber,
        vehicle: { key, salt: vehicle.salt },
        index,
        crypto: nodeCrypto,
      });
    }
  }
  const detail = `no log holds frame ${frame.sequence} of ${frame.vehicleId} (${frame.stream})`;
  return refused({ code: "UNKNOWN_FRAME", detail });
}

/**
 * The newest final checkpoint that a log reaches which came back shorter than the chain has it; undefined
 * for every other log, whose last one it is.
 */
export function heldCheckpoint(
  chain: Chain,
  { log, key }: Pick<UnitRecord, "log" | "key">,
): { readonly resultIndex: number; readonly size: number } | undefined {
  const id = logId({ origin: log.key.name, publicKey: key, crypto: nodeCrypto });
  const last = chain.logState(id);
  if (last === undefined || last.size <= log.size) return undefined;
  for (let resultIndex = last.resultIndex; resultIndex >= 0; resultIndex--) {
    const result = chain.resultAt(resultIndex);
    if (result === undefined) return undefined;
    if (result.module !== moduleNumber.checkpoints || result.code !== "OK") continue;
    const data = decodeFinalCheckpoint(result.data);
    if (!data.ok || !equalBytes(data.value.logId, id)) continue;
    if (data.value.size <= log.size) return { resultIndex, size: data.value.size };
  }
  return undefined;
}

/** GENESIS_… with the path where the file is none. */
export function readGenesis(path: string): Genesis {
  const genesis = parseGenesis(readInputFile(path), nodeCrypto);
  if (genesis.ok) return genesis.value;
  throw complaint({
    code: genesis.problem.code,
    what: `${path}: ${genesis.problem.detail}`,
    remedy: "restore the site's genesis file",
  });
}

/** The site's vehicles; ENROLLED_DAMAGED where the file is no list of them. */
export function readEnrolled(path: string): readonly EnrolledVehicle[] {
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
  return list.map((item: { id?: unknown; key?: unknown; salt?: unknown; earlier?: unknown }) => {
    const key = fromHex(String(item.key));
    const salt = fromHex(String(item.salt));
    if (typeof item.id !== "string" || key?.length !== 32 || salt?.length !== 16) throw damaged;
    if (item.earlier !== undefined && !Array.isArray(item.earlier)) throw damaged;
    const earlier = (item.earlier ?? []).map((row: { key?: unknown }) => {
      const old = fromHex(String(row?.key));
      if (old?.length !== 32) throw damaged;
      return old;
    });
    return { id: item.id, key, salt, earlier };
  });
}

/** The longest chain of any validator that verifies. */
export async function longestChain(options: {
  paths: SitePaths;
  genesis: Genesis;
  problems: string[];
}): Promise<Chain> {
  const { paths, genesis, problems } = options;
  let longest = Chain.fromGenesis({ genesis, crypto: nodeCrypto });
  for (const id of validatorsIn(paths, genesis)) {
    const folder = blockFolder(paths, id);
    try {
      const { height } = await openBlockReader({ folder, crypto: nodeCrypto });
      if (height <= longest.height) continue;
      longest = await replayChain({ folder, genesis, crypto: nodeCrypto, logger: silentLogger });
    } catch (thrown) {
      problems.push(`the blocks of ${id} cannot be read: ${messageOf(thrown)}`);
    }
  }
  return longest;
}

/** Where a validator keeps its final blocks. */
export function blockFolder(paths: SitePaths, validatorId: string): string {
  return join(paths.root, validatorId, "blocks");
}

import { readFileSync } from "node:fs";
import { CodedError, fromHex, messageOf, type UnitId, unitId } from "@voltfog/runtime";

/** What a vehicle needs to know of the consortium: its name and the public keys of its units. */
export interface UnitKeys {
  readonly chain: string;
  /** What units' logs are hashed with, where it is not SHA-256: their origins name it. */
  readonly logHash?: "sm3";
  keyOf(unit: UnitId): Uint8Array | undefined;
}

/** From the genesis file; GENESIS_UNREADABLE when it is missing or not one. */
export function readUnitKeys(path: string): UnitKeys {
  try {
    return parseUnitKeys(JSON.parse(readFileSync(path, "utf8")));
  } catch (thrown) {
    throw new CodedError({
      code: "GENESIS_UNREADABLE",
      message: `${path}: ${messageOf(thrown)}`,
      remedy: "name the consortium's genesis.json",
      cause: thrown,
    });
  }
}

function parseUnitKeys(genesis: unknown): UnitKeys {
  if (typeof genesis !== "object" || genesis === null) throw new Error("is no JSON object");
  const { version, chain, units, logHash } = genesis as Readonly<
    Record<"version" | "chain" | "units" | "logHash", unknown>
  >;
  if (version !== 1) throw new Error(`has version ${JSON.stringify(version)}, known is 1`);
  if (typeof chain !== "string") throw new Error("names no chain");
  if (!Array.isArray(units)) throw new Error("lists no units");
  const keys = new Map<UnitId, Uint8Array>();
  for (const unit of units as readonly { id?: unknown; key?: unknown }[]) {
    const id = unitId(String(unit.id));
    const key = fromHex(String(unit.key));
    if (id === undefined || key?.length !== 32) throw new Error("has a unit without id or key");
    keys.set(id, key);
  }
  const kind = logHash === "sm3" ? { logHash: "sm3" as const } : {};
  return { chain, ...kind, keyOf: (unit) => keys.get(unit) };
}

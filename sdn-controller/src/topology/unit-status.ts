import { isId, isWithin, listOf } from "./checks.ts";
import { type FunctionStatus, readFunctions } from "./function-status.ts";
import { type PackReading, readPacks } from "./pack-reading.ts";

/** Processor and memory of a unit or of what runs there; a CPU is one core. */
export interface Resources {
  readonly cpu: number;
  readonly memory_MB: number;
}

/** What one unit measured to another. */
export interface PeerLatency {
  readonly unitId: string;
  readonly latency_ms: number | null;
  readonly at_ms: number;
}

/** The part of a unit's GET /v1/status that decisions need. */
export interface UnitStatus {
  readonly id: string;
  readonly connectedVehicles: readonly string[];
  /** Null where the unit says none that can be true. */
  readonly capacity: Resources | null;
  readonly zone: string | null;
  readonly peers: readonly PeerLatency[];
  readonly functions: readonly FunctionStatus[];
  readonly packs: readonly PackReading[];
  readonly assignmentVersion: number;
}

/** Vehicles that one status may name; a longer list is refused as malformed. */
const vehiclesMax = 100_000;
const peersMax = 1000;
/** No machine has more; a unit that says so is not believed. */
const capacityMax: Resources = { cpu: 1024, memory_MB: 16_777_216 };
const latencyMax_ms = 60_000;

/**
 * The status in a JSON answer, or undefined where it is anything else. Vehicles are needed; of the rest,
 * what is missing or cannot be true counts as not said. Other fields are ignored.
 */
export function readUnitStatus(answer: unknown): UnitStatus | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const said = answer as { readonly [K in keyof UnitStatus]?: unknown };
  const { id, connectedVehicles, zone, assignmentVersion } = said;
  if (typeof id !== "string" || !Array.isArray(connectedVehicles)) return undefined;
  if (connectedVehicles.length > vehiclesMax || !connectedVehicles.every(isId)) return undefined;
  return {
    id,
    connectedVehicles,
    capacity: readCapacity(said.capacity),
    zone: isId(zone) ? zone : null,
    peers: listOf(said.peers, peersMax).flatMap(readPeer),
    functions: readFunctions(said.functions),
    packs: readPacks(said.packs),
    assignmentVersion: Number.isSafeInteger(assignmentVersion) ? Number(assignmentVersion) : 0,
  };
}

function readCapacity(value: unknown): Resources | null {
  if (typeof value !== "object" || value === null) return null;
  const { cpu, memory_MB } = value as { readonly [K in keyof Resources]?: unknown };
  if (!isWithin(cpu, capacityMax.cpu) || !isWithin(memory_MB, capacityMax.memory_MB)) return null;
  return { cpu, memory_MB };
}

function readPeer(value: unknown): PeerLatency[] {
  if (typeof value !== "object" || value === null) return [];
  const { unitId, latency_ms, at_ms } = value as { readonly [K in keyof PeerLatency]?: unknown };
  if (!isId(unitId) || typeof at_ms !== "number") return [];
  if (latency_ms !== null && !isWithin(latency_ms, latencyMax_ms)) return [];
  return [{ unitId, latency_ms, at_ms }];
}

import { readFileSync } from "node:fs";
import { keyIdOf, type Stream } from "@voltfog/messages";
import {
  accepted,
  CodedError,
  type Crypto,
  equalBytes,
  fromHex,
  messageOf,
  type Outcome,
  type Problem,
  refused,
  toHex,
  type VehicleId,
  vehicleId,
} from "@voltfog/runtime";

/** A vehicle's key that this unit accepts, or knows to be revoked. */
export interface EnrolledDevice {
  readonly vehicleId: VehicleId;
  readonly publicKey: Uint8Array;
  readonly keyId: Uint8Array;
  /** Opens the vehicle's id commitment in the genesis file or on the chain. */
  readonly idSalt: Uint8Array;
  readonly revoked: boolean;
  /** Keys that others took the place of, oldest first. */
  readonly earlier: readonly EarlierKey[];
}

/** A key of a vehicle that signs no more, and the last frame of each stream that it signed. */
export interface EarlierKey {
  readonly publicKey: Uint8Array;
  readonly keyId: Uint8Array;
  readonly last: Readonly<Record<Stream, number>>;
}

export interface DirectoryProblem extends Problem {
  readonly code: "VEHICLES_INVALID";
  readonly detail: string;
}

const devicesMax = 100_000;
/** One a week for nineteen years. */
const earlierMax = 1000;

/** The enrolled devices of this unit, by vehicle. One key per vehicle, one vehicle per key. */
export class DeviceDirectory {
  #byVehicle: ReadonlyMap<string, EnrolledDevice>;
  /** The key that each key took the place of, by key id in hex. */
  #before: ReadonlyMap<string, Uint8Array>;

  private constructor(devices: readonly EnrolledDevice[]) {
    this.#byVehicle = new Map(devices.map((device) => [device.vehicleId, device]));
    this.#before = new Map(devices.flatMap(replacements));
  }

  /** Reads the JSON of a vehicles file: [{id, key, salt, revoked?, earlier?}], keys and salt in hex. */
  static parse(options: {
    text: string;
    crypto: Crypto;
  }): Outcome<DeviceDirectory, DirectoryProblem> {
    const rows = parseJson(options.text);
    if (!Array.isArray(rows)) return invalid("is no JSON list");
    if (rows.length > devicesMax)
      return invalid(`lists ${rows.length} devices, at most ${devicesMax}`);
    const devices: EnrolledDevice[] = [];
    const seen = new Set<string>();
    for (const [place, row] of rows.entries()) {
      const device = readDevice(row, options.crypto);
      if (device === undefined)
        return invalid(`entry ${place} is no {id, key, salt, revoked?, earlier?}`);
      const keys = [device, ...device.earlier].map(({ keyId }) => toHex(keyId));
      for (const name of [device.vehicleId, ...keys]) {
        if (seen.has(name)) return invalid(`entry ${place} repeats an id or a key`);
        seen.add(name);
      }
      devices.push(device);
    }
    return accepted(new DeviceDirectory(devices));
  }

  /** VEHICLES_INVALID when the file cannot be read or is not such a list. */
  static load(options: { path: string; crypto: Crypto }): DeviceDirectory {
    const parsed = DeviceDirectory.parse({
      text: readText(options.path),
      crypto: options.crypto,
    });
    if (parsed.ok) return parsed.value;
    throw unusable(options.path, parsed.problem.detail);
  }

  deviceOf(vehicle: string): EnrolledDevice | undefined {
    return this.#byVehicle.get(vehicle);
  }

  /** The key that this one took the place of; undefined for a vehicle's first. */
  keyBefore(keyId: Uint8Array): Uint8Array | undefined {
    return this.#before.get(toHex(keyId));
  }

  /** Takes over what another list says; gives the vehicles whose key held before and does no longer. */
  become(other: DeviceDirectory): readonly string[] {
    const before = this.#byVehicle;
    this.#byVehicle = other.#byVehicle;
    this.#before = other.#before;
    return [...before.values()]
      .filter(({ revoked }) => !revoked)
      .filter(({ vehicleId: id, keyId }) => {
        const now = other.deviceOf(id);
        return now === undefined || now.revoked || !equalBytes(now.keyId, keyId);
      })
      .map(({ vehicleId: id }) => id);
  }

  get devices(): Iterable<EnrolledDevice> {
    return this.#byVehicle.values();
  }
}

function replacements({
  earlier,
  keyId,
}: EnrolledDevice): readonly (readonly [string, Uint8Array])[] {
  const later = [...earlier.slice(1).map((key) => key.keyId), keyId];
  return earlier.map((key, place) => [toHex(later[place] ?? keyId), key.keyId] as const);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw unusable(path, messageOf(thrown));
  }
}

function unusable(path: string, detail: string): CodedError {
  return new CodedError({
    code: "VEHICLES_INVALID",
    message: `${path}: ${detail}`,
    remedy: "name the JSON file of enrolled devices that `voltfog enrol` writes",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readDevice(row: unknown, crypto: Crypto): EnrolledDevice | undefined {
  if (typeof row !== "object" || row === null) return undefined;
  const { id, key, salt, revoked = false, earlier = [] } = row as Record<string, unknown>;
  if (typeof id !== "string" || typeof key !== "string" || typeof salt !== "string") {
    return undefined;
  }
  const vehicle = vehicleId(id);
  const publicKey = fromHex(key);
  const idSalt = fromHex(salt);
  if (vehicle === undefined || publicKey?.length !== 32 || idSalt?.length !== 16) return undefined;
  if (typeof revoked !== "boolean") return undefined;
  const replaced = readEarlier(earlier, crypto);
  if (replaced === undefined) return undefined;
  const keyId = keyIdOf({ publicKey, crypto });
  return { vehicleId: vehicle, publicKey, keyId, idSalt, revoked, earlier: replaced };
}

function readEarlier(rows: unknown, crypto: Crypto): readonly EarlierKey[] | undefined {
  if (!Array.isArray(rows) || rows.length > earlierMax) return undefined;
  const keys = rows.map((row) => readEarlierKey(row, crypto));
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

function readEarlierKey(row: unknown, crypto: Crypto): EarlierKey | undefined {
  if (typeof row !== "object" || row === null) return undefined;
  const { key, telemetry, urgent } = row as Record<string, unknown>;
  const publicKey = typeof key === "string" ? fromHex(key) : undefined;
  if (publicKey?.length !== 32 || !isCount(telemetry) || !isCount(urgent)) return undefined;
  return { publicKey, keyId: keyIdOf({ publicKey, crypto }), last: { telemetry, urgent } };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function invalid(detail: string): { readonly ok: false; readonly problem: DirectoryProblem } {
  return refused({ code: "VEHICLES_INVALID", detail });
}

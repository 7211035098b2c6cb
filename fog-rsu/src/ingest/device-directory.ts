import { readFileSync } from "node:fs";
import { keyIdOf } from "@voltfog/messages";
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
}

export interface DirectoryProblem extends Problem {
  readonly code: "VEHICLES_INVALID";
  readonly detail: string;
}

const devicesMax = 100_000;

/** The enrolled devices of this unit, by vehicle. One key per vehicle, one vehicle per key. */
export class DeviceDirectory {
  #byVehicle: ReadonlyMap<string, EnrolledDevice>;

  private constructor(devices: readonly EnrolledDevice[]) {
    this.#byVehicle = new Map(devices.map((device) => [device.vehicleId, device]));
  }

  /** Reads the JSON of a vehicles file: [{id, key, salt, revoked?}], key and salt in lower-case hex. */
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
      if (device === undefined) return invalid(`entry ${place} is no {id, key, salt, revoked?}`);
      const key = toHex(device.keyId);
      if (seen.has(device.vehicleId) || seen.has(key)) {
        return invalid(`entry ${place} repeats the id or the key of an earlier one`);
      }
      seen.add(device.vehicleId).add(key);
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

  /** Takes over what another list says; gives the vehicles whose key held before and does no longer. */
  become(other: DeviceDirectory): readonly string[] {
    const before = this.#byVehicle;
    this.#byVehicle = other.#byVehicle;
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
  const { id, key, salt, revoked = false } = row as Record<string, unknown>;
  if (typeof id !== "string" || typeof key !== "string" || typeof salt !== "string") {
    return undefined;
  }
  const vehicle = vehicleId(id);
  const publicKey = fromHex(key);
  const idSalt = fromHex(salt);
  if (vehicle === undefined || publicKey?.length !== 32 || idSalt?.length !== 16) return undefined;
  if (typeof revoked !== "boolean") return undefined;
  const keyId = keyIdOf({ publicKey, crypto });
  return { vehicleId: vehicle, publicKey, keyId, idSalt, revoked };
}

function invalid(detail: string): { readonly ok: false; readonly problem: DirectoryProblem } {
  return refused({ code: "VEHICLES_INVALID", detail });
}

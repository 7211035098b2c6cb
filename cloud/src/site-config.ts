import { readFileSync } from "node:fs";
import { type Genesis, keyIdOf, parseGenesis } from "@voltfog/ledger";
import { CodedError, type Crypto, fromHex, messageOf, toHex } from "@voltfog/runtime";
import type { TlsIdentity } from "@voltfog/runtime/node";
import type { Consortium } from "./finality/consortium.ts";
import { listOf, recordOf } from "./live/json-value.ts";

/** Where another process is: an "id@url" of the configuration. */
export interface Address {
  readonly id: string;
  readonly url: string;
}

/** What the process knows of its site before anything runs. */
export interface Site {
  readonly consortium: Consortium;
  /** What this process shows to the others. */
  readonly identity: TlsIdentity;
  /** Vehicle ids by key id in hex. */
  readonly vehicleNames: ReadonlyMap<string, string>;
  readonly units: readonly Address[];
  readonly validators: readonly Address[];
}

/** CONFIG_INVALID where one is no "id@https://host:port", is doubled, or is not among the known ids. */
export function readAddresses(options: {
  key: string;
  items: readonly string[];
  /** Ids that may be named; any where they can be admitted later. */
  known?: readonly string[];
}): readonly Address[] {
  const addresses: Address[] = [];
  for (const item of options.items) {
    const [, id = "", url = ""] = /^([a-z][a-z0-9-]{0,31})@(https:\/\/\S+)$/.exec(item) ?? [];
    const fault = addressFault({ ...options, id, addresses });
    if (fault !== undefined) {
      throw new CodedError({
        code: "CONFIG_INVALID",
        message: `${options.key}: ${JSON.stringify(item)} ${fault}`,
        remedy: `write ${options.key} as id@https://host:port${options.known === undefined ? "" : " with ids of the genesis file"}`,
      });
    }
    addresses.push({ id, url });
  }
  return addresses;
}

function addressFault(options: {
  id: string;
  known?: readonly string[];
  addresses: readonly Address[];
}): string | undefined {
  const { id, known, addresses } = options;
  if (id === "") return "is not of the form id@https://host:port";
  if (known?.includes(id) === false) return "is not in the genesis file";
  return addresses.some((other) => other.id === id) ? "is there twice" : undefined;
}

/** GENESIS_UNREADABLE or the parser's own code. */
export function readGenesis(path: string, crypto: Crypto): Genesis {
  const parsed = parseGenesis(readBytes(path, "GENESIS_UNREADABLE"), crypto);
  if (parsed.ok) return parsed.value;
  throw new CodedError({
    code: parsed.problem.code,
    message: `${path}: ${parsed.problem.detail}`,
    remedy: "name the consortium's genesis file",
  });
}

/** Vehicle ids by key id in hex, from the enrolled-devices file; empty where no file is named. */
export function readVehicleNames(path: string, crypto: Crypto): ReadonlyMap<string, string> {
  if (path === "") return new Map();
  const names = new Map<string, string>();
  for (const item of listOf(parseDevices(path)).map(recordOf)) {
    const earlier = Array.isArray(item["earlier"]) ? item["earlier"].map(recordOf) : [];
    for (const row of [item, ...earlier]) {
      const key = typeof row["key"] === "string" ? fromHex(row["key"]) : undefined;
      if (key?.length !== 32 || typeof item["id"] !== "string") {
        throw new CodedError({
          code: "VEHICLES_INVALID",
          message: `${path}: a vehicle has no id or no key of 32 bytes in hex`,
        });
      }
      names.set(toHex(keyIdOf(key, crypto)), item["id"]);
    }
  }
  return names;
}

function parseDevices(path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(readBytes(path, "VEHICLES_INVALID")));
  } catch (thrown) {
    if (thrown instanceof CodedError) throw thrown;
    throw new CodedError({ code: "VEHICLES_INVALID", message: `${path}: ${messageOf(thrown)}` });
  }
}

function readBytes(path: string, code: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (thrown) {
    throw new CodedError({
      code,
      message: messageOf(thrown),
      remedy: "name a file that this process may read",
      cause: thrown,
    });
  }
}

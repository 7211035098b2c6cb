import { type Genesis, logId, logOrigin } from "@voltfog/ledger";
import { type Crypto, toHex } from "@voltfog/runtime";
import type { LogIdentity } from "../intake/log-tree.ts";

/** Names of what the genesis file knows only by keys. */
export class Consortium {
  readonly genesis: Genesis;
  readonly #units: ReadonlyMap<string, LogIdentity>;
  readonly #names: ReadonlyMap<string, string>;

  constructor(options: { genesis: Genesis; crypto: Crypto }) {
    const { genesis, crypto } = options;
    this.genesis = genesis;
    const identities = genesis.units.map(({ id, key }) => ({
      unitId: id,
      origin: logOrigin({ chain: genesis.chain, unitId: id }),
      publicKey: key,
    }));
    this.#units = new Map(
      identities.map((identity) => [toHex(logId({ ...identity, crypto })), identity]),
    );
    this.#names = new Map([
      ...genesis.units.map(({ key, id }) => [toHex(key), id] as const),
      ...genesis.validators.map(({ voteKey, id }) => [toHex(voteKey), id] as const),
    ]);
  }

  /** The log of a unit; undefined where the genesis file has no such unit. */
  logOf(unitId: string): LogIdentity | undefined {
    for (const identity of this.#units.values()) {
      if (identity.unitId === unitId) return identity;
    }
    return undefined;
  }

  /** The unit of a log; undefined for one enrolled after the genesis file. */
  unitOf(id: Uint8Array): string | undefined {
    return this.#units.get(toHex(id))?.unitId;
  }

  /** The id of a unit's or validator's key, or the key's first eight bytes in hex. */
  nameOf(key: Uint8Array): string {
    return this.#names.get(toHex(key)) ?? `key-${toHex(key.subarray(0, 8))}`;
  }
}

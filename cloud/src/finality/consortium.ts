import { type Genesis, logId, logOrigin, unitLogName, type Validator } from "@voltfog/ledger";
import { type Crypto, toHex } from "@voltfog/runtime";
import type { LogIdentity } from "../intake/log-tree.ts";

/** Logs of one unit that are known by name: each restore of the unit begins another. */
const logsMax = 64;

/** Names of what the genesis file knows only by keys. */
export class Consortium {
  readonly genesis: Genesis;
  readonly #units: ReadonlyMap<string, LogIdentity>;
  readonly #names: Map<string, string>;
  #validators: readonly Validator[];

  constructor(options: { genesis: Genesis; crypto: Crypto }) {
    const { genesis, crypto } = options;
    this.genesis = genesis;
    this.#validators = genesis.validators;
    const numbers = Array.from({ length: logsMax }, (_, at) => at + 1);
    const identities = genesis.units.flatMap(({ id, key }) =>
      numbers.map((number) => ({
        unitId: unitLogName({ unitId: id, number }),
        origin: logOrigin({ chain: genesis.chain, unitId: id, number }),
        publicKey: key,
      })),
    );
    this.#units = new Map(
      identities.map((identity) => [toHex(logId({ ...identity, crypto })), identity]),
    );
    this.#names = new Map([
      ...genesis.units.map(({ key, id }) => [toHex(key), id] as const),
      ...genesis.validators.map(({ voteKey, id }) => [toHex(voteKey), id] as const),
    ]);
  }

  /** In the places of the genesis file, each with its present vote key. */
  get validators(): readonly Validator[] {
    return this.#validators;
  }

  /** The validators of the chain's next block; those whose key changed keep their old one's name too. */
  learn(validators: readonly Validator[]): void {
    if (validators === this.#validators) return;
    this.#validators = validators;
    for (const { voteKey, id } of validators) this.#names.set(toHex(voteKey), id);
  }

  /** The log of a name, unit-1 or unit-1/2; undefined where the genesis file has no such unit. */
  logOf(unitId: string): LogIdentity | undefined {
    for (const identity of this.#units.values()) {
      if (identity.unitId === unitId) return identity;
    }
    return undefined;
  }

  /** The name of a log, which is its unit's id for the first; undefined for one enrolled after the genesis file. */
  unitOf(id: Uint8Array): string | undefined {
    return this.#units.get(toHex(id))?.unitId;
  }

  /** The id of a unit's or validator's key, or the key's first eight bytes in hex. */
  nameOf(key: Uint8Array): string {
    return this.#names.get(toHex(key)) ?? `key-${toHex(key.subarray(0, 8))}`;
  }
}

import {
  type Genesis,
  logId,
  logOrigin,
  type Seat,
  unitLogName,
  type Validator,
} from "@voltfog/ledger";
import { type Crypto, equalBytes, toHex } from "@voltfog/runtime";
import type { LogIdentity } from "../intake/log-tree.ts";

/** Logs of one unit that are known by name: each restore of the unit begins another. */
const logsMax = 64;

/** A validator of the next block, with its share of the turns to propose. */
type KnownSeat = Validator & Pick<Seat, "weight" | "quarantined">;

/** Names of what the genesis file knows only by keys. */
export class Consortium {
  readonly genesis: Genesis;
  readonly #units: ReadonlyMap<string, LogIdentity>;
  readonly #names: Map<string, string>;
  #seats: readonly KnownSeat[];

  constructor(options: { genesis: Genesis; crypto: Crypto }) {
    const { genesis, crypto } = options;
    this.genesis = genesis;
    this.#seats = genesis.validators.map((one) => ({ ...one, weight: 1, quarantined: false }));
    const numbers = Array.from({ length: logsMax }, (_, at) => at + 1);
    const identities = genesis.units.flatMap(({ id, key }) =>
      numbers.map((number) => ({
        unitId: unitLogName({ unitId: id, number }),
        origin: logOrigin({ chain: genesis.chain, unitId: id, number, hash: genesis.logHash }),
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

  /** Who decides the chain's next block, in the places of its certificate. */
  get seats(): readonly KnownSeat[] {
    return this.#seats;
  }

  /** The seats of the chain's next block; who left, and whose key changed, keeps the name of the old one too. */
  learn(seats: readonly KnownSeat[]): void {
    if (seats === this.#seats) return;
    this.#seats = seats;
    for (const { voteKey, id } of seats) this.#names.set(toHex(voteKey), id);
  }

  /** Names of those who decided blocks before, some of whom left since. */
  remember(members: readonly { readonly id: string; readonly voteKey: string }[]): void {
    for (const { id, voteKey } of members) this.#names.set(voteKey, id);
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

  /** Whose validator has this vote key; empty for any other key. */
  organisationOf(voteKey: Uint8Array): string {
    return this.#seats.find((seat) => equalBytes(seat.voteKey, voteKey))?.organisation ?? "";
  }

  /** The present key of a unit's or validator's id. */
  keyOf(id: string): Uint8Array | undefined {
    const unit = this.genesis.units.find((other) => other.id === id);
    return unit?.key ?? this.#seats.find((other) => other.id === id)?.voteKey;
  }

  /** The id of a unit's or validator's key, or the key's first eight bytes in hex. */
  nameOf(key: Uint8Array): string {
    return this.#names.get(toHex(key)) ?? `key-${toHex(key.subarray(0, 8))}`;
  }
}

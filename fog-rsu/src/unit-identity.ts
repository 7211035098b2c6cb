import type { Genesis } from "@voltfog/ledger";
import {
  CodedError,
  type Crypto,
  equalBytes,
  type Signer,
  type UnitId,
  unitId,
} from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import type { RsuConfig } from "./config.ts";
import { loadGenesis } from "./genesis-file.ts";

/** Who this unit is, to vehicles and to the chain. */
export interface UnitIdentity {
  readonly id: UnitId;
  readonly signer: Signer;
  readonly genesis: Genesis;
}

/** Reads key and genesis file. KEY_UNREADABLE, GENESIS_INVALID, NOT_A_UNIT when they do not fit the id. */
export function loadIdentity(
  config: Pick<RsuConfig, "id" | "key" | "genesis">,
  crypto: Crypto,
): UnitIdentity {
  const signer = loadSigningKey(config.key);
  const genesis = loadGenesis(config.genesis, crypto);
  const id = unitId(config.id);
  const registered = genesis.units.find((unit) => unit.id === config.id);
  if (
    id === undefined ||
    registered === undefined ||
    !equalBytes(registered.key, signer.publicKey)
  ) {
    throw new CodedError({
      code: "NOT_A_UNIT",
      message: `${config.genesis} registers no unit ${config.id} with the key in ${config.key}`,
      remedy: "name this unit's own id and key, or the genesis file of its consortium",
    });
  }
  return { id, signer, genesis };
}

import type { Crypto } from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import { emptyRoot } from "../log/tree-hash.ts";
import {
  type Enrolment,
  encodeDeviceRecord,
  idCommitmentOf,
  keyIdOf,
  unitSalt,
} from "../modules/device-record.ts";
import { deviceName } from "../state/names.ts";
import { StateTree } from "../state/state-tree.ts";
import { type BlockHeader, firstEpoch } from "./header.ts";
import { validatorsHash } from "./validator-set.ts";

/** Genesis devices hold for all time that the formats can say, until they are revoked. */
const always = { validFrom_ms: 0, validTo_ms: Number.MAX_SAFE_INTEGER } as const;

/** The state of height 0: the devices that the genesis file names. */
export function genesisState(genesis: Genesis, crypto: Crypto): StateTree {
  const enrolments: Enrolment[] = [
    ...genesis.units.map(({ id, organisation, key }) => ({
      kind: "unit" as const,
      key,
      organisation,
      idCommitment: idCommitmentOf({ salt: unitSalt, id }, crypto),
      ...always,
    })),
    ...genesis.vehicles.map((vehicle) => ({ kind: "vehicle" as const, ...vehicle, ...always })),
  ];
  let state = StateTree.empty(crypto);
  for (const enrolment of enrolments) {
    const record = { ...enrolment, enrolledHeight: 0, revokedHeight: undefined };
    state = state.with(deviceName(keyIdOf(enrolment.key, crypto)), encodeDeviceRecord(record));
  }
  return state;
}

/** The block at height 0, which needs no certificate: it follows from the genesis file. */
export function genesisHeader(options: {
  genesis: Genesis;
  stateRoot: Uint8Array;
  crypto: Crypto;
}): BlockHeader {
  const { genesis, crypto } = options;
  const zeros = new Uint8Array(32);
  return {
    chainId: genesis.chainId,
    height: 0,
    epoch: firstEpoch,
    parent: zeros,
    parentCertificateHash: zeros,
    time_ms: genesis.created_ms,
    proposer: zeros,
    txRoot: emptyRoot(crypto),
    resultsSize: 0,
    resultsRoot: emptyRoot(crypto),
    stateRoot: options.stateRoot,
    nextValidatorsHash: validatorsHash(genesis.validators, crypto),
  };
}

import {
  type ChainEvidence,
  decodeKeyOwner,
  decodeValidator,
  evidenceItemsMax,
  type Genesis,
  keyName,
  provenValidators,
  type Validator,
  validatorName,
} from "@voltfog/ledger";
import { CodedError, type Crypto, toHex } from "@voltfog/runtime";
import { sortedSet } from "./anchor-statement.ts";
import type { FinalHeaders } from "./final-evidence.ts";

/**
 * Anchor addresses of all validators of the newest proven epoch, as they registered them on the
 * consortium's chain, ascending; undefined while one of them has registered none, since a set of the
 * others alone would need fewer signatures than the chain itself. Throws CHAIN_UNREACHABLE,
 * EVIDENCE_INVALID.
 */
export async function registeredAddresses(o: {
  headers: FinalHeaders;
  genesis: Genesis;
  crypto: Crypto;
}): Promise<readonly string[] | undefined> {
  const { headers, genesis, crypto } = o;
  const evidence = (await headers.newest())?.evidence;
  if (evidence === undefined) return undefined;
  const { epoch } = evidence.header;
  const proven = provenValidators({ genesis, epoch, steps: evidence.steps, crypto });
  if (!proven.ok)
    throw new CodedError({ code: "EVIDENCE_INVALID", message: proven.problem.detail });
  const ids = await idsOf({ headers, genesis, evidence, validators: proven.value });
  const records = await read(headers, epoch, ids.map(validatorName));
  const addresses: string[] = [];
  for (const value of records ?? []) {
    const contact = decodeValidator(value)?.contact;
    if (contact === undefined) return undefined;
    addresses.push(`0x${toHex(contact.anchorAddress)}`);
  }
  return records === undefined ? undefined : sortedSet(addresses);
}

/** Headers name who was admitted by the key alone; whose key it is, is in the state. */
async function idsOf(o: {
  headers: FinalHeaders;
  genesis: Genesis;
  evidence: ChainEvidence;
  validators: readonly Validator[];
}): Promise<readonly string[]> {
  const { headers, genesis, evidence, validators } = o;
  const known = new Map(genesis.validators.map(({ id }) => [id, id]));
  const admitted = evidence.steps.flatMap((step) =>
    step.kind === "set-change" && "admitted" in step.change ? [step.change.admitted] : [],
  );
  const names = admitted.map(keyName);
  const owners = await read(headers, evidence.header.epoch, names);
  for (const [at, value] of (owners ?? []).entries()) {
    const key = admitted[at];
    const owner = decodeKeyOwner(value);
    // As epoch-step.ts names an admitted validator.
    if (key !== undefined && owner !== undefined) {
      known.set(`key-${toHex(key.subarray(0, 8))}`, owner.id);
    }
  }
  return validators.map(({ id }) => known.get(id) ?? id);
}

/** Values of names in the state, proven in the same epoch; undefined where the epoch has changed meanwhile. */
async function read(
  headers: FinalHeaders,
  epoch: number,
  names: readonly string[],
): Promise<readonly (Uint8Array | undefined)[] | undefined> {
  const values: (Uint8Array | undefined)[] = [];
  for (let from = 0; from < names.length; from += evidenceItemsMax) {
    const evidence = await headers.prove(names.slice(from, from + evidenceItemsMax));
    if (evidence === undefined || evidence.header.epoch !== epoch) return undefined;
    values.push(...evidence.names.map(({ value }) => value));
  }
  return values;
}

import {
  accepted,
  assert,
  ByteWriter,
  type Crypto,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
  utf8,
} from "@voltfog/runtime";
import type { Genesis, Validator } from "../genesis/genesis.ts";
import { type KeySuccession, verifySuccession } from "../modules/key-succession.ts";

const domain = utf8("voltfog/validators/1\n");

/** Names a validator set: SHA-256("voltfog/validators/1\n" ‖ u16 n ‖ every vote key in the set's order). */
export function validatorsHash(validators: readonly Validator[], crypto: Crypto): Uint8Array {
  const writer = new ByteWriter().raw(domain).u16(validators.length);
  for (const { voteKey } of validators) writer.raw(voteKey);
  return crypto.sha256(writer.finish());
}

/** The set after a succession: the same places, one with another key; undefined where no one has the old key. */
export function succeeded(
  validators: readonly Validator[],
  { oldKey, newKey }: Pick<KeySuccession, "oldKey" | "newKey">,
): readonly Validator[] | undefined {
  const seat = validators.findIndex(({ voteKey }) => equalBytes(voteKey, oldKey));
  if (seat < 0) return undefined;
  return validators.map((one, at) => (at === seat ? { ...one, voteKey: newKey } : one));
}

/** The set after successions that the chain itself has taken. */
export function validatorsAfter(
  genesis: Genesis,
  successions: readonly KeySuccession[],
): readonly Validator[] {
  let validators = genesis.validators;
  for (const succession of successions) {
    const next = succeeded(validators, succession);
    assert(next !== undefined, "the chain takes successions of current keys only");
    validators = next;
  }
  return validators;
}

/**
 * The set that successions from elsewhere lead to, from the genesis file's, each signed by the key that
 * stood until then: the epoch's owner of a place is who its owner before says. Two verifications each.
 */
export function provenValidators(options: {
  genesis: Genesis;
  epoch: number;
  successions: readonly KeySuccession[];
  crypto: Crypto;
}): Outcome<readonly Validator[], Problem & { readonly detail: string }> {
  const { genesis, epoch, successions, crypto } = options;
  const code = "SUCCESSION_INVALID";
  if (successions.length !== epoch) {
    const detail = `epoch ${epoch} with ${successions.length} successions of vote keys`;
    return refused({ code, detail });
  }
  let validators = genesis.validators;
  for (const [at, succession] of successions.entries()) {
    const next = succeeded(validators, succession);
    const isSigned = verifySuccession({ succession, chainId: genesis.chainId, crypto });
    if (next === undefined || !isSigned) {
      const detail = `succession ${at + 1} of a vote key is not signed by a validator's key`;
      return refused({ code, detail });
    }
    validators = next;
  }
  return accepted(validators);
}

import { ByteWriter, type Crypto, equalBytes, utf8 } from "@voltfog/runtime";
import type { Validator } from "../genesis/genesis.ts";
import type { KeySuccession } from "../modules/key-succession.ts";

const domain = utf8("voltfog/validators/1\n");

/** Names a validator set: SHA-256("voltfog/validators/1\n" ‖ u16 n ‖ every vote key in the set's order). */
export function validatorsHash(validators: readonly Validator[], crypto: Crypto): Uint8Array {
  const writer = new ByteWriter().raw(domain).u16(validators.length);
  for (const { voteKey } of validators) writer.raw(voteKey);
  return crypto.sha256(writer.finish());
}

/** The set after a succession: the same places, one with another key; undefined where no one has the old key. */
export function succeeded<Member extends Validator>(
  validators: readonly Member[],
  { oldKey, newKey }: Pick<KeySuccession, "oldKey" | "newKey">,
): readonly Member[] | undefined {
  const seat = validators.findIndex(({ voteKey }) => equalBytes(voteKey, oldKey));
  if (seat < 0) return undefined;
  return validators.map((one, at) => (at === seat ? { ...one, voteKey: newKey } : one));
}

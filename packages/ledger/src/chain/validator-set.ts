import { ByteWriter, type Crypto, utf8 } from "@voltfog/runtime";
import type { Validator } from "../genesis/genesis.ts";

const domain = utf8("voltfog/validators/1\n");

/** Names a validator set: SHA-256("voltfog/validators/1\n" ‖ u16 n ‖ every vote key in the set's order). */
export function validatorsHash(validators: readonly Validator[], crypto: Crypto): Uint8Array {
  const writer = new ByteWriter().raw(domain).u16(validators.length);
  for (const { voteKey } of validators) writer.raw(voteKey);
  return crypto.sha256(writer.finish());
}

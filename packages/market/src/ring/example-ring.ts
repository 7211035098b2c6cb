import { type Crypto, utf8 } from "@voltfog/runtime";
import { type RingSignature, type RingStatement, ringKeyOf, signRing } from "./ring-signature.ts";

/** A good signature by one of so many keys (1 to 16), the same at every call: for demonstrations and measurements. */
export function exampleRing(options: { size: number; crypto: Crypto }): {
  statement: RingStatement;
  signature: RingSignature | undefined;
} {
  const { size, crypto } = options;
  const secrets = Array.from({ length: size }, (_, i) =>
    crypto.sha256(utf8(`example ring, member ${i + 1}`)),
  );
  const statement = {
    ring: secrets.map(ringKeyOf),
    context: utf8("example context"),
    message: utf8("example message"),
  };
  const secret = secrets[size >> 1] ?? new Uint8Array(32);
  return { statement, signature: signRing({ statement, secret, crypto }) };
}

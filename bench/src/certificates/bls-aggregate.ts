import { commitMessage } from "@voltfog/ledger";
import { blst, type PublicKey, type SecretKey } from "./blst.ts";
import {
  areSigners,
  bitmap_bytes,
  type CertificateForm,
  delay_bytes,
  delayOf_ms,
  head_bytes,
  type Statement,
} from "./certificate-form.ts";

const signature_bytes = 96;

/**
 * One BLS signature (minimal public keys, draft-irtf-cfrg-bls-signature) that is the sum of the signers'
 * own, and a bitmap of who they are. With `ownDelay` each signs its delay too, as in the list: then a
 * verifier pays one pairing per signer instead of two for all. The keys have proved possession.
 */
export function blsAggregate(o: {
  secrets: readonly SecretKey[];
  keys: readonly PublicKey[];
  quorum: number;
  statement: Statement;
  ownDelay: boolean;
}): CertificateForm {
  const { secrets, keys, quorum, statement, ownDelay } = o;
  const n = keys.length;
  const messageOf = (validator: number): Uint8Array =>
    commitMessage({ ...statement, delay_ms: ownDelay ? delayOf_ms(validator) : 0 });
  const isSigned = (signers: readonly number[], bytes: Uint8Array): boolean => {
    const signature = blst.Signature.fromBytes(bytes, true);
    const theirs = signers.flatMap((one) => keys[one] ?? []);
    if (!ownDelay) return blst.fastAggregateVerify(messageOf(0), theirs, signature);
    return blst.aggregateVerify(signers.map(messageOf), theirs, signature);
  };
  return {
    name: ownDelay ? "bls-aggregate-own-delay" : "bls-aggregate",
    sign: (validator) =>
      secrets[validator]?.sign(messageOf(validator)).toBytes() ?? new Uint8Array(),
    isShare: ({ validator, signature }) => {
      const key = keys[validator];
      return (
        key !== undefined &&
        isWellFormed(() =>
          blst.verify(messageOf(validator), key, blst.Signature.fromBytes(signature, true)),
        )
      );
    },
    combine: (shares) => ({
      signers: shares.map(({ validator }) => validator),
      signatures: [
        blst.aggregateSerializedSignatures(shares.map(({ signature }) => signature)).toBytes(),
      ],
    }),
    isCertificate: ({ signers, signatures: [signature = new Uint8Array()] }) =>
      areSigners(signers, { n, quorum }) && isWellFormed(() => isSigned(signers, signature)),
    size_bytes: ({ signers }) =>
      head_bytes +
      bitmap_bytes(n) +
      signature_bytes +
      (ownDelay ? signers.length * delay_bytes : 0),
  };
}

/** What the library throws on bytes that are no point of the group is a no. */
export function isWellFormed(verified: () => boolean): boolean {
  try {
    return verified();
  } catch {
    return false;
  }
}

import { commitMessage } from "@voltfog/ledger";
import type { Crypto, Signer } from "@voltfog/runtime";
import {
  areSigners,
  bitmap_bytes,
  type CertificateForm,
  delay_bytes,
  delayOf_ms,
  head_bytes,
  type Statement,
} from "./certificate-form.ts";

const signature_bytes = 64;

/** The product's form: each signer's own Ed25519 signature, over its own delay too. */
export function ed25519List(o: {
  signers: readonly Signer[];
  quorum: number;
  statement: Statement;
  crypto: Crypto;
}): CertificateForm {
  const { signers, quorum, statement, crypto } = o;
  const n = signers.length;
  const messageOf = (validator: number): Uint8Array =>
    commitMessage({ ...statement, delay_ms: delayOf_ms(validator) });
  const isRight = (validator: number, signature: Uint8Array | undefined): boolean => {
    const publicKey = signers[validator]?.publicKey;
    if (publicKey === undefined || signature === undefined) return false;
    return crypto.verify({ publicKey, message: messageOf(validator), signature });
  };
  return {
    name: "ed25519-list",
    sign: (validator) => signers[validator]?.sign(messageOf(validator)) ?? new Uint8Array(),
    isShare: ({ validator, signature }) => isRight(validator, signature),
    combine: (shares) => ({
      signers: shares.map(({ validator }) => validator),
      signatures: shares.map(({ signature }) => signature),
    }),
    isCertificate: (certificate) =>
      areSigners(certificate.signers, { n, quorum }) &&
      certificate.signers.every((one, i) => isRight(one, certificate.signatures[i])),
    size_bytes: (certificate) =>
      head_bytes + bitmap_bytes(n) + certificate.signers.length * (delay_bytes + signature_bytes),
  };
}

import { commitMessage } from "@voltfog/ledger";
import { isWellFormed } from "./bls-aggregate.ts";
import { blst, type SecretKey } from "./blst.ts";
import { type CertificateForm, head_bytes, type Statement } from "./certificate-form.ts";
import { weightedSum } from "./group-sums.ts";
import type { GroupKey } from "./joint-feldman.ts";
import { weightsAtZero } from "./scalar-field.ts";

const signature_bytes = 96;

/**
 * One BLS signature of the group, put together from a quorum of shares. It does not tell who signed: no
 * bitmap, no participation to reward, nobody to blame.
 */
export function blsThreshold(o: {
  group: GroupKey;
  secrets: readonly SecretKey[];
  statement: Statement;
}): CertificateForm {
  const { group, secrets } = o;
  const message = commitMessage({ ...o.statement, delay_ms: 0 });
  return {
    name: "bls-threshold",
    sign: (validator) => secrets[validator]?.sign(message).toBytes() ?? new Uint8Array(),
    isShare: ({ validator, signature }) => {
      const key = group.sharesOf[validator];
      return (
        key !== undefined &&
        isWellFormed(() => blst.verify(message, key, blst.Signature.fromBytes(signature, true)))
      );
    },
    combine: (shares) => {
      const signatures = shares.map(({ signature }) => blst.Signature.fromBytes(signature));
      const weights = weightsAtZero(shares.map(({ validator }) => validator + 1));
      return { signers: [], signatures: [weightedSum(signatures, weights).toBytes()] };
    },
    isCertificate: ({ signatures: [signature = new Uint8Array()] }) =>
      isWellFormed(() =>
        blst.verify(message, group.publicKey, blst.Signature.fromBytes(signature, true)),
      ),
    size_bytes: () => head_bytes + signature_bytes,
  };
}

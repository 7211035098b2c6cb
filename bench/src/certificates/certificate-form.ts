/** One validator's part of a certificate. */
export interface Share {
  readonly validator: number;
  readonly signature: Uint8Array;
}

/** What makes a block final, as one of the forms keeps it. */
export interface FormCertificate {
  /** Ascending; those whose parts are in it. */
  readonly signers: readonly number[];
  /** One for each signer, or one for all. */
  readonly signatures: readonly Uint8Array[];
}

/** What a quorum says of a block: all but what each signer states alone. */
export interface Statement {
  readonly chainId: Uint8Array;
  readonly epoch: number;
  readonly height: number;
  readonly round: number;
  readonly blockHash: Uint8Array;
}

/** One way to show that a quorum of n validators signed a statement. */
export interface CertificateForm {
  readonly name: string;
  sign(validator: number): Uint8Array;
  /** As a collector does that cannot trust who sent it. */
  isShare(share: Share): boolean;
  /** Of shares of a quorum, ascending, all right. */
  combine(shares: readonly Share[]): FormCertificate;
  /** As a stranger does who knows the validators' keys. */
  isCertificate(certificate: FormCertificate): boolean;
  size_bytes(certificate: FormCertificate): number;
}

/** Height, round, block hash and number of validators: the head that all forms begin with. */
export const head_bytes: number = 8 + 4 + 32 + 2;

/** One bit for each validator. */
export function bitmap_bytes(n: number): number {
  return Math.ceil(n / 8);
}

/** The delay that a signer states alone. */
export const delay_bytes = 4;

export function areSigners(
  signers: readonly number[],
  { n, quorum }: { n: number; quorum: number },
): boolean {
  const isAscending = signers.every((one, i) => one > (signers[i - 1] ?? -1) && one < n);
  return isAscending && signers.length >= quorum;
}

/** What this validator is made to state alone. */
export function delayOf_ms(validator: number): number {
  return 5 + validator;
}

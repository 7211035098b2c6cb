import { encodeCertificate, quorum as quorumOf } from "@voltfog/ledger";
import { SeededRandom } from "@voltfog/runtime";
import { nodeCrypto, signerOfSeed } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { blsAggregate } from "./bls-aggregate.ts";
import { admittedKey, registrationOf } from "./bls-key.ts";
import { blsThreshold } from "./bls-threshold.ts";
import { blst } from "./blst.ts";
import type { CertificateForm, Share, Statement } from "./certificate-form.ts";
import { delayOf_ms } from "./certificate-form.ts";
import { ed25519List } from "./ed25519-list.ts";
import { generateKeys } from "./key-generation.ts";

const n = 7;
const quorum = quorumOf(n);
const statement: Statement = {
  chainId: new Uint8Array(32).fill(1),
  epoch: 0,
  height: 9,
  round: 1,
  blockHash: new Uint8Array(32).fill(2),
};
const other: Statement = { ...statement, height: 10 };

const signers = Array.from({ length: n }, (_, i) => signerOfSeed(new Uint8Array(32).fill(i + 1)));
const secrets = signers.map((_, i) => blst.SecretKey.fromKeygen(new Uint8Array(32).fill(i + 1)));
const keys = secrets.flatMap((secret) => admittedKey(registrationOf(secret)) ?? []);
const generated = generateKeys({
  ...{ signers, threshold: quorum, crypto: nodeCrypto, random: new SeededRandom(4) },
});

const makers: readonly ((statement: Statement) => CertificateForm)[] = [
  (said) => ed25519List({ signers, quorum, statement: said, crypto: nodeCrypto }),
  (said) => blsAggregate({ secrets, keys, quorum, statement: said, ownDelay: false }),
  (said) => blsAggregate({ secrets, keys, quorum, statement: said, ownDelay: true }),
  (said) => blsThreshold({ ...generated, statement: said }),
];

function sharesOf(form: CertificateForm, validators: readonly number[]): Share[] {
  return validators.map((validator) => ({ validator, signature: form.sign(validator) }));
}

const someQuorum = [0, 2, 3, 5, 6];

describe.each(makers.map((make) => ({ make, name: make(statement).name })))("$name", ({ make }) => {
  const form = make(statement);
  const shares = sharesOf(form, someQuorum);

  it("every quorum's certificate is right", () => {
    expect(form.isCertificate(form.combine(shares))).toBe(true);
    expect(form.isCertificate(form.combine(sharesOf(form, [0, 1, 2, 3, 4])))).toBe(true);
  });

  it("no certificate of one signer too few is right", () => {
    expect(form.isCertificate(form.combine(shares.slice(1)))).toBe(false);
  });

  it("no certificate says anything of another block", () => {
    expect(make(other).isCertificate(form.combine(shares))).toBe(false);
  });

  it("a share is right for who signed it and for nobody else", () => {
    const [share] = shares;
    if (share === undefined) throw new Error("there are shares");
    expect(form.isShare(share)).toBe(true);
    expect(form.isShare({ ...share, validator: 1 })).toBe(false);
    expect(make(other).isShare(share)).toBe(false);
    expect(form.isShare({ ...share, signature: new Uint8Array(96) })).toBe(false);
  });

  it("one wrong share spoils the certificate", () => {
    const wrong = { validator: 0, signature: make(other).sign(0) };
    expect(form.isCertificate(form.combine([wrong, ...shares.slice(1)]))).toBe(false);
  });

  it("no bytes in the place of a signature are right", () => {
    const certificate = form.combine(shares);
    const signatures = certificate.signatures.map(() => new Uint8Array(96).fill(0xff));
    expect(form.isCertificate({ ...certificate, signatures })).toBe(false);
    expect(form.isCertificate({ ...certificate, signatures: [] })).toBe(false);
  });
});

it("the list takes as many bytes as the product's certificate", () => {
  const list = ed25519List({ signers, quorum, statement, crypto: nodeCrypto });
  const { height, round, blockHash } = statement;
  const signatures = sharesOf(list, someQuorum).map((share) => ({
    ...share,
    delay_ms: delayOf_ms(share.validator),
  }));
  const bytes = encodeCertificate({
    form: "commit",
    height,
    round,
    blockHash,
    validators: n,
    signatures,
  });
  expect(list.size_bytes(list.combine(sharesOf(list, someQuorum)))).toBe(bytes.length);
});

it("a signer that is named twice does not make a quorum", () => {
  const list = ed25519List({ signers, quorum, statement, crypto: nodeCrypto });
  const twice = sharesOf(list, [0, 2, 2, 3, 5]);
  expect(list.isCertificate(list.combine(twice))).toBe(false);
});

describe("possession of a BLS key", () => {
  it("is proved by the key's own secret alone", () => {
    const [own, others] = secrets.map(registrationOf);
    if (own === undefined || others === undefined) throw new Error("there are keys");
    expect(admittedKey(own)?.toBytes()).toEqual(own.publicKey);
    expect(admittedKey({ ...own, proof: others.proof })).toBeUndefined();
    expect(admittedKey({ ...own, proof: new Uint8Array(96) })).toBeUndefined();
    expect(admittedKey({ ...own, publicKey: new Uint8Array(48) })).toBeUndefined();
  });

  it("is not proved by a signature of a block", () => {
    const [secret] = secrets;
    if (secret === undefined) throw new Error("there are keys");
    const publicKey = secret.toPublicKey().toBytes();
    expect(admittedKey({ publicKey, proof: secret.sign(publicKey).toBytes() })).toBeUndefined();
  });
});

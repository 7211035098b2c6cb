import { ByteWriter, type Crypto, equalBytes } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { defaultEngine, type EngineChoice } from "../genesis/engine-choice.ts";
import { certify, createConsortium } from "../testing/consortium.ts";
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  verifyCertificate,
} from "./certificate.ts";
import { Chain } from "./chain.ts";
import { headerHash } from "./header.ts";
import { faultTolerance, quorum } from "./quorum.ts";

const consortium = createConsortium({ crypto: nodeCrypto, validators: 7 });
const { genesis } = consortium;
const chain = Chain.fromGenesis({ genesis, crypto: nodeCrypto });
const { header } = chain.build({
  parentCertificate: undefined,
  time_ms: genesis.created_ms + 1000,
  proposer: genesis.validators[0]?.voteKey ?? new Uint8Array(),
  transactions: [],
});

function verdictOf(
  certificate: Certificate,
  over: { height?: number; epoch?: number; known?: Certificate; crypto?: Crypto } = {},
): string {
  const verdict = verifyCertificate({
    certificate,
    engine: defaultEngine,
    chainId: genesis.chainId,
    epoch: header.epoch,
    height: header.height,
    blockHash: headerHash(header, nodeCrypto),
    validators: genesis.validators,
    crypto: nodeCrypto,
    ...over,
  });
  return verdict.ok ? `signed by ${verdict.value.signers.length}` : verdict.problem.code;
}

describe("the quorum", () => {
  it("shares an honest validator between any two, for every size", () => {
    for (let n = 1; n <= 256; n++) {
      const f = faultTolerance(n);
      expect(2 * quorum(n) - n).toBeGreaterThanOrEqual(f + 1);
      expect(quorum(n)).toBeLessThanOrEqual(n - f);
    }
  });

  it("is 3 of 4, 4 of 5, 5 of 7 and 14 of 20", () => {
    expect([4, 5, 7, 20].map(quorum)).toEqual([3, 4, 5, 14]);
  });
});

describe("a certificate", () => {
  it("with a quorum or more makes its block final", () => {
    expect(verdictOf(certify({ consortium, header }))).toBe("signed by 5");
    expect(verdictOf(certify({ consortium, header, signers: [0, 2, 3, 4, 5, 6] }))).toBe(
      "signed by 6",
    );
  });

  it("below quorum does not", () => {
    const certificate = certify({ consortium, header, signers: [0, 1, 2, 3] });
    expect(verdictOf(certificate)).toBe("CERTIFICATE_BELOW_QUORUM");
  });

  it("does not count one signer twice", () => {
    const good = certify({ consortium, header, signers: [0, 1, 2, 3] });
    const doubled = { ...good, signatures: [...good.signatures, ...good.signatures.slice(3)] };
    expect(verdictOf(doubled)).toBe("CERTIFICATE_MALFORMED");
    expect(() => encodeCertificate(doubled)).toThrow("ascending");
  });

  it("is of one height, epoch, block and set", () => {
    const good = certify({ consortium, header });
    expect(verdictOf(good, { height: 2 })).toBe("CERTIFICATE_OTHER_HEIGHT");
    expect(verdictOf(good, { epoch: 1 })).toBe("CERTIFICATE_SIGNATURE_INVALID");
    expect(verdictOf({ ...good, round: 1 })).toBe("CERTIFICATE_SIGNATURE_INVALID");
    expect(verdictOf({ ...good, validators: 8 })).toBe("CERTIFICATE_OTHER_SET");
    const other = certify({ consortium, header: { ...header, time_ms: header.time_ms + 1 } });
    expect(verdictOf(other)).toBe("CERTIFICATE_OTHER_BLOCK");
  });

  it("fails with one bad signature, needed or not", () => {
    const good = certify({ consortium, header, signers: [0, 1, 2, 3, 4, 5, 6] });
    const [first, ...rest] = good.signatures;
    if (first === undefined) throw new Error("no signature");
    const late = { ...first, delay_ms: first.delay_ms + 1 };
    expect(verdictOf({ ...good, signatures: [late, ...rest] })).toBe(
      "CERTIFICATE_SIGNATURE_INVALID",
    );
  });

  it("is verified but for the seals that are known, and only those of the very same statement are", () => {
    let verified = 0;
    const crypto: Crypto = {
      ...nodeCrypto,
      verify: (signed) => {
        verified++;
        return nodeCrypto.verify(signed);
      },
    };
    const known = certify({ consortium, header, signers: [0, 1, 2, 3, 4] });
    const fuller = certify({ consortium, header, signers: [0, 1, 2, 3, 4, 6] });
    expect(verdictOf(fuller, { known, crypto })).toBe("signed by 6");
    expect(verified).toBe(1);

    const [first, second, ...rest] = fuller.signatures;
    if (first === undefined || second === undefined) throw new Error("no signatures");
    const forged = [
      { ...first, delay_ms: first.delay_ms + 1 },
      { ...first, signature: second.signature },
      { ...first, signature: first.signature.map((byte, i) => (i === 63 ? byte ^ 1 : byte)) },
    ];
    for (const seal of forged) {
      const certificate = { ...fuller, signatures: [seal, second, ...rest] };
      expect(verdictOf(certificate, { known })).toBe("CERTIFICATE_SIGNATURE_INVALID");
    }
    const other = { ...fuller, round: 1 };
    expect(verdictOf(other, { known })).toBe("CERTIFICATE_SIGNATURE_INVALID");
    // Seals of a certificate that is not of this block are nothing known.
    verified = 0;
    const ofOther = certify({ consortium, header: { ...header, time_ms: header.time_ms + 1 } });
    expect(verdictOf(fuller, { known: ofOther, crypto })).toBe("signed by 6");
    expect(verified).toBe(6);
  });

  it("is not read with a bit set beyond the last validator", () => {
    const bytes = encodeCertificate(certify({ consortium, header }));
    const bitmapAt = 46;
    expect(decodeCertificate(bytes).ok).toBe(true);
    const extra = new Uint8Array([...bytes, ...new Uint8Array(68)]);
    extra[bitmapAt] = (extra[bitmapAt] ?? 0) | 1;
    const decoded = decodeCertificate(extra);
    expect(decoded.ok ? "read" : decoded.problem.detail).toBe("certificate names validator 7");
  });

  it("is not read for a set of nobody or of more than the limit", () => {
    const head = new ByteWriter().u64(1).u32(0).raw(new Uint8Array(32));
    expect(decodeCertificate(head.u16(0).finish()).ok).toBe(false);
    const large = new ByteWriter().u64(1).u32(0).raw(new Uint8Array(32)).u16(257);
    const decoded = decodeCertificate(large.raw(new Uint8Array(33)).finish());
    expect(decoded.ok).toBe(false);
  });

  it("signs the proposal's delay, so that nobody can state another's", () => {
    const good = certify({ consortium, header });
    const again = decodeCertificate(encodeCertificate(good));
    expect(again.ok && equalBytes(encodeCertificate(again.value), encodeCertificate(good))).toBe(
      true,
    );
    expect(good.signatures.map(({ delay_ms }) => delay_ms)).toEqual([20, 21, 22, 23, 24]);
  });
});

describe("a fast certificate", () => {
  const engine = { name: "sbft", redundant: 1 } as const;
  const fast = createConsortium({ crypto: nodeCrypto, validators: 7, engine });
  const own = { ...header, chainId: fast.genesis.chainId };
  const blockHash = headerHash(own, nodeCrypto);

  function fastVerdictOf(certificate: Certificate, of: EngineChoice = engine): string {
    const { chainId, validators } = fast.genesis;
    const { epoch, height } = own;
    const place = { chainId, epoch, height, blockHash, validators };
    const verdict = verifyCertificate({ certificate, engine: of, ...place, crypto: nodeCrypto });
    return verdict.ok ? `signed by ${verdict.value.signers.length}` : verdict.problem.code;
  }

  const certified = (signers?: readonly number[]): Certificate =>
    certify({ consortium: fast, header: own, form: "fast", ...(signers && { signers }) });

  it("needs all but the redundant validators", () => {
    expect(fastVerdictOf(certified())).toBe("signed by 6");
    expect(fastVerdictOf(certified([0, 1, 2, 3, 4]))).toBe("CERTIFICATE_BELOW_QUORUM");
    expect(fastVerdictOf(certify({ consortium: fast, header: own }))).toBe("signed by 5");
  });

  it("is none where the engine has no fast path", () => {
    const all = certified([0, 1, 2, 3, 4, 5, 6]);
    expect(fastVerdictOf(all, { name: "linear", redundant: 0 })).toBe("CERTIFICATE_OTHER_FORM");
  });

  it("is not made of commits, nor commits of it", () => {
    const shares = certified([0, 1, 2, 3, 4, 5, 6]);
    expect(fastVerdictOf({ ...shares, form: "commit" })).toBe("CERTIFICATE_SIGNATURE_INVALID");
    const commits = certify({ consortium: fast, header: own, signers: [0, 1, 2, 3, 4, 5, 6] });
    expect(fastVerdictOf({ ...commits, form: "fast" })).toBe("CERTIFICATE_SIGNATURE_INVALID");
  });

  it("says its form in the top bit of the set's size, and is otherwise written as ever", () => {
    const bytes = encodeCertificate(certified());
    expect([bytes[44], bytes[45]]).toEqual([0x80, 7]);
    expect(decodeCertificate(bytes)).toEqual({ ok: true, value: certified() });
    const commits = encodeCertificate({ ...certified(), form: "commit" });
    expect([...bytes.keys()].filter((at) => bytes[at] !== commits[at])).toEqual([44]);
  });
});

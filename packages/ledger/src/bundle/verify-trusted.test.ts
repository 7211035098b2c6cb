import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeChainEvidence } from "../chain/chain-evidence.ts";
import { ProvenSite } from "../testing/proven-site.ts";
import { testFrames } from "../testing/test-frame.ts";
import type { VerifiedBundle } from "./verified-bundle.ts";
import { verifyBundle } from "./verify-bundle.ts";
import { type TrustedBlock, trustedQuery, verifyTrusted } from "./verify-trusted.ts";

let site: ProvenSite;
let bytes: Uint8Array;
let verified: VerifiedBundle;

beforeAll(async () => {
  site = new ProvenSite({ crypto });
  for (let sequence = 1; sequence <= 6; sequence++) site.logFrame({ sequence });
  site.checkpoint();
  bytes = await site.frameBundle(2);
  verified = verifiedOf(bytes);
  for (let sequence = 7; sequence <= 9; sequence++) {
    site.logFrame({ sequence });
    site.checkpoint();
  }
});

function verifiedOf(bundle: Uint8Array): VerifiedBundle {
  const genesisBytes = site.consortium.genesis.bytes;
  const verdict = verifyBundle({ bytes: bundle, genesisBytes, crypto, frames: testFrames });
  if (!verdict.ok) throw new Error(verdict.problem.detail);
  return verdict.value;
}

function verdict(trusted: TrustedBlock) {
  const genesisBytes = site.consortium.genesis.bytes;
  return verifyTrusted({ bytes, genesisBytes, verified, trusted, crypto });
}

function evidence(wanted: { results: readonly number[]; names: readonly string[] }): Uint8Array {
  const found = site.chain.evidence(wanted);
  if (found === undefined) throw new Error("no evidence");
  return encodeChainEvidence(found);
}

function codeOf(trusted: TrustedBlock): string {
  const given = verdict(trusted);
  return given.ok ? "OK" : given.problem.code;
}

describe("a block that is trusted", () => {
  it("is the bundle's own, by its hash", () => {
    expect(verdict({ hash: verified.block.hash })).toMatchObject({
      ok: true,
      value: { height: 1 },
    });
    expect(codeOf({ hash: site.chain.head.hash })).toBe("TRUSTED_OTHER_BLOCK");
  });

  it("is a later one, whose evidence holds the same checkpoint and devices", () => {
    const query = trustedQuery({ verified, crypto });
    expect(verdict({ evidence: evidence(query) })).toMatchObject({
      ok: true,
      value: { height: 4, hash: site.chain.head.hash },
    });
  });

  it("says nothing about what its evidence lacks", () => {
    const query = trustedQuery({ verified, crypto });
    expect(codeOf({ evidence: evidence({ ...query, results: [] }) })).toBe("TRUSTED_LACKS");
    expect(codeOf({ evidence: evidence({ ...query, names: [] }) })).toBe("TRUSTED_LACKS");
    expect(codeOf({ evidence: new Uint8Array(20) })).toBe("TRUSTED_INVALID");
  });

  it("contradicts a bundle of another past, however good its signatures are", () => {
    // The same validators' keys sign another history: what retired keys could be made to do.
    const forged = new ProvenSite({ crypto });
    for (let sequence = 1; sequence <= 6; sequence++) forged.logFrame({ sequence });
    forged.checkpoint();
    forged.logFrame({ sequence: 7, entry: { sampleCount: 9 } });
    forged.checkpoint();
    forged.logFrame({ sequence: 8 });
    forged.checkpoint();
    const query = { results: [2], names: trustedQuery({ verified, crypto }).names };
    return forged.frameBundle(7).then((past) => {
      const genesisBytes = site.consortium.genesis.bytes;
      const told = verifiedOf(past);
      expect(told.checkpoint.resultIndex).toBe(2);
      const trusted = { evidence: evidence(query) };
      const given = verifyTrusted({ bytes: past, genesisBytes, verified: told, trusted, crypto });
      expect(given).toMatchObject({ ok: false, problem: { code: "TRUSTED_CONTRADICTS" } });
    });
  });
});

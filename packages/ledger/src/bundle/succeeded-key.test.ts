import { concatBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { expect, it } from "vitest";
import { signSuccession } from "../modules/key-succession.ts";
import { signerOf } from "../testing/consortium.ts";
import { ProvenSite } from "../testing/proven-site.ts";
import { testFrames } from "../testing/test-frame.ts";
import { at, successionTx } from "../testing/transactions.ts";
import { decodeBundle, encodeBundle } from "./bundle.ts";
import { verifyBundle } from "./verify-bundle.ts";

/** One bundle from before a validator got a new vote key, and one from after, which that key signed. */
async function createBundles() {
  const site = new ProvenSite({ crypto });
  site.logFrame({ sequence: 1 });
  site.checkpoint();
  const before = await site.frameBundle(0);
  const { chainId, bytes: genesisBytes } = site.consortium.genesis;
  const sender = at(site.consortium.validators, 1);
  const renewed = { ...sender, signer: signerOf("renewed", crypto) };
  const succession = signSuccession({ chainId, from: sender.signer, to: renewed.signer });
  site.settle(successionTx({ consortium: site.consortium, sender, nonce: 1, succession }));
  const validators = site.consortium.validators.map((one) => (one === sender ? renewed : one));
  site.consortium = { ...site.consortium, validators };
  site.logFrame({ sequence: 2 });
  site.checkpoint();
  const after = await site.frameBundle(1);
  const codeOf = (bytes: Uint8Array): string => {
    const verdict = verifyBundle({ bytes, genesisBytes, crypto, frames: testFrames });
    return verdict.ok ? "OK" : verdict.problem.code;
  };
  return { before, after, codeOf };
}

it("bundles from before and after a new vote key are proven by the genesis file alone", async () => {
  const { before, after, codeOf } = await createBundles();
  expect([before[4], after[4]]).toEqual([1, 3]);
  expect([codeOf(before), codeOf(after)]).toEqual(["OK", "OK"]);
});

it("a bundle needs its successions, and every byte of them", async () => {
  const { after, codeOf } = await createBundles();
  const decoded = decodeBundle(after);
  if (!decoded.ok) throw new Error(decoded.problem.detail);
  expect(encodeBundle(decoded.value)).toEqual(after);
  expect(codeOf(encodeBundle({ ...decoded.value, steps: [] }))).toBe("BUNDLE_MALFORMED");
  for (let place = 0; place < after.length; place++) {
    const changed = concatBytes(after);
    changed[place] = (changed[place] ?? 0) ^ 1;
    expect(codeOf(changed), `byte ${place}`).not.toBe("OK");
  }
});

import { concatBytes, equalBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { expect, it } from "vitest";
import { keyIdOf } from "../modules/device-record.ts";
import { signRotation } from "../modules/key-rotation.ts";
import { signerOf } from "../testing/consortium.ts";
import { ProvenSite } from "../testing/proven-site.ts";
import { testFrames } from "../testing/test-frame.ts";
import { at, deviceTx, rotationTx } from "../testing/transactions.ts";
import { decodeBundle, encodeBundle } from "./bundle.ts";
import { verifyBundle } from "./verify-bundle.ts";

/** Frames 1 to 4: the key is replaced after frame 2, frame 3 is of the old key all the same, 4 of the new. */
function createRotatedSite() {
  const site = new ProvenSite({ crypto });
  const { consortium } = site;
  const vehicle = at(consortium.vehicles, 0);
  const renewed = { ...vehicle, signer: signerOf("renewed", crypto) };
  site.logFrame({ sequence: 1 });
  site.checkpoint();
  const { chainId } = consortium.genesis;
  const last = { telemetry: 2, urgent: 0 };
  const rotation = signRotation({ chainId, from: vehicle.signer, to: renewed.signer, last });
  const sender = at(consortium.validators, 0);
  site.settle(rotationTx({ consortium, sender, nonce: 1, rotation }));
  site.logFrame({ sequence: 2 });
  site.logFrame({ sequence: 3 });
  site.logFrame({ sequence: 4, vehicle: renewed });
  site.checkpoint();
  const key = { key: renewed.signer.publicKey, salt: vehicle.salt };
  const genesisBytes = consortium.genesis.bytes;
  const verdict = (bytes: Uint8Array) =>
    verifyBundle({ bytes, genesisBytes, crypto, frames: testFrames });
  const codeOf = (bytes: Uint8Array): string => {
    const given = verdict(bytes);
    return given.ok ? "OK" : given.problem.code;
  };
  return { site, key, codeOf, verdict };
}

it("frames before and after a rotation are proven, each by the key that stood at its place", async () => {
  const { site, key, codeOf, verdict } = createRotatedSite();
  expect(codeOf(await site.frameBundle(0))).toBe("OK");
  expect(codeOf(await site.frameBundle(1))).toBe("OK");
  const after = verdict(await site.frameBundle(3, { vehicle: key }));
  expect(after.ok && equalBytes(after.value.vehicle.key, key.key)).toBe(true);
});

it("a frame that the old key signed after its last one is not proven, unless it was final before", async () => {
  const { site, codeOf } = createRotatedSite();
  expect(codeOf(await site.frameBundle(2))).toBe("DEVICE_NOT_VALID");
  expect(codeOf(await site.frameBundle(0, { checkpointResult: 0 }))).toBe("OK");
});

it("a replaced key is revoked like any other: what becomes final later is not proven by it", async () => {
  const { site, codeOf } = createRotatedSite();
  const { consortium, chain } = site;
  const key = at(consortium.vehicles, 0).signer.publicKey;
  const enrolment = chain.deviceOf(keyIdOf(key, crypto));
  if (enrolment === undefined) throw new Error("the vehicle is enrolled");
  const sender = at(consortium.validators, 0);
  site.settle(deviceTx({ consortium, sender, nonce: 2, action: "revoke", enrolment }));
  expect(codeOf(await site.frameBundle(1))).toBe("OK");
  site.logFrame({ sequence: 5 });
  site.checkpoint();
  expect(codeOf(await site.frameBundle(1))).toBe("DEVICE_NOT_VALID");
});

it("what a bundle says of the rotation is bound: every changed byte fails", async () => {
  const { site, codeOf } = createRotatedSite();
  const bytes = await site.frameBundle(1);
  expect(bytes[4]).toBe(2);
  const decoded = decodeBundle(bytes);
  if (!decoded.ok) throw new Error(decoded.problem.detail);
  expect(encodeBundle(decoded.value)).toEqual(bytes);
  const { rotated, ...vehicle } = decoded.value.vehicle;
  if (rotated === undefined) throw new Error("the old key is replaced");
  expect(codeOf(encodeBundle({ ...decoded.value, vehicle }))).toBe("DEVICE_NOT_PROVEN");
  const further = { ...rotated, last: { telemetry: 9, urgent: 0 } };
  expect(
    codeOf(encodeBundle({ ...decoded.value, vehicle: { ...vehicle, rotated: further } })),
  ).toBe("DEVICE_NOT_PROVEN");
  for (let place = 0; place < bytes.length; place++) {
    const changed = concatBytes(bytes);
    changed[place] = (changed[place] ?? 0) ^ 1;
    expect(codeOf(changed), `byte ${place}`).not.toBe("OK");
  }
});

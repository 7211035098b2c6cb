import { nodeCrypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import { createConsortium, finalise, type Member, signerOf } from "../testing/consortium.ts";
import { at, deviceTx, rotationTx } from "../testing/transactions.ts";
import { keyIdOf } from "./device-record.ts";
import { type KeyRotation, signRotation } from "./key-rotation.ts";

const consortium = createConsortium({ crypto: nodeCrypto });
const { genesis, units, validators, vehicles } = consortium;
const vehicle = at(vehicles, 0);
const { chainId } = genesis;
const next = signerOf("next key", nodeCrypto);
const afterNext = signerOf("key after next", nodeCrypto);
const last = { telemetry: 41, urgent: 3 };
const rotation = signRotation({ chainId, from: vehicle.signer, to: next, last });

let chain: Chain;
let nonce = 0;

beforeEach(() => {
  chain = Chain.fromGenesis({ genesis, crypto: nodeCrypto });
  nonce = 0;
});

function codeOf(transaction: Uint8Array): string | undefined {
  return finalise({ consortium, chain, transactions: [transaction] }).checked.results[0]?.code;
}

function rotate(told: KeyRotation, sender: Member = at(validators, 0)): string | undefined {
  return codeOf(rotationTx({ consortium, sender, nonce: ++nonce, rotation: told }));
}

function recordOf(key: Uint8Array) {
  return chain.deviceOf(keyIdOf(key, nodeCrypto));
}

describe("a key rotation", () => {
  it("puts the new key on the old one's terms and keeps how far the old one signed", () => {
    const before = recordOf(vehicle.signer.publicKey);
    expect(rotate(rotation)).toBe("OK");
    expect(recordOf(next.publicKey)).toEqual({
      ...before,
      key: next.publicKey,
      enrolledHeight: 1,
    });
    expect(recordOf(vehicle.signer.publicKey)).toEqual({
      ...before,
      rotated: { height: 1, last, successor: next.publicKey },
    });
  });

  it("goes on from key to key, and no old one comes back", () => {
    expect(rotate(rotation)).toBe("OK");
    const second = signRotation({ chainId, from: next, to: afterNext, last });
    expect(rotate(second)).toBe("OK");
    expect(rotate(rotation)).toBe("ALREADY_ROTATED");
    const back = signRotation({ chainId, from: afterNext, to: vehicle.signer, last });
    expect(rotate(back)).toBe("ALREADY_ENROLLED");
  });

  it("is nobody's who lacks one of the two keys", () => {
    const thief = signerOf("thief", nodeCrypto);
    const forgedOld = { ...rotation, oldSignature: thief.sign(new Uint8Array(1)) };
    const forgedNew = { ...rotation, newSignature: rotation.oldSignature };
    const moved = { ...rotation, last: { ...last, telemetry: 42 } };
    const elsewhere = signRotation({
      chainId: new Uint8Array(32),
      from: vehicle.signer,
      to: next,
      last,
    });
    for (const told of [forgedOld, forgedNew, moved, elsewhere]) {
      expect(rotate(told)).toBe("SIGNATURE_INVALID");
    }
  });

  it("is refused for units, revoked vehicles, strangers and keys that have a role", () => {
    const unit = at(units, 0);
    const stranger = signerOf("stranger", nodeCrypto);
    expect(rotate(signRotation({ chainId, from: unit.signer, to: next, last }))).toBe(
      "NOT_A_VEHICLE",
    );
    expect(rotate(signRotation({ chainId, from: stranger, to: next, last }))).toBe(
      "DEVICE_UNKNOWN",
    );
    const taken = at(validators, 1).signer;
    expect(rotate(signRotation({ chainId, from: vehicle.signer, to: taken, last }))).toBe(
      "ALREADY_ENROLLED",
    );
    expect(rotate(rotation, at(units, 1))).toBe("NOT_AUTHORISED");
    const enrolment = recordOf(vehicle.signer.publicKey);
    if (enrolment === undefined) throw new Error("the vehicle is enrolled");
    const sender = at(validators, 0);
    expect(
      codeOf(deviceTx({ consortium, sender, nonce: ++nonce, action: "revoke", enrolment })),
    ).toBe("OK");
    expect(rotate(rotation)).toBe("ALREADY_REVOKED");
  });
});

import {
  checkpointAction,
  encodeCheckpointSubmission,
  logId,
  logOrigin,
  moduleNumber,
  parseCosignerKey,
  type Result,
  signCheckpoint,
  signTransaction,
  verifyCosignatures,
} from "@voltfog/ledger";
import { ByteWriter, ManualClock, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto, signerOfSeed } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { Cosigner, derivedCosignerSeed } from "./cosigner.ts";

const unit = signerOfSeed(new Uint8Array(32).fill(1));
const voteSigner = signerOfSeed(new Uint8Array(32).fill(2));
const chainId = new Uint8Array(32).fill(3);
const origin = logOrigin({ chain: "test", unitId: "unit-1" });
const id = logId({ origin, publicKey: unit.publicKey, crypto });

function newCosigner(): Cosigner {
  const seed = derivedCosignerSeed({ chainId, voteSigner, crypto });
  const clock = new ManualClock(1_760_000_000_000);
  return new Cosigner({
    chain: "test",
    id: "validator-1",
    signer: signerOfSeed(seed),
    clock,
    crypto,
  });
}

/** A block whose only transaction submits a checkpoint of this size. */
function block(size: number, code: string): Parameters<Cosigner["take"]>[0] {
  const root = new Uint8Array(32).fill(size);
  const note = signCheckpoint({ origin, size, root, signer: unit, crypto });
  const { checkpoints: module } = moduleNumber;
  const action = checkpointAction.submit;
  const payload = encodeCheckpointSubmission({ note, path: [] });
  const tx = signTransaction({ chainId, module, action, nonce: size, payload, signer: unit });
  const result: Result = {
    height: 1,
    txIndex: 0,
    txHash: new Uint8Array(32),
    sender: unit.publicKey,
    module,
    action,
    code,
    data: new ByteWriter().raw(id).u64(size).raw(root).finish(),
  };
  return { transactions: [tx], results: [result] };
}

describe("a validator cosigns units' checkpoints", () => {
  it("signs each one that became final, with its own time, and keeps the last", () => {
    const cosigner = newCosigner();
    expect(cosigner.noteOf(toHex(id))).toBeUndefined();
    cosigner.take(block(1, "OK"));
    cosigner.take(block(2, "OK"));
    cosigner.take(block(3, "INCONSISTENT"));
    const note = cosigner.noteOf(toHex(id)) ?? "";
    expect(note.split("\n")[1]).toBe("2");
    const key = parseCosignerKey(cosigner.key, crypto);
    expect(verifyCosignatures({ note, cosigners: key === undefined ? [] : [key], crypto })).toEqual(
      [{ name: "voltfog/test/validator/validator-1", time_s: 1_760_000_000 }],
    );
  });

  it("has the same key after each start, which is not its vote key", () => {
    expect(newCosigner().key).toBe(newCosigner().key);
    const key = parseCosignerKey(newCosigner().key, crypto);
    expect(toHex(key?.publicKey ?? chainId)).not.toBe(toHex(voteSigner.publicKey));
  });

  it("passes over transactions that are none", () => {
    const cosigner = newCosigner();
    const { results } = block(1, "OK");
    cosigner.take({ transactions: [], results });
    cosigner.take({ transactions: [new Uint8Array(9)], results });
    expect(cosigner.noteOf(toHex(id))).toBeUndefined();
  });

  it("derives Ed25519 keys from seeds as RFC 8032 §7.1 does", () => {
    const seed = Buffer.from(
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "hex",
    );
    expect(toHex(signerOfSeed(new Uint8Array(seed)).publicKey)).toBe(
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
  });
});

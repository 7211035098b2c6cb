import {
  type ConsortiumChange,
  consortiumAction,
  encodeProposal,
  moduleNumber,
  signTransaction,
} from "@voltfog/ledger";
import { ByteWriter, concatBytes, type Signer, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Consortium } from "../finality/consortium.ts";
import { createSite } from "../testing/fake-chain.ts";
import { type ConsortiumStep, changeViews, decodeAccused } from "./change-views.ts";

const site = createSite();
const consortium = new Consortium({ genesis: site.genesis, crypto: nodeCrypto });
const [one, two, three] = site.validators.map(({ signer }) => signer) as [Signer, Signer, Signer];
const change: ConsortiumChange = { kind: "remove-validator", id: "validator-4" };
const changeId = new Uint8Array(32).fill(5);
const id = "05".repeat(32);

function step(options: {
  action: keyof typeof consortiumAction;
  signer: Signer;
  height: number;
  data: Uint8Array;
}): ConsortiumStep {
  const { signer, height, data } = options;
  const action = consortiumAction[options.action];
  const transaction = signTransaction({
    chainId: site.genesis.chainId,
    ...{ module: moduleNumber.consortium, action, nonce: height, signer },
    payload: options.action === "propose" ? encodeProposal(change) : changeId,
  });
  const txHash = nodeCrypto.sha256(transaction);
  const { module } = { module: moduleNumber.consortium };
  const result = { height, txIndex: 0, txHash, sender: signer.publicKey, module, action };
  return { transaction, result: { ...result, code: "OK", data } };
}

const voted = (decided: number): Uint8Array => concatBytes(changeId, Uint8Array.of(decided));
const proposed = step({ action: "propose", signer: one, height: 7, data: voted(0) });
const approved = step({ action: "approve", signer: two, height: 9, data: voted(0) });
const carried = step({ action: "approve", signer: three, height: 12, data: voted(1) });

test("a change shows who proposed it, who voted for it when, and when it was decided", () => {
  const steps = [proposed, approved, carried];
  const [view] = changeViews({ steps, consortium, height: 20 });
  expect(view).toMatchObject({
    ...{ id, kind: "remove-validator", sentence: "Remove the validator validator-4." },
    ...{ state: "decided", proposedHeight: 7, proposedBy: "validator-1", decidedHeight: 12 },
  });
  expect(view?.approvals.map((approval) => [approval.id, approval.height])).toEqual([
    ["validator-1", 7],
    ["validator-2", 9],
    ["validator-3", 12],
  ]);
});

test("a vote that asks again whether fewer votes are enough counts once", () => {
  const again = step({ action: "approve", signer: two, height: 15, data: voted(1) });
  const [view] = changeViews({ steps: [proposed, approved, again], consortium, height: 20 });
  expect(view?.approvals.length).toBe(2);
  expect(view?.decidedHeight).toBe(15);
});

test("a change is open for 10,000 blocks and expires then", () => {
  const stateAt = (height: number): string | undefined =>
    changeViews({ steps: [proposed], consortium, height })[0]?.state;
  expect(stateAt(10_007)).toBe("open");
  expect(stateAt(10_008)).toBe("expired");
});

test("an accusation opens a removal that nobody proposed", () => {
  const data = new ByteWriter().text("validator-4").raw(changeId).finish();
  const accused = step({ action: "accuse", signer: one, height: 3, data });
  const [view] = changeViews({ steps: [accused, approved], consortium, height: 20 });
  expect(view).toMatchObject({ id, proposedBy: null, kind: "remove-validator", state: "open" });
  expect(view?.approvals.map((approval) => approval.id)).toEqual(["validator-2"]);
});

test("what an accusation did has one encoding, and any bytes are read or refused", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.uint8Array({ maxLength: 80 }), (name, bytes) => {
      const text = name.replaceAll(/[^\x20-\x7e]/g, "");
      const data = new ByteWriter().text(text).raw(changeId).finish();
      expect(decodeAccused(data)).toEqual({ id: text, changeId: id });
      expect(decodeAccused(concatBytes(data, utf8("x")))).toBeUndefined();
      const read = decodeAccused(bytes);
      if (read !== undefined) expect(bytes.length).toBeGreaterThan(32);
    }),
  );
});

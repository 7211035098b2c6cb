import { utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { codecFault } from "../testing/codec-laws.ts";
import { emptyHash, keyBit, stateBranchHash, stateKey, stateLeafHash } from "./state-hash.ts";
import {
  decodeStateProof,
  encodeStateProof,
  proveState,
  type StateClaim,
  verifyState,
} from "./state-proof.ts";
import { StateTree } from "./state-tree.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const crypto = nodeCrypto;

function treeOf(names: Iterable<string>): StateTree {
  let tree = StateTree.empty(crypto);
  for (const name of names) tree = tree.with(name, utf8(`value of ${name}`));
  return tree;
}

const names = fc.uniqueArray(
  fc.integer({ min: 0, max: 5000 }).map((n) => `name-${n}`),
  {
    maxLength: 60,
  },
);

describe("the state tree", () => {
  it("has a root that depends on its content and not on the order of writing", () => {
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat()), (given, order) => {
        const shuffled = given
          .map((name) => ({ name, rank: order.next().value }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ name }) => name);
        expect(treeOf(shuffled).root()).toEqual(treeOf(given).root());
      }),
    );
  });

  it("answers like a map", () => {
    fc.assert(
      fc.property(names, names, (given, asked) => {
        const tree = treeOf(given);
        const known = new Set(given);
        for (const name of [...given, ...asked]) {
          expect(tree.get(name)).toEqual(known.has(name) ? utf8(`value of ${name}`) : undefined);
        }
        expect([...tree.leaves()].length).toBe(given.length);
      }),
    );
  });

  it("is never changed by a write", () => {
    const before = treeOf(["a", "b", "c"]);
    const root = before.root();
    const after = before.with("b", utf8("other")).with("d", utf8("new"));
    expect(before.get("b")).toEqual(utf8("value of b"));
    expect(before.get("d")).toBeUndefined();
    expect(before.root()).toEqual(root);
    expect(after.root()).not.toEqual(root);
    expect(after.with("b", utf8("value of b")).get("d")).toEqual(utf8("new"));
  });

  it("is empty with the empty hash, and one leaf is the whole tree", () => {
    expect(StateTree.empty(crypto).root()).toEqual(emptyHash);
    const key = crypto.sha256(utf8("a"));
    const leaf = crypto.sha256(Uint8Array.of(0), key, crypto.sha256(utf8("value of a")));
    expect(treeOf(["a"]).root()).toEqual(leaf);
  });

  it("gives its leaves in the order of their keys", () => {
    const keys = [...treeOf(["a", "b", "c", "d", "e"]).leaves()].map(({ key }) =>
      Buffer.from(key).toString("hex"),
    );
    expect(keys).toEqual([...keys].sort());
  });
});

function liesAbout(claim: StateClaim): StateClaim[] {
  const reversed = claim.value === undefined ? utf8("x") : undefined;
  return [
    { ...claim, value: reversed },
    { ...claim, value: utf8("another value") },
    { name: `${claim.name}0`, value: claim.value ?? utf8("x") },
  ];
}

describe("a state proof", () => {
  const asked = fc.uniqueArray(
    fc.integer({ min: 0, max: 5000 }).map((n) => `name-${n}`),
    {
      minLength: 1,
      maxLength: 8,
    },
  );

  it("shows several names at once, present or absent", () => {
    fc.assert(
      fc.property(names, asked, (given, some) => {
        const state = treeOf(given);
        const wanted = [...new Set([...some, ...given.slice(0, 4)])];
        const proof = proveState({ state, names: wanted, crypto });
        const claims = wanted.map((name) => ({ name, value: state.get(name) }));
        const root = state.root();
        expect(verifyState({ root, claims, proof, crypto })).toBe(true);
        const decoded = decodeStateProof(encodeStateProof(proof));
        expect(decoded.ok && decoded.value).toEqual(proof);
      }),
    );
  });

  it("shows nothing else: no other value, no absence of what is there, no presence of what is not", () => {
    fc.assert(
      fc.property(names, asked, (given, some) => {
        const state = treeOf(given);
        const root = state.root();
        const proof = proveState({ state, names: some, crypto });
        const claims = some.map((name) => ({ name, value: state.get(name) }));
        for (const [i, claim] of claims.entries()) {
          for (const lie of liesAbout(claim)) {
            const changed = claims.map((other, j) => (i === j ? lie : other));
            expect(verifyState({ root, claims: changed, proof, crypto })).toBe(false);
          }
        }
      }),
    );
  });

  it("does not show that a name is absent by the name's own leaf", () => {
    const state = treeOf(["a", "b", "c", "d"]);
    const { siblings, ends } = proveState({ state, names: ["b"], crypto });
    const depth = ends[0]?.depth ?? 0;
    const valueHash = crypto.sha256(utf8("value of b"));
    const own = { end: "other" as const, depth, key: stateKey("b", crypto), valueHash };
    const claims = [{ name: "b", value: undefined }];
    const proof = { ends: [own], siblings };
    expect(verifyState({ root: state.root(), claims, proof, crypto })).toBe(false);
  });

  it("does not take a leaf that stands where its key does not lead", () => {
    const names = Array.from({ length: 20 }, (_, i) => `name-${i}`);
    const leading = (bit: number): string =>
      names.find((name) => keyBit(stateKey(name, crypto), 0) === bit) ?? "";
    const stray = { key: stateKey(leading(1), crypto), valueHash: crypto.sha256(utf8("x")) };
    const sibling = crypto.sha256(utf8("sibling"));
    const root = stateBranchHash({ left: stateLeafHash(stray, crypto), right: sibling }, crypto);
    const claims = [{ name: leading(0), value: undefined }];
    const end = { end: "other" as const, depth: 1, ...stray };
    expect(verifyState({ root, claims, proof: { ends: [end], siblings: [sibling] }, crypto })).toBe(
      false,
    );
  });

  it("with an empty sibling spelled out is not read", () => {
    const proof = { ends: [{ end: "own" as const, depth: 1 }], siblings: [emptyHash] };
    const bytes = encodeStateProof(proof);
    expect(decodeStateProof(bytes).ok).toBe(true);
    const spelled = new Uint8Array([...bytes.subarray(0, bytes.length - 1), 0x80, ...emptyHash]);
    const decoded = decodeStateProof(spelled);
    expect(decoded.ok ? "read" : decoded.problem.detail).toBe(
      "state proof spells out an empty sibling",
    );
  });

  it("fails with any changed byte", () => {
    const state = treeOf(Array.from({ length: 300 }, (_, i) => `name-${i}`));
    const wanted = ["name-7", "name-123", "nobody", "somebody"];
    const claims = wanted.map((name) => ({ name, value: state.get(name) }));
    const bytes = encodeStateProof(proveState({ state, names: wanted, crypto }));
    for (let i = 0; i < bytes.length; i++) {
      for (const mask of [1, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[i] = (changed[i] ?? 0) ^ mask;
        const decoded = decodeStateProof(changed);
        if (!decoded.ok) continue;
        const { value: proof } = decoded;
        expect(verifyState({ root: state.root(), claims, proof, crypto })).toBe(false);
      }
    }
  });

  it("has one encoding", () => {
    const state = treeOf(Array.from({ length: 40 }, (_, i) => `name-${i}`));
    for (const wanted of [["name-1"], ["absent"], ["name-2", "absent", "name-30"]]) {
      const bytes = encodeStateProof(proveState({ state, names: wanted, crypto }));
      expect(
        codecFault({ bytes, encode: encodeStateProof, decode: decodeStateProof }),
      ).toBeUndefined();
    }
  });

  it("of a name asked for with too few or too many ends is refused", () => {
    const state = treeOf(["a", "b", "c"]);
    const proof = proveState({ state, names: ["a", "b"], crypto });
    const claims = [{ name: "a", value: state.get("a") }];
    expect(verifyState({ root: state.root(), claims, proof, crypto })).toBe(false);
    expect(verifyState({ root: state.root(), claims: [], proof, crypto })).toBe(false);
  });

  it("never throws on arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoded = decodeStateProof(bytes);
        if (!decoded.ok) return;
        const claims = decoded.value.ends.map((_, i) => ({ name: `n${i}`, value: undefined }));
        const root = new Uint8Array(32).fill(1);
        expect(verifyState({ root, claims, proof: decoded.value, crypto })).toBe(false);
      }),
    );
  });
});

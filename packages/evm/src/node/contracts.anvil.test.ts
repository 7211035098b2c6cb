import { encodeEntry, encodeResult, type ResultProof } from "@voltfog/ledger";
import { toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { computeAddress, type Result } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { consistencyPath, inclusionPath, rootOf } from "../../../ledger/src/log/proofs.ts";
import { ProvenSite } from "../../../ledger/src/testing/proven-site.ts";
import { eventTx } from "../../../ledger/src/testing/transactions.ts";
import { type AnchorContent, anchorOf, anchorQuorum } from "./anchor-statement.ts";
import { AnchoredSite, anchorKeys, payer, setOf } from "./testing/anchored-site.ts";
import { AnvilNode, fundedKey } from "./testing/anvil-node.ts";
import { TestContract } from "./testing/test-contract.ts";

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;
const fieldsOf = (result: unknown): object => (result as Result).toObject();
const flipped = (text: string): string => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

let node: AnvilNode;
let snapshot: string;
beforeAll(async () => {
  node = await AnvilNode.start({ blockTime_s: 0 });
});
afterAll(async () => {
  await node.kill();
});
beforeEach(async () => {
  if (snapshot !== undefined) await node.ask("evm_revert", [snapshot]);
  snapshot = await node.ask("evm_snapshot");
});

describe("CheckpointAnchor", () => {
  const content = (height: number, over: Partial<AnchorContent> = {}): AnchorContent => ({
    height,
    blockHash: hex(crypto.sha256(utf8(`block ${height}`))),
    resultsSize: 10 * height,
    resultsRoot: hex(crypto.sha256(utf8(`results ${height}`))),
    ...over,
  });
  const deploy = (validators: number): Promise<AnchoredSite> =>
    AnchoredSite.deploy({ node, validators, chain: hex(crypto.sha256(utf8("a consortium"))) });

  it("takes an anchor with Q signatures and refuses one with less, for every size of set", async () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 10, 20]) {
      const site = await deploy(n);
      const q = anchorQuorum(n);
      expect(await site.anchors.view("quorum", [n])).toBe(BigInt(q));
      expect(await site.anchor(content(1), site.keys.slice(0, q - 1))).toBe("QuorumMissing");
      expect(await site.anchor(content(1), site.keys.slice(n - q))).toBeTypeOf("number");
      expect(await site.anchors.view("isAnchored", [content(1)])).toBe(true);
    }
  });

  it("grows in height and results, and knows exactly what was anchored", async () => {
    const site = await deploy(4);
    expect(await site.anchor(content(5), site.keys)).toBeTypeOf("number");
    expect(await site.anchor(content(5), site.keys)).toBe("NotGrowing");
    expect(await site.anchor(content(4, { resultsSize: 99 }), site.keys)).toBe("NotGrowing");
    expect(await site.anchor(content(6, { resultsSize: 49 }), site.keys)).toBe("NotGrowing");
    expect(await site.anchor(content(6, { resultsSize: 50 }), site.keys)).toBeTypeOf("number");
    expect(await site.anchors.view("isAnchored", [content(5)])).toBe(true);
    expect(await site.anchors.view("isAnchored", [content(6)])).toBe(false);
    expect(await site.anchors.view("isAnchored", [content(4)])).toBe(false);
  });

  it("counts no signature of a stranger, for another chain, contract, set or content", async () => {
    const site = await deploy(4);
    const strangers = [...site.keys.slice(0, 2), ...anchorKeys(1, 100)];
    const other = await deploy(4);
    const good = content(1);
    const signers = site.keys.slice(0, 3);
    const [validators, bits] = site.signed(
      { kind: "anchor", setVersion: 1, content: good },
      signers,
    );
    const send = (signatures: string, who = bits, set = validators): Promise<number | string> =>
      site.anchors.send(payer, "anchor", [good, set, who, signatures]);
    const signaturesFor = (o: { site?: AnchoredSite; setVersion?: number; height?: number }) =>
      (o.site ?? site).signed(
        { kind: "anchor", setVersion: o.setVersion ?? 1, content: content(o.height ?? 1) },
        signers,
      )[2];
    expect(await send(signaturesFor({ site: other }))).toBe("SignatureInvalid");
    expect(await send(signaturesFor({ setVersion: 2 }))).toBe("SignatureInvalid");
    expect(await send(signaturesFor({ height: 2 }))).toBe("SignatureInvalid");
    expect(await site.anchor(good, strangers)).toBe("QuorumMissing");
    const signatures = signaturesFor({});
    expect(await send(signatures, 0b1011n)).toBe("SignatureInvalid");
    expect(await send(signatures, 0b1111n)).toBe("SignersInvalid");
    expect(await send(signatures, bits | 16n)).toBe("SignersInvalid");
    expect(await send(`${signatures}00`)).toBe("SignersInvalid");
    expect(await send(signatures, bits, setOf(anchorKeys(3)))).toBe("SetUnknown");
    expect(await send(signatures)).toBeTypeOf("number");
  });

  it("takes one form of a signature only", async () => {
    const site = await deploy(1);
    const [validators, bits, signature] = site.signed(
      { kind: "anchor", setVersion: 1, content: content(1) },
      site.keys,
    );
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
    const v = signature.endsWith("1b") ? "1c" : "1b";
    const mirrored = signature.slice(0, 66) + s + v;
    expect(await site.anchors.send(payer, "anchor", [content(1), validators, bits, mirrored])).toBe(
      "SignatureInvalid",
    );
  });

  it("changes the validator set by the word of the set before, which then counts no more", async () => {
    const site = await deploy(4);
    await site.anchor(content(5), site.keys);
    const before = site.keys;
    const next = anchorKeys(7, 2);
    const change = (height: number, validators: readonly string[]): Promise<number | string> => {
      const statement = {
        kind: "validators",
        content: { version: 2, height, validators },
      } as const;
      const args = site.signed(statement, before.slice(1));
      return site.anchors.send(payer, "changeValidators", [height, validators, ...args]);
    };
    const twice = [...setOf(next), setOf(next)[6] ?? ""];
    expect(await change(4, setOf(next))).toBe("NotGrowing");
    expect(await change(6, twice)).toBe("SetInvalid");
    expect(await change(6, [...setOf(next)].reverse())).toBe("SetInvalid");
    expect(await change(6, [])).toBe("SetInvalid");
    expect(await change(6, setOf(next))).toBeTypeOf("number");
    expect(await site.anchor(content(7), before)).toBe("SetUnknown");
    site.keys = next;
    expect(await site.anchor(content(7), next)).toBe("SignatureInvalid");
    site.setVersion = 2;
    expect(await site.anchor(content(6), next)).toBe("NotGrowing");
    expect(await site.anchor(content(7), next.slice(0, 5))).toBeTypeOf("number");
  });
});

describe("RecordVerifier", () => {
  const salt = new Uint8Array(16).fill(3);
  const detail = utf8('{"class":"maintenance-notice","vehicleId":"vehicle-1"}');

  async function proven(): Promise<{
    site: ProvenSite;
    anchored: AnchoredSite;
    frame: Uint8Array;
    result(index: number): readonly unknown[];
    proof(index: number): ResultProof;
  }> {
    const site = new ProvenSite({ crypto });
    const frame = site.logFrame({ sequence: 1 });
    for (let sequence = 2; sequence <= 5; sequence++) site.logFrame({ sequence });
    site.checkpoint();
    const { consortium, chain } = site;
    const [sender = expect.fail()] = consortium.units;
    const eventId = crypto.sha256(salt, detail);
    const event = { eventId, class: "maintenance-notice" } as const;
    site.settle(eventTx({ consortium, sender, nonce: 10, event }));
    site.logFrame({ sequence: 6 });
    const anchored = await AnchoredSite.deploy({
      node,
      validators: 4,
      chain: hex(consortium.genesis.chainId),
    });
    const anchor = anchorOf(chain.head.header, crypto);
    expect(await anchored.anchor(anchor, anchored.keys)).toBeTypeOf("number");
    const proof = (index: number): ResultProof => {
      const evidence = chain.evidence({ results: [index], names: [] });
      return evidence?.results[0] ?? expect.fail("no such result");
    };
    const result = (index: number): readonly unknown[] => {
      const { result: one, path } = proof(index);
      return [anchor, hex(encodeResult(one)), index, path.map(hex)];
    };
    return { site, anchored, frame, result, proof };
  }

  it("verifies a maintenance notice and its detail, and refuses a corrupted sibling", async () => {
    const { anchored, result } = await proven();
    const notice = result(1);
    const verify = (p: readonly unknown[], what: Uint8Array = detail): Promise<unknown> =>
      anchored.verifier.view("verifyNotice", [p, hex(salt), hex(what)]);
    expect(fieldsOf(await verify(notice))).toMatchObject({ class: 12n, state: 1n, level: 2n });
    const [anchor, bytes, index, path] = notice as [object, string, number, string[]];
    expect(path.length).toBeGreaterThan(0);
    for (const at of path.keys()) {
      const corrupted = path.map((hash, i) => (i === at ? flipped(hash) : hash));
      expect(await verify([anchor, bytes, index, corrupted])).toBe("NotIncluded");
    }
    expect(await verify([anchor, flipped(bytes), index, path])).toBe("NotIncluded");
    expect(await verify([anchor, bytes, index + 1, path])).toBe("NotIncluded");
    expect(await verify([anchor, bytes, index, path.slice(1)])).toBe("NotIncluded");
    expect(await verify([{ ...anchor, resultsSize: 3 }, bytes, index, path])).toBe("NotAnchored");
    expect(await verify(notice, utf8("another detail"))).toBe("DetailDiffers");
    expect(await verify(result(0))).toBe("OtherResult");
  });

  it("verifies a vehicle's frame through its unit's log, and refuses a corrupted sibling", async () => {
    const { anchored, frame, result, site } = await proven();
    const [stored = expect.fail()] = await site.read({ from: 0, limit: 1 });
    const path = (await site.inclusionPath({ index: 0, size: 5 })).map(hex);
    const logged = (over: { index?: number; path?: string[] } = {}): readonly unknown[] => [
      hex(encodeEntry(stored.entry)),
      over.index ?? 0,
      over.path ?? path,
    ];
    const verify = (entry: readonly unknown[], bytes = frame, checkpoint = result(0)) =>
      anchored.verifier.view("verifyFrame", [checkpoint, entry, hex(bytes)]);
    expect(fieldsOf(await verify(logged()))).toMatchObject({
      logId: hex(site.log.logId),
      sequence: 1n,
    });
    for (const at of path.keys()) {
      const corrupted = path.map((hash, i) => (i === at ? flipped(hash) : hash));
      expect(await verify(logged({ path: corrupted }))).toBe("NotIncluded");
    }
    expect(await verify(logged({ index: 1 }))).toBe("NotIncluded");
    expect(await verify(logged(), frame.subarray(1))).toBe("FrameDiffers");
    expect(await verify(logged(), frame, result(1))).toBe("OtherResult");
  });
});

describe("LogRegistry", () => {
  const log = `0x${"01".repeat(32)}`;
  const leaves = Array.from({ length: 40 }, (_, i) => crypto.sha256(utf8(`leaf ${i}`)));
  const root = (size: number): string => hex(rootOf(leaves.slice(0, size), crypto));
  const path = (from: number, to: number): string[] =>
    from === 0 ? [] : consistencyPath({ leaves, from, to, crypto }).map(hex);
  let registry: TestContract;
  beforeEach(async () => {
    ({ contract: registry } = await TestContract.deploy({ node, name: "LogRegistry", key: payer }));
  });

  it("takes a log that grows by every step, and nothing that rewrites it", async () => {
    const from = fundedKey(0);
    let last = 0;
    for (const size of [1, 2, 3, 7, 8, 9, 16, 31, 40]) {
      const proof = path(last, size);
      for (const at of proof.keys()) {
        const corrupted = proof.map((hash, i) => (i === at ? flipped(hash) : hash));
        const verdict = await registry.send(from, "submit", [log, size, root(size), corrupted]);
        expect(verdict).toBe("Inconsistent");
      }
      if (last > 0) {
        const args = [log, size, flipped(root(size)), proof];
        expect(await registry.send(from, "submit", args)).toBe("Inconsistent");
      }
      expect(await registry.send(from, "submit", [log, size, root(size), proof])).toBeTypeOf(
        "number",
      );
      expect(await registry.send(from, "submit", [log, size, root(size), proof])).toBe("NotGrown");
      last = size;
    }
  });

  it("agrees with the product's own proofs from every size up to 40", async () => {
    const owner = computeAddress(payer);
    for (let from = 1; from < 40; from++) {
      const name = `0x${from.toString(16).padStart(64, "0")}`;
      await registry.send(payer, "submit", [name, from, root(from), []]);
      for (const to of new Set([from + 1, Math.min(40, 2 * from + 1), 40])) {
        const args = [name, to, root(to), path(from, to)];
        expect(await registry.view("submit", args, owner), `${from} to ${to}`).toEqual([]);
      }
    }
  });

  it("keeps each owner's logs apart, so that nobody takes another's name", async () => {
    await registry.send(fundedKey(0), "submit", [log, 3, root(3), []]);
    expect(await registry.send(fundedKey(1), "submit", [log, 2, root(2), []])).toBeTypeOf("number");
    expect(await registry.send(fundedKey(0), "submit", [log, 4, root(4), path(3, 4)])).toBeTypeOf(
      "number",
    );
  });

  it("goes on with a log whose only entry names the end of the one before", async () => {
    const second = `0x${"02".repeat(32)}`;
    const owner = fundedKey(0);
    await registry.send(owner, "submit", [log, 3, root(3), []]);
    expect(await registry.send(owner, "open", [second, log])).toBeTypeOf("number");
    const predecessor = {
      logId: new Uint8Array(32).fill(1),
      size: 3,
      root: rootOf(leaves.slice(0, 3), crypto),
    };
    const entry = encodeEntry({ kind: "log-opened", predecessor });
    const address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    expect(await registry.view("includes", [address, second, hex(entry), 0, []])).toBe(true);
    expect(await registry.send(owner, "submit", [log, 4, root(4), path(3, 4)])).toBe("Superseded");
    expect(await registry.send(owner, "open", [log, second])).toBe("Superseded");
    expect(await registry.send(owner, "open", [second, second])).toBe("NotGrown");
  });

  it("proves an entry of a log as it was last submitted", async () => {
    const entries = Array.from({ length: 5 }, (_, i) => utf8(`entry ${i}`));
    const hashes = entries.map((entry) => crypto.sha256(new Uint8Array([0]), entry));
    await registry.send(fundedKey(0), "submit", [log, 5, hex(rootOf(hashes, crypto)), []]);
    const owner = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    for (const [index, entry] of entries.entries()) {
      const proof = inclusionPath({ leaves: hashes, index, crypto }).map(hex);
      const ask = (given: string[]) =>
        registry.view("includes", [owner, log, hex(entry), index, given]);
      expect(await ask(proof)).toBe(true);
      for (const at of proof.keys()) {
        expect(await ask(proof.map((one, i) => (i === at ? flipped(one) : one)))).toBe(false);
      }
    }
  });
});

describe("EventRegistry", () => {
  const record = (id: number, over: { state?: string } = {}): string =>
    `08${over.state ?? "01"}02${"0000ffff"}${"aa".repeat(16)}${id.toString(16).padStart(64, "0")}`;

  it("records each event once for a unit, one or many at a time", async () => {
    const { contract } = await TestContract.deploy({ node, name: "EventRegistry", key: payer });
    const send = (...records: string[]): Promise<number | string> =>
      contract.send(payer, "record", [`0x${records.join("")}`]);
    expect(await send(record(1))).toBeTypeOf("number");
    expect(await send(record(2), record(1))).toBe("Duplicate");
    expect(await send(record(2), record(2))).toBe("Duplicate");
    expect(await send(record(2), record(3))).toBeTypeOf("number");
    expect(await contract.send(fundedKey(1), "record", [`0x${record(1)}`])).toBeTypeOf("number");
    const all = Array.from({ length: 65 }, (_, i) => record(100 + i));
    expect(await send(...all)).toBe("Malformed");
    expect(await send(...all.slice(1))).toBeTypeOf("number");
  });

  it("refuses what is no record", async () => {
    const { contract } = await TestContract.deploy({ node, name: "EventRegistry", key: payer });
    for (const bytes of [
      "",
      "00",
      record(1).slice(2),
      record(1, { state: "03" }),
      `${record(1)}00`,
    ]) {
      expect(await contract.send(payer, "record", [`0x${bytes}`]), bytes).toBe("Malformed");
    }
  });
});

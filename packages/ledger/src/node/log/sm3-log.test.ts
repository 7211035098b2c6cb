import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { equalBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyBundle } from "../../bundle/verify-bundle.ts";
import { logOrigin, parseLogOrigin } from "../../log/checkpoint.ts";
import { logHashOf, treeCrypto } from "../../log/log-hash.ts";
import { verifyConsistency, verifyInclusion } from "../../log/proofs.ts";
import { leafHash } from "../../log/tree-hash.ts";
import { portableCrypto } from "../../portable-crypto.ts";
import { ProvenSite } from "../../testing/proven-site.ts";
import { testFrames } from "../../testing/test-frame.ts";
import { checkpointTx } from "../../testing/transactions.ts";
import { auditLog } from "../audit/audit-log.ts";
import { fsckLog } from "./fsck.ts";
import { openLogReader } from "./log-reader.ts";
import { openSample, SampleItems, sampleOptions } from "./testing/sample-log.ts";

const origin = logOrigin({ chain: "test", unitId: "unit-1", hash: "sm3" });
const tree = treeCrypto("sm3", crypto);
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "sm3-"));
});
afterAll(() => rmSync(root, { recursive: true }));

describe("a log whose tree is hashed with SM3", () => {
  it("has an origin of its own, which names the hash", () => {
    expect(origin).toBe("voltfog/test/log-sm3/unit-1");
    expect(parseLogOrigin(origin, "test")).toEqual({ unitId: "unit-1", number: 1 });
    expect([logHashOf(origin), logHashOf("voltfog/test/log/unit-1")]).toEqual(["sm3", "sha256"]);
  });

  it("is written, read, checked and audited as any other, and proves with SM3 alone", async () => {
    const folder = join(root, "log");
    const options = sampleOptions(folder, { origin, segmentMax_bytes: 20_000 });
    const log = await openSample(options);
    const items = new SampleItems(3);
    await log.append(items.take(300));
    const earlier = { size: log.size, root: log.root };
    await log.publish();
    await log.append(items.take(330));
    const head = { size: log.size, root: log.root };
    const path = await log.consistencyPath({ from: earlier.size, to: head.size });
    expect(verifyConsistency({ from: earlier, to: head, path, crypto: tree })).toBe(true);
    expect(verifyConsistency({ from: earlier, to: head, path, crypto })).toBe(false);
    await log.close();
    const reader = await openLogReader(folder);
    expect(equalBytes(reader.root, head.root)).toBe(true);
    const [stored] = await reader.read({ from: 411, limit: 1 });
    const inclusion = await reader.inclusionPath({ index: 411, size: head.size });
    const leaf = leafHash(stored?.entryBytes ?? new Uint8Array(), tree);
    const at = { leaf, index: 411, ...head, path: inclusion };
    expect(verifyInclusion({ ...at, crypto: tree })).toBe(true);
    expect(verifyInclusion({ ...at, crypto })).toBe(false);
    expect(await fsckLog(folder, { pause_ms: 0 })).toMatchObject({ ok: true, entries: 630 });
    const finals = [
      { ...earlier, height: 1 },
      { ...head, height: 2 },
    ];
    expect(await auditLog({ folder, finals, hash: "sm3", crypto })).toMatchObject({ ok: true });
    expect((await auditLog({ folder, finals, crypto })).ok).toBe(false);
    expect(readFileSync(join(folder, "checkpoint"), "utf8").split("\n")[0]).toBe(origin);
    const again = await openSample(options);
    expect(again.size).toBe(630);
    await again.close();
  });

  it("is what the chain of such a consortium takes, and no other", async () => {
    const site = new ProvenSite({ crypto, logHash: "sm3" });
    for (let sequence = 1; sequence <= 9; sequence++) {
      site.logFrame({ sequence });
      if (sequence % 3 === 0) site.checkpoint();
    }
    const genesisBytes = site.consortium.genesis.bytes;
    const bytes = await site.frameBundle(4);
    // In the browser too: the portable code has its own SM3.
    for (const by of [crypto, portableCrypto]) {
      const verdict = verifyBundle({ bytes, genesisBytes, crypto: by, frames: testFrames });
      expect(verdict).toMatchObject({ ok: true, value: { log: { hash: "sm3", index: 4 } } });
    }
    site.openNextLog();
    site.logFrame({ sequence: 10 });
    site.checkpoint();
    const plain = new ProvenSite({ crypto });
    plain.logFrame({ sequence: 1 });
    const [sender] = site.consortium.units;
    if (sender === undefined) throw new Error("a consortium has units");
    const { consortium } = site;
    const note = plain.log.note();
    const tx = checkpointTx({ consortium, sender, nonce: 99, note, path: [] });
    expect(() => site.settle(tx)).toThrow(/good/);
  });
});

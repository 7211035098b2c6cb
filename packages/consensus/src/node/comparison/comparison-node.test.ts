import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto, signerOfSeed, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recordName, signRecord } from "../../comparison/signed-record.ts";
import { transportHub } from "../../testing/transport-hub.ts";
import type { ComparisonEngine } from "./comparison-engine.ts";
import { type BlockNotice, ComparisonNode } from "./comparison-node.ts";
import { journalAt } from "./journal.ts";

const replicas = ["replica-1", "replica-2", "replica-3"];
const signer = signerOfSeed(new Uint8Array(32).fill(9));
const recordOf = (number: number): Uint8Array =>
  signRecord({ signer, number, content: new Uint8Array(96) });

let folder = "";
let nodes: readonly ComparisonNode[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-comparison-"));
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function replicasOf(
  engineOf: (self: number) => ComparisonEngine,
): Promise<readonly ComparisonNode[]> {
  const transports = transportHub(replicas);
  return await Promise.all(
    transports.map(
      async (transport, self) =>
        new ComparisonNode({
          engine: engineOf(self),
          replicas,
          self,
          transport,
          journal: await journalAt({
            path: join(folder, `journal-${self}`),
            crypto,
            logger: silentLogger,
          }),
          crypto,
          clock: systemClock,
          logger: silentLogger,
          recordsPerBlock: 64,
          recordsWaitingMax: 1000,
        }),
    ),
  );
}

/** The chain's final part as one replica says it. */
function follow(node: ComparisonNode): {
  until(done: (names: readonly string[]) => boolean): Promise<readonly string[]>;
  readonly ids: readonly string[];
} {
  const names: string[] = [];
  const ids: string[] = [];
  let look = (): void => {};
  node.onBlock((notice: BlockNotice) => {
    if (notice.change !== "final") return;
    ids.push(toHex(notice.id));
    names.push(...notice.records.map(recordName));
    look();
  });
  return {
    ids,
    until: (done) =>
      new Promise((resolve) => {
        look = () => done(names) && resolve([...names]);
        look();
      }),
  };
}

const authorities = replicas.map((_, i) => signerOfSeed(new Uint8Array(32).fill(i + 1)));
const authorityOf = (self: number): ComparisonEngine => ({
  name: "poa-published",
  keys: authorities.map(({ publicKey }) => publicKey),
  signer: authorities[self] ?? signer,
  committee: 2,
  start_ms: systemClock.wall_ms(),
  blockInterval_ms: 30,
});
const raft: ComparisonEngine = {
  name: "raft",
  blockInterval_ms: 0,
  electionTimeout_ms: 60,
  heartbeat_ms: 20,
};
const engines: readonly { readonly name: string; engineOf(self: number): ComparisonEngine }[] = [
  {
    name: "pow",
    engineOf: () => ({ name: "pow", hashesPerBlock: 3000, hashesPerSecond: 20_000 }),
  },
  { name: "poa-published", engineOf: authorityOf },
  { name: "raft", engineOf: () => raft },
];

test.each(engines)(
  "records of every client become final at every replica: $name",
  async ({ engineOf }) => {
    nodes = await replicasOf(engineOf);
    const followed = nodes.map(follow);
    await Promise.all(nodes.map((node) => node.start()));
    const records = Array.from({ length: 30 }, (_, i) => recordOf(i));
    for (const [i, record] of records.entries()) {
      expect(nodes[i % nodes.length]?.submit(record)).toBeUndefined();
    }
    const all = await Promise.all(
      followed.map(({ until }) => until((names) => new Set(names).size === records.length)),
    );
    const wanted = records.map(recordName).sort();
    for (const names of all) expect([...new Set(names)].sort()).toEqual(wanted);
    const [first] = nodes;
    expect(first?.stats().syncs).toBeGreaterThan(0);
    expect(first?.stats().traffic.get("transactions")?.messages).toBeGreaterThanOrEqual(2);
    expect(nodes.some((node) => node.stats().traffic.has("proposal"))).toBe(true);
  },
);

test("a record that its client did not sign, and one that is known, are refused", async () => {
  nodes = await replicasOf(() => ({ name: "pow", hashesPerBlock: 1e9, hashesPerSecond: 1000 }));
  const [node] = nodes;
  const record = recordOf(1);
  const forged = record.slice();
  forged[50] = 1;
  expect(node?.submit(forged)).toBe("UNSIGNED");
  expect(node?.submit(record.subarray(1))).toBe("MALFORMED");
  expect(node?.submit(record)).toBeUndefined();
  expect(node?.submit(record)).toBe("KNOWN");
});

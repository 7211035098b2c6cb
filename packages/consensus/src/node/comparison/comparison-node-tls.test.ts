import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import {
  nodeCrypto as crypto,
  signerOfSeed,
  systemClock,
  systemRandom,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recordName, signRecord } from "../../comparison/signed-record.ts";
import type { Membership } from "../membership.ts";
import { type PeerAddress, TlsTransport } from "../tls-transport.ts";
import { ComparisonNode } from "./comparison-node.ts";
import { journalAt } from "./journal.ts";

const replicas = ["replica-1", "replica-2", "replica-3"];
const keys = replicas.map((_, i) => signerOfSeed(new Uint8Array(32).fill(i + 1)));
const client = signerOfSeed(new Uint8Array(32).fill(9));
const keyOf = (id: string): Uint8Array | undefined => keys[replicas.indexOf(id)]?.publicKey;
const membership: Membership = {
  seats: () =>
    replicas.map((id, i) => ({
      id,
      organisation: "north",
      voteKey: keys[i]?.publicKey ?? new Uint8Array(),
      endpoint: undefined,
    })),
  isRemoved: () => false,
  admits: ({ id }) => replicas.includes(id),
};

let folder = "";
let certificates: readonly TlsIdentity[] = [];
const running = new Set<ComparisonNode>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-comparison-"));
  const now_ms = systemClock.wall_ms();
  const authority = await CertificateAuthority.create({ name: "site", now_ms });
  certificates = await Promise.all(
    replicas.map((id) => authority.newIdentity({ id, role: "validator" }, { now_ms })),
  );
});
afterEach(async () => {
  await Promise.all([...running].map(stop));
  rmSync(folder, { recursive: true, force: true });
});

async function stop(node: ComparisonNode): Promise<void> {
  running.delete(node);
  await node.stop();
}

interface Replica {
  readonly node: ComparisonNode;
  readonly port: number;
  /** Resolves when this many different records are final here. */
  final(count: number): Promise<void>;
}

async function startReplica(self: number, peers: readonly PeerAddress[]): Promise<Replica> {
  const signer = keys[self];
  const tls = certificates[self];
  if (signer === undefined || tls === undefined) throw new Error("no such replica");
  const transport = new TlsTransport({
    identity: {
      chainId: new Uint8Array(32).fill(7),
      id: replicas[self] ?? "",
      voteKeyOf: keyOf,
      succession: () => undefined,
      signer,
      crypto,
      random: systemRandom,
      clock: systemClock,
    },
    tls,
    membership,
    host: "127.0.0.1",
    port: 0,
    peers,
    logger: silentLogger,
  });
  const path = join(folder, `journal-${self}`);
  const node = new ComparisonNode({
    engine: { name: "raft", blockInterval_ms: 0, electionTimeout_ms: 100, heartbeat_ms: 30 },
    replicas,
    self,
    transport,
    journal: await journalAt({ path, crypto, logger: silentLogger }),
    crypto,
    clock: systemClock,
    logger: silentLogger,
    recordsPerBlock: 64,
    recordsWaitingMax: 1000,
  });
  running.add(node);
  const names = new Set<string>();
  let look = (): void => {};
  node.onBlock(({ change, records }) => {
    if (change !== "final") return;
    for (const record of records) names.add(recordName(record));
    look();
  });
  const port = await node.start();
  const final = (count: number): Promise<void> =>
    new Promise((resolve) => {
      look = () => names.size >= count && resolve();
      look();
    });
  return { node, port, final };
}

const recordOf = (number: number): Uint8Array =>
  signRecord({ signer: client, number, content: new Uint8Array() });

test("over mutual TLS a stopped replica is missed by nobody, and finds all of it when it is back", async () => {
  const at = (self: number, port: number): PeerAddress => ({
    id: replicas[self] ?? "",
    host: "127.0.0.1",
    port,
  });
  const first = await startReplica(0, []);
  const second = await startReplica(1, [at(0, first.port)]);
  const third = await startReplica(2, [at(0, first.port), at(1, second.port)]);
  for (let i = 0; i < 20; i++) expect(first.node.submit(recordOf(i))).toBeUndefined();
  await Promise.all([first, second, third].map(({ final }) => final(20)));
  await stop(third.node);
  for (let i = 20; i < 40; i++) expect(second.node.submit(recordOf(i))).toBeUndefined();
  await Promise.all([first.final(40), second.final(40)]);
  const again = await startReplica(2, [at(0, first.port), at(1, second.port)]);
  await again.final(40);
  expect(again.node.stats().finalHeight).toBeGreaterThan(1);
  expect(again.node.stats().reorganised).toBe(0);
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeChainEvidence } from "@voltfog/ledger";
import { silentLogger, toHex } from "@voltfog/runtime";
import { createHttpService, nodeCrypto as crypto, systemClock } from "@voltfog/runtime/node";
import type { SigningKey } from "ethers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ProvenSite } from "../../../ledger/src/testing/proven-site.ts";
import { AnchorContract } from "./anchor-contract.ts";
import { AnchorService } from "./anchor-service.ts";
import { type AnchorSigner, LocalSigner } from "./anchor-signer.ts";
import { anchorOf } from "./anchor-statement.ts";
import { artefactOf } from "./artefacts.ts";
import { EvmEndpoint } from "./evm-endpoint.ts";
import type { FinalHeaders } from "./final-evidence.ts";
import { RemoteSigner } from "./remote-signer.ts";
import { addSigningRoute } from "./signing-port.ts";
import { AnchoredSite, anchorKeys, setOf } from "./testing/anchored-site.ts";
import { AnvilNode, fundedKey } from "./testing/anvil-node.ts";
import { TransactionSender } from "./transaction-sender.ts";

let folder: string;
let node: AnvilNode;
let site: ProvenSite;
let anchored: AnchoredSite;
let contract: AnchorContract;
let wanted: readonly string[];
let sequence = 0;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-anchor-"));
  node = await AnvilNode.start({ blockTime_s: 1, state: join(folder, "state.json") });
  site = new ProvenSite({ crypto });
  const chain = `0x${toHex(site.consortium.genesis.chainId)}`;
  anchored = await AnchoredSite.deploy({ node, validators: 4, chain });
  contract = new AnchorContract({
    endpoint: new EvmEndpoint({ url: node.url }),
    address: anchored.anchors.address,
  });
  wanted = setOf(anchored.keys);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await node.kill();
  rmSync(folder, { recursive: true });
});

const headers: FinalHeaders = {
  newest: async () => {
    const evidence = site.chain.evidence({ results: [], names: [] });
    return evidence && { evidence, bytes: encodeChainEvidence(evidence) };
  },
  prove: async (names) => site.chain.evidence({ results: [], names }),
};

function grow(): void {
  site.logFrame({ sequence: ++sequence });
  site.checkpoint();
}

function localSigner(key: SigningKey): LocalSigner {
  const { genesis } = site.consortium;
  const validators = async (): Promise<readonly string[]> => wanted;
  return new LocalSigner({ place: anchored.place, key, genesis, crypto, headers, validators });
}

/** The service of another validator, over HTTP. */
async function remoteSigner(key: SigningKey): Promise<AnchorSigner> {
  const options = { process: "anchor", host: "127.0.0.1", port: 0, logger: silentLogger };
  const http = createHttpService(options);
  addSigningRoute(http.app, localSigner(key));
  const port = await http.listen();
  const remote = new RemoteSigner({
    name: "other",
    url: `http://127.0.0.1:${port}`,
    identity: undefined,
  });
  closers.push(
    () => http.close(),
    () => remote.close(),
  );
  return remote;
}

async function startService(signers: readonly AnchorSigner[]): Promise<{
  service: AnchorService;
  stop(): Promise<void>;
}> {
  const sender = await TransactionSender.open({
    endpoint: new EvmEndpoint({ url: node.url }),
    evmChainId: 31337n,
    key: fundedKey(5),
    journalPath: join(folder, "transactions.seg"),
    clock: systemClock,
    logger: silentLogger,
    confirmations: 3,
    bumpAfter_ms: 10_000,
    feeLimit: 10n ** 12n,
  });
  const service = new AnchorService({
    contract,
    place: anchored.place,
    sender,
    signers,
    headers,
    crypto,
    clock: systemClock,
    logger: silentLogger,
    validators: async () => wanted,
    interval_ms: 100,
    poll_ms: 50,
  });
  service.start();
  const stop = async (): Promise<void> => {
    await service.stop();
    await sender.close();
  };
  closers.push(() => stop().catch(() => {}));
  return { service, stop };
}

const until = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 60_000, interval: 100 });
/** The newest header is anchored. */
const caughtUp = (): Promise<unknown> =>
  until(async () => {
    expect(await contract.isAnchored(anchorOf(site.chain.head.header, crypto))).toBe(true);
  });

/** Of all events of anchors in the chain, as they happened. */
async function heights(): Promise<readonly number[]> {
  const { address } = contract;
  const topic = artefactOf("CheckpointAnchor").abi.getEvent("Anchored")?.topicHash;
  const logs = await node.ask<{ topics: string[] }[]>("eth_getLogs", [
    { address, topics: [topic], fromBlock: "0x0", toBlock: "latest" },
  ]);
  return logs.map(({ topics }) => Number(topics[1]));
}

it("anchors a growing chain through restart, reorganisation and a killed node, nothing twice, nothing lost", async () => {
  const signers = await Promise.all(anchored.keys.map(remoteSigner));
  let { service, stop } = await startService(signers);
  grow();
  await caughtUp();
  grow();
  // Stopped in the middle of things, whatever they are.
  await stop();
  ({ service, stop } = await startService(signers));
  await caughtUp();
  await node.ask("anvil_reorg", [2, []]);
  grow();
  await caughtUp();
  await node.kill("SIGTERM");
  grow();
  await until(() => expect(service.state).toBe("unreachable"));
  await node.resume();
  await caughtUp();
  await until(() => expect(service.openIds).toEqual([]));
  const all = await heights();
  expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
  expect(all.at(-1)).toBe(site.chain.height);
  expect(service.counts).toMatchObject({ reverted: 0, displaced: 0 });
});

it("anchors with Q signatures where one validator is down, and not with less", async () => {
  const [a, b, c] = anchored.keys.map(localSigner);
  const down = new RemoteSigner({ name: "gone", url: "http://127.0.0.1:1", identity: undefined });
  if (a === undefined || b === undefined || c === undefined) throw new Error("four keys");
  grow();
  const few = await startService([a, b, down]);
  await until(() => expect(few.service.counts.quorumMissing).toBeGreaterThan(1));
  await few.stop();
  expect((await contract.progress()).height).toBe(0);
  // One key twice is one signature.
  const twice = await startService([a, b, b, b]);
  await until(() => expect(twice.service.counts.quorumMissing).toBeGreaterThan(1));
  await twice.stop();
  expect((await contract.progress()).height).toBe(0);
  await startService([a, b, c, down]);
  await caughtUp();
});

it("carries a change of the validator set to the contract, then anchors with the new set", async () => {
  grow();
  const { stop } = await startService(anchored.keys.map(localSigner));
  await caughtUp();
  await stop();
  const next = [...anchored.keys.slice(1), ...anchorKeys(3, 50)];
  wanted = setOf(next);
  grow();
  await startService([...anchored.keys, ...anchorKeys(3, 50)].map(localSigner));
  await caughtUp();
  expect(await contract.validators()).toEqual(wanted);
  expect((await contract.progress()).setVersion).toBe(2);
});

it("signs nothing but what is final here, for its own contract", async () => {
  grow();
  const [key = expect.fail()] = anchored.keys;
  const signer = await remoteSigner(key);
  const { evidence } = (await headers.newest()) ?? expect.fail();
  const ask = (over: object): Promise<unknown> =>
    signer.sign({
      evmChainId: 31337n,
      contract: contract.address,
      kind: "anchor",
      setVersion: 1,
      evidence: encodeChainEvidence(evidence),
      ...over,
    });
  const refusal = (code: string): object => ({
    ok: false,
    problem: { code: "SIGNER_REFUSED", detail: expect.stringContaining(code) },
  });
  expect(await ask({})).toMatchObject({ ok: true });
  expect(await ask({ evmChainId: 1n })).toMatchObject(refusal("OTHER_CONTRACT"));
  expect(await ask({ contract: `0x${"11".repeat(20)}` })).toMatchObject(refusal("OTHER_CONTRACT"));
  expect(await ask({ evidence: new Uint8Array(9) })).toMatchObject(refusal("EVIDENCE_INVALID"));
  const { certificate } = evidence;
  const signatures = certificate.signatures.slice(1);
  const weak = encodeChainEvidence({ ...evidence, certificate: { ...certificate, signatures } });
  expect(await ask({ evidence: weak })).toMatchObject(refusal("EVIDENCE_INVALID"));
  const other = new ProvenSite({ crypto, chain: "another" });
  other.logFrame({ sequence: 1 });
  other.checkpoint();
  const foreign = other.chain.evidence({ results: [], names: [] }) ?? expect.fail();
  expect(await ask({ evidence: encodeChainEvidence(foreign) })).toMatchObject(
    refusal("EVIDENCE_INVALID"),
  );
  const content = { version: 2, height: 0, validators: wanted.slice(1) };
  expect(await ask({ kind: "validators", content })).toMatchObject(refusal("SET_DIFFERS"));
});

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Block,
  Chain,
  decodeChainEvidence,
  decodeResult,
  encodeGenesis,
  nonceName,
  parseGenesis,
  verifyChainEvidence,
} from "@voltfog/ledger";
import { decodeBytes, fromHex, silentLogger, toHex } from "@voltfog/runtime";
import { nodeCrypto, systemClock, systemRandom } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { restoredValidatorMark } from "./restored-mark.ts";
import { createValidatorSite, type ValidatorSite } from "./testing/validator-site.ts";
import { type RunningValidator, runValidator } from "./validator.ts";

const ports = { logger: silentLogger, clock: systemClock, random: systemRandom };
let site: ValidatorSite;
let running: RunningValidator[];

beforeAll(async () => {
  site = await createValidatorSite({
    count: 4,
    blockInterval_ms: 100,
    emptyBlockInterval_ms: 60_000,
  });
  running = [];
  for (const config of site.validators) running.push(await runValidator(config, ports));
});

afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()));
  site.remove();
});

const get = (path: string, i = 0): Promise<Response> =>
  fetch(`http://127.0.0.1:${running[i]?.ports.http}${path}`);

async function bytes(path: string, i = 0): Promise<Uint8Array> {
  const answer = await get(path, i);
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
}

function post(body: Uint8Array, i = 0): Promise<Response> {
  return fetch(`http://127.0.0.1:${running[i]?.ports.http}/v1/transactions`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: body as Uint8Array<ArrayBuffer>,
  });
}

/** Final blocks from a height on, as a client that trusts only the genesis file takes them. */
async function follow(chain: Chain, i: number): Promise<Block[]> {
  const page = decodeBytes(
    await bytes(`/v1/blocks?from=${chain.height + 1}&limit=8&wait_ms=20000`, i),
    (reader) => {
      expect(reader.u8()).toBe(1);
      return reader.list({
        limit: 8,
        read: (each) => ({ block: each.block(1 << 22), certificate: each.block(1 << 16) }),
      });
    },
  );
  if (!page.ok) throw new Error(page.problem.detail);
  return page.value.map((final) => {
    const followed = chain.follow(final);
    if (!followed.ok) throw new Error(followed.problem.detail);
    return followed.value.block;
  });
}

function freshChain(): Chain {
  const genesis = parseGenesis(site.genesis.bytes, nodeCrypto);
  if (!genesis.ok) throw new Error(genesis.problem.detail);
  return Chain.fromGenesis({ genesis: genesis.value, crypto: nodeCrypto });
}

test("a transaction becomes final on all validators, in blocks that verify from the genesis file", async () => {
  const transaction = site.nextTransaction();
  const answer = await post(transaction, 1);
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ hash: toHex(nodeCrypto.sha256(transaction)) });
  for (const i of [0, 1, 2, 3]) {
    const chain = freshChain();
    const blocks: Block[] = [];
    while (!blocks.some(({ transactions }) => transactions.length > 0)) {
      blocks.push(...(await follow(chain, i)));
    }
    const included = blocks.flatMap(({ transactions }) => transactions.map(toHex));
    expect(included).toContain(toHex(transaction));
  }
});

test("the results and the state of a final block come with proofs", async () => {
  const name = nonceName(site.unit.publicKey);
  const paths = [
    "/v1/results/0/proof",
    `/v1/state/${encodeURIComponent(name)}/proof`,
    `/v1/evidence?results=0&names=${name}`,
  ];
  for (const path of paths) {
    const evidence = decodeChainEvidence(await bytes(path));
    if (!evidence.ok) throw new Error(evidence.problem.detail);
    const proven = { evidence: evidence.value, genesis: site.genesis, crypto: nodeCrypto };
    expect(verifyChainEvidence(proven).ok).toBe(true);
  }
  const nonce = await get(`/v1/nonces/${toHex(site.unit.publicKey)}`);
  expect(await nonce.json()).toEqual({ key: toHex(site.unit.publicKey), nonce: 1 });
});

test("every validator says the same of a transaction, byte for byte, once it is final there", async () => {
  const transaction = site.nextTransaction();
  const hash = toHex(nodeCrypto.sha256(transaction));
  const asked = [0, 1, 2, 3].map(async (i) => {
    const answer = await get(`/v1/transactions/${hash}?wait_ms=20000`, i);
    expect(answer.status).toBe(200);
    return (await answer.json()) as { code: string; height: number; result: string };
  });
  expect((await post(transaction, 2)).status).toBe(202);
  const said = await Promise.all(asked);
  expect(new Set(said.map(({ result }) => result)).size).toBe(1);
  const result = decodeResult(fromHex(said[0]?.result ?? "") ?? new Uint8Array());
  expect(result).toMatchObject({
    ok: true,
    value: { code: said[0]?.code, height: said[0]?.height },
  });
  expect(said[0]?.code).toBe("OK");
});

test("a transaction that a later one of its sender overtook is refused where it was taken", async () => {
  const [earlier, later] = [site.nextTransaction(), site.nextTransaction()];
  expect((await post(later, 2)).status).toBe(202);
  const asked = `/v1/transactions/${toHex(nodeCrypto.sha256(later))}?wait_ms=20000`;
  expect((await get(asked, 0)).status).toBe(200);
  const refused = await post(earlier, 0);
  expect([refused.status, await refused.json()]).toMatchObject([409, { code: "TX_NONCE_STALE" }]);
});

test("what cannot be taken or found is refused with a code", async () => {
  const used = site.nextTransaction();
  const changed = used.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const refusals: [Promise<Response>, number, string][] = [
    [post(new Uint8Array([1, 2, 3])), 422, "TX_MALFORMED"],
    [post(changed), 422, "TX_SIGNATURE_INVALID"],
    [get("/v1/blocks/4000000"), 404, "BLOCK_UNKNOWN"],
    [get(`/v1/logs/${"00".repeat(32)}`), 404, "LOG_UNKNOWN"],
    [get("/v1/results/99999/proof"), 404, "NOT_FINAL"],
    [get(`/v1/transactions/${"00".repeat(32)}`), 404, "NOT_FINAL"],
    [get("/v1/transactions/0"), 400, "FST_ERR_VALIDATION"],
    [get("/v1/blocks?from=0"), 400, "FST_ERR_VALIDATION"],
    [get("/v1/blocks?form=1"), 400, "PARAMETER_INVALID"],
    [get("/v1/nothing"), 404, "NOT_FOUND"],
  ];
  for (const [answer, status, code] of refusals) {
    const refused = await answer;
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      status,
      code,
    ]);
  }
});

test("a full mempool refuses with a code and says when to try again, and takes again later", async () => {
  const lonely = await createValidatorSite({
    count: 2,
    blockInterval_ms: 100,
    emptyBlockInterval_ms: 60_000,
  });
  const [config] = lonely.validators;
  if (config === undefined) throw new Error("the site has validators");
  // One of two decides nothing, so what it takes waits; a sender has a quarter of the room.
  const validator = await runValidator({ ...config, mempoolMax: 8 }, ports);
  const send = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${validator.ports.http}/v1/transactions`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: lonely.nextTransaction() as Uint8Array<ArrayBuffer>,
    });
  for (const expected of [202, 202, 429, 429]) {
    const answer = await send();
    expect(answer.status).toBe(expected);
    if (expected === 202) continue;
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await answer.json()).toMatchObject({ code: "MEMPOOL_FULL" });
  }
  const other = lonely.validators[1];
  if (other === undefined) throw new Error("the site has two validators");
  const second = await runValidator(other, ports);
  let status = 429;
  for (let tries = 0; tries < 400 && status === 429; tries++) {
    status = (await send()).status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(status).toBe(202);
  await Promise.all([validator.stop(), second.stop()]);
  lonely.remove();
});

test("status, readiness and metrics say where the validator stands", async () => {
  const status = (await (await get("/v1/status", 2)).json()) as Record<string, unknown>;
  expect(status).toMatchObject({
    id: "validator-3",
    chainId: toHex(site.genesis.chainId),
    mempool: 0,
    peers: [
      { id: "validator-1", connected: true },
      { id: "validator-2", connected: true },
      { id: "validator-4", connected: true },
    ],
  });
  expect((await get("/ready", 2)).status).toBe(200);
  const metrics = await (await get("/metrics", 1)).text();
  expect(metrics).toMatch(/voltfog_validator_height\{[^}]*\} [1-9]/);
  expect(metrics).toMatch(/voltfog_validator_peers\{[^}]*\} 3/);
  expect(metrics).toMatch(/voltfog_validator_finality_seconds_count\{[^}]*\} 1/);
});

test("a validator that was away catches up from its own folder and its peers", async () => {
  await running[3]?.stop();
  const missed = site.nextTransaction();
  expect((await post(missed, 0)).status).toBe(202);
  const chain = freshChain();
  const hash = toHex(missed);
  const has = (blocks: readonly Block[]): boolean =>
    blocks.some(({ transactions }) => transactions.map(toHex).includes(hash));
  while (!has(await follow(chain, 0)));
  const [, , , config] = site.validators;
  if (config === undefined) throw new Error("four validators");
  running[3] = await runValidator(config, ports);
  const own = freshChain();
  while (!has(await follow(own, 3)));
  expect(toHex(own.head.hash)).toBe(toHex(chain.head.hash));
});

test("a validator whose votes are gone while its blocks are there does not start", async () => {
  await running[2]?.stop();
  const [, , config] = site.validators;
  if (config === undefined) throw new Error("four validators");
  const votes = join(config.dataDir, "votes", "votes");
  renameSync(votes, `${votes}.away`);
  await expect(runValidator(config, ports)).rejects.toMatchObject({ code: "VOTES_MISSING" });
  renameSync(`${votes}.away`, votes);
  running[2] = await runValidator(config, ports);
});

test("a genesis file that names another engine is another chain's: the validator does not start on its blocks", async () => {
  await running[2]?.stop();
  const [, , config] = site.validators;
  if (config === undefined) throw new Error("four validators");
  const engine = { name: "linear", redundant: 0 } as const;
  const genesis = join(site.folder, "linear.json");
  writeFileSync(genesis, encodeGenesis({ ...site.genesis, engine }));
  await expect(runValidator({ ...config, genesis }, ports)).rejects.toMatchObject({
    code: "STORE_OTHER_CHAIN",
  });
  running[2] = await runValidator(config, ports);
});

test("a validator that was restored from a backup does not start with its old key", async () => {
  await running[1]?.stop();
  const [, config] = site.validators;
  if (config === undefined) throw new Error("four validators");
  const mark = join(config.dataDir, restoredValidatorMark.file);
  writeFileSync(mark, restoredValidatorMark.text);
  await expect(runValidator(config, ports)).rejects.toMatchObject({
    code: "RESTORED_NEEDS_NEW_KEY",
    remedy: expect.stringContaining(mark),
  });
  rmSync(mark);
  running[1] = await runValidator(config, ports);
});

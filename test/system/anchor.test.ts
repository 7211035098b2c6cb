import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { upTopic } from "@voltfog/messages";
import { fromHex, type VehicleId } from "@voltfog/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SettlementVault } from "../../packages/evm/src/node/settlement-vault.ts";
import { AnvilNode } from "../../packages/evm/src/node/testing/anvil-node.ts";
import { marketOpens } from "./market-opens.ts";
import { provenBundle } from "./proven-bundle.ts";
import { eventually, type RunningSite, startSite, voltfog, voltfogMain } from "./running-site.ts";
import { identityOf, mqttAt } from "./site-clients.ts";
import { alarmOf } from "./vehicle-alarm.ts";

/** A whole site, an Ethereum node with a block a second, and the anchor services of four validators. */
const vehicle = "vehicle-01" as VehicleId;
const services: ChildProcess[] = [];
let site: RunningSite;
let node: AnvilNode;
let deployment: string;
const file = (name: string): string => join(site.dataDir, name);

beforeAll(async () => {
  node = await AnvilNode.start({ blockTime_s: 1 });
  site = await startSite("--units", "1", "--vehicles", "1", "--market", "open");
});
afterAll(async () => {
  for (const service of services) service.kill("SIGTERM");
  await site?.stop();
  await node?.kill();
});

async function newKey(name: string): Promise<string> {
  const { code, stdout } = await voltfog("anchor", "key", file(name), "--json");
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { address: string }).address;
}

const validatorUrl = (): string => {
  const validator = site.processes.find(({ role }) => role === "validator");
  return `http://127.0.0.1:${validator?.ports["http"]}`;
};

/** The port on which the service answers, as its log says. */
async function startService(name: string, ...flags: string[]): Promise<number> {
  const child = spawn(process.execPath, [
    ...[voltfogMain, "anchor", "run", "--id", name, "--data-dir", file(name), "--http-port", "0"],
    ...["--genesis", file("genesis.json"), "--rpc-url", node.url],
    ...["--validator-url", validatorUrl(), ...flags],
  ]);
  services.push(child);
  let said = "";
  child.stderr.on("data", (part: Buffer) => {
    said += part;
  });
  return eventually(`the anchor service ${name}`, () => {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`);
    const line = said.split("\n").find((one) => one.includes("anchor service started"));
    return line === undefined ? undefined : (JSON.parse(line) as { http: number }).http;
  });
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await voltfog(...args, "--json");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("four validators' services anchor a running chain", async () => {
  deployment = file("anchor.json");
  const names = ["anchor-1", "anchor-2", "anchor-3", "anchor-4"];
  const addresses: string[] = [];
  for (const name of names) addresses.push(await newKey(`${name}.key`));
  const payer = await newKey("payer.key");
  await node.ask("anvil_setBalance", [payer, "0xde0b6b3a7640000"]);
  const deployed = await json(
    ...["anchor", "deploy", "--genesis", file("genesis.json"), "--sender-key", file("payer.key")],
    ...["--validators", addresses.join(), "--rpc", node.url, "--out", deployment],
    ...["--vault", "1000000000000"],
  );
  const contract = (deployed["contracts"] as { CheckpointAnchor: string }).CheckpointAnchor;
  const common = ["--contract", contract, "--validators", addresses.join()];
  const ports = await Promise.all(
    names.slice(1, 3).map((name) => startService(name, ...common, "--key", file(`${name}.key`))),
  );
  // The fourth is down; it does not matter.
  await startService(
    "anchor-1",
    ...[...common, "--key", file("anchor-1.key"), "--sender-key", file("payer.key")],
    ...["--signers", ports.map((port, i) => `anchor-${i + 2}=http://127.0.0.1:${port}`).join()],
    ...["--interval-ms", "1000", "--poll-ms", "200", "--confirmations", "2"],
  );
  const status = await eventually("an anchor", async () => {
    const now = await json("anchor", "status", "--rpc", node.url, "--deployment", deployment);
    return Number(now["height"]) > 0 ? now : undefined;
  });
  expect(status).toMatchObject({ contract, setVersion: 1, needed: 3 });
});

const verify = (bundle: string): Promise<Record<string, unknown>> =>
  json(
    ...["anchor", "verify", bundle, "--genesis", file("genesis.json"), "--rpc", node.url],
    ...["--deployment", deployment, "--validator-url", validatorUrl()],
  );
const verified = (bundle: string): Promise<Record<string, unknown>> =>
  eventually(`${bundle} to be anchored`, async () => {
    const verdict = await verify(bundle);
    if (verdict["code"] === "NOT_ANCHORED_YET") return undefined;
    return verdict;
  });

test("the contract verifies a frame of the running site, and refuses a corrupted bundle", async () => {
  const bundle = file("frame.vfb");
  await eventually("a final frame", async () => {
    const { code } = await voltfog(
      ...["proof", "--vehicle", vehicle, "--frame", "1", "--out", bundle],
      ...["--data", site.dataDir],
    );
    return code === 0 ? true : undefined;
  });
  expect(await verified(bundle)).toMatchObject({ ok: true, methods: ["verifyFrame"] });
  const text = await voltfog(
    ...["anchor", "verify", bundle, "--genesis", file("genesis.json"), "--rpc", node.url],
    ...["--deployment", deployment, "--validator-url", "http://127.0.0.1:1"],
  );
  expect(text).toMatchObject({ code: 2, stderr: expect.stringContaining("127.0.0.1:1") });
});

test("the contract verifies a maintenance notice of the running site", async () => {
  const fleet = site.pidOf("fleet");
  if (fleet === undefined) throw new Error("the fleet runs");
  process.kill(fleet, "SIGSTOP");
  try {
    const client = await mqttAt(site, "unit-1", {
      clientId: vehicle,
      identity: identityOf(site, vehicle),
    });
    await client.publishAsync(upTopic(vehicle, "urgent"), alarmOf(site, vehicle), { qos: 1 });
    await client.endAsync(true);
    const eventId = await eventually("a final notice", finalNotice);
    const bundle = file("notice.vfb");
    writeFileSync(bundle, await provenBundle(site.web, `v1/events/${eventId}/bundle`));
    expect(await verified(bundle)).toMatchObject({
      ok: true,
      methods: ["verifyFrame", "verifyNotice"],
    });
  } finally {
    process.kill(fleet, "SIGCONT");
  }
});

async function finalNotice(): Promise<string | undefined> {
  const ask = async <T>(path: string): Promise<T> =>
    (await (await fetch(new URL(path, site.web))).json()) as T;
  for (const { id } of await ask<{ id: number }[]>(`v1/alerts?vehicle=${vehicle}`)) {
    const { notices } = await ask<{ notices: { eventId: string; finality: string }[] }>(
      `v1/alerts/${id}`,
    );
    if (notices[0]?.finality === "final") return notices[0].eventId;
  }
  return undefined;
}

/** Runs a subcommand of trade with a wallet of the test's own. */
async function trade<T>(...args: readonly string[]): Promise<T> {
  writeFileSync(file("pass"), "a passphrase for the test\n");
  const own = ["--wallet", file("wallet"), "--passphrase-file", file("pass")];
  const { code, stdout, stderr } = await voltfog(
    ...["trade", ...args, "--data", site.dataDir, ...own, "--json"],
  );
  expect([args.join(" "), code, stderr]).toEqual([args.join(" "), 0, ""]);
  return JSON.parse(stdout) as T;
}

/** A test node's own account, which it signs for. */
const rich = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const payee = "0x00000000000000000000000000000000000a11ce";

test("money goes into the market by the vault, and out again against a proof", async () => {
  const placed = ["--rpc", node.url, "--deployment", deployment];
  const payer = ["--sender-key", file("payer.key")];
  const vault = await json("anchor", "vault", "show", ...placed);
  await marketOpens(site.web);
  await trade("register", "ada-1");
  const { key: account } = await trade<{ key: string }>("account");
  const { contract, weiPerUnit } = vault as { contract: string; weiPerUnit: string };
  const value = `0x${(2_000_000n * BigInt(weiPerUnit)).toString(16)}`;
  const data = SettlementVault.encodeDeposit(fromHex(account) ?? new Uint8Array());
  await node.ask("eth_sendTransaction", [{ from: rich, to: contract, data, value }]);
  // Each look credits what has its two confirmations by then.
  const balance = await eventually("the deposit to be confirmed and credited", async () => {
    const credit = await voltfog(
      ...["anchor", "vault", "credit", ...placed, "--genesis", file("genesis.json"), "--once"],
      ...["--authority-key", join(site.dataDir, "keys", "market.key"), "--confirmations", "2"],
      ...["--validator-url", validatorUrl(), "--position", file("vault.json")],
    );
    expect([credit.code, credit.stderr]).toEqual([0, expect.any(String)]);
    return (await trade<{ balance: number }>("account")).balance || undefined;
  });
  expect(balance).toBe(2_000_000);
  const goal = ["--address", payee, "--vault", String(vault["id"])];
  const { hash } = await trade<{ hash: string }>("withdraw", "0.50", ...goal);
  const index = await eventually("the withdrawal's place in the log of results", async () => {
    const answer = await fetch(new URL(`v1/transactions/${hash}`, site.web));
    return answer.ok ? ((await answer.json()) as { index: number }).index : undefined;
  });
  const paid = await eventually("an anchor over the withdrawal", async () => {
    const pay = ["anchor", "vault", "pay", `${index}`, ...placed, ...payer];
    const journal = ["--journal", file("payments.journal")];
    const said = await voltfog(...pay, ...journal, "--validator-url", validatorUrl());
    return said.stdout.includes("NOT_ANCHORED_YET") ? undefined : said;
  });
  expect(paid).toMatchObject({ code: 0, stdout: expect.stringContaining("paid by") });
  const wei = BigInt(await node.ask<string>("eth_getBalance", [payee, "latest"]));
  expect(wei).toBe(500_000n * BigInt(weiPerUnit));
});

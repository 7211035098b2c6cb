import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { DisputesView, PileContractView, PileMarketView } from "@voltfog/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MarketCommands } from "./market-commands.ts";
import { eventually, type RunningSite, startSite, voltfogMain } from "./running-site.ts";

/**
 * Contracts of a private pile on a running site, by the commands alone: confirmed by members of a group who
 * stay unnamed, and disputed and resolved.
 */
let site: RunningSite;
let folder: string;
let commands: MarketCommands;
const members = ["member-1", "member-2", "member-3"];
const energy = "1kWh";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-piles-"));
  writeFileSync(join(folder, "pass"), "a passphrase for the test\n");
  const pile = generateKeyPairSync("ed25519").privateKey;
  writeFileSync(file("pile.key"), pile.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  writeFileSync(file("evidence"), "the cable was never plugged in");
  site = await startSite("--units", "1", "--vehicles", "1", "--market", "open");
  commands = new MarketCommands(site, folder);
  await eventually("the zone's curve", async () => {
    const answer = await fetch(new URL("v1/market/piles", site.web));
    if (!answer.ok) return undefined;
    const { curves } = (await answer.json()) as PileMarketView;
    return curves.length > 0 || undefined;
  });
  for (const handle of ["host-1", "guest-1"]) {
    await commands.trade("register", handle);
    await commands.trade("deposit", "20.00", "--as", handle);
  }
  const terms = ["--power", "11kW", "--idle", "00:00-24:00", "--valley", "0.20", "--peak", "0.30"];
  await commands.trade("pile-list", file("pile.key"), ...terms, "--as", "host-1");
});

afterAll(async () => {
  await site?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string): string => join(folder, name);
const guest = ["--as", "guest-1"];
const host = ["--as", "host-1"];

async function contractOf(id: string): Promise<PileContractView> {
  const answer = await fetch(new URL(`v1/market/contracts/${id}`, site.web));
  expect(answer.status).toBe(200);
  return (await answer.json()) as PileContractView;
}

/** A window that begins now. It lies in one UTC day, so the last minutes of a day are waited out. */
async function windowNow(): Promise<readonly string[]> {
  const [day_ms, least_ms] = [86_400_000, 480_000];
  await eventually(
    "a day with time left",
    () => day_ms - (Date.now() % day_ms) > least_ms || undefined,
    least_ms + 60_000,
  );
  const end_ms = (Math.floor(Date.now() / day_ms) + 1) * day_ms;
  const [from, to] = [Date.now(), Math.min(end_ms, Date.now() + 3_600_000)];
  return ["--from", new Date(from).toISOString(), "--to", new Date(to - 1).toISOString()];
}

/** A contract that both signed, its time begun. */
async function signed(): Promise<string> {
  await commands.trade("pile-buy", energy, "--max", "4.00", ...(await windowNow()), ...guest);
  const contracts = await commands.trade<readonly PileContractView[]>("contracts", ...guest);
  const { id = "" } = contracts.find(({ state }) => state === "proposed") ?? {};
  for (const who of [guest, host]) await commands.trade("pile-sign", id, ...who);
  return id;
}

async function meter(id: string, received: string = energy): Promise<void> {
  const given = ["--energy", energy, "--pile-key", file("pile.key"), ...host];
  await commands.trade("pile-deliver", id, ...given);
  await commands.trade("pile-deliver", id, "--energy", received, ...guest);
}

/** A member's confirmation, in a file that does not name it. */
async function signedBy(member: string, id: string, side = "owner"): Promise<string> {
  const out = file(`${member}-${side}-${id}.json`);
  await commands.trade("ring-sign", id, "--side", side, "--out", out, "--as", member);
  return out;
}

const bring = (id: string, ring: string): Promise<string> =>
  commands.codeOf("trade", "pile-confirm", id, "--ring", ring, ...host);

test("two of three members confirm for the owner, whoever they are, and the contract is paid", async () => {
  const keys: string[] = [];
  for (const member of members) {
    keys.push((await commands.trade<{ key: string }>("ring-key", "--as", member)).key);
  }
  await commands.trade("pile-group", keys.join(","), "--threshold", "2", ...host);
  const id = await signed();
  const ring = ["ring-sign", id, "--side", "owner", "--out", file("early.json")];
  expect(await commands.complaintOf("trade", ...ring, "--as", "member-1")).toBe("NOT_METERED");
  await meter(id);
  expect(await commands.codeOf("trade", "pile-confirm", id, ...host)).toBe("GROUP_CONFIRMS");
  expect(await commands.codeOf("trade", "pile-confirm", id, ...guest)).toBe("OK");

  // The wrong member: one whose key is not in the group, or who has none.
  await commands.trade("ring-key", "--as", "stranger");
  expect(await commands.complaintOf("trade", ...ring, "--as", "stranger")).toBe("NOT_A_MEMBER");
  expect(await commands.complaintOf("trade", ...ring, "--as", "nobody")).toBe("RING_KEY_UNKNOWN");
  const other = ["ring-sign", id, "--side", "buyer", "--out", file("x"), "--as", "member-1"];
  expect(await commands.complaintOf("trade", ...other)).toBe("GROUP_UNKNOWN");

  const first = await signedBy("member-1", id);
  expect(readFileSync(first, "utf8")).not.toContain(keys[0]);
  // The wrong message: bytes that no member signed.
  const forged = JSON.parse(readFileSync(first, "utf8")) as { signature: string };
  const last = forged.signature.at(-1) === "0" ? "1" : "0";
  const broken = { ...forged, signature: `${forged.signature.slice(0, -1)}${last}` };
  writeFileSync(file("forged.json"), JSON.stringify(broken));
  expect(await bring(id, file("forged.json"))).toBe("RING_INVALID");

  expect(await bring(id, first)).toBe("OK");
  // The second use of the same key, by the same and by a new signature.
  expect(await bring(id, first)).toBe("KEY_USED");
  expect(await bring(id, await signedBy("member-1", id))).toBe("KEY_USED");
  expect(await contractOf(id)).toMatchObject({ state: "metered", ownerGroup: { confirmed: 1 } });

  // The authority brings the second, which gives nobody away; that pays.
  const second = await signedBy("member-3", id);
  expect(await commands.codeOf("authority", "ring-confirm", second)).toBe("OK");
  const paid = await contractOf(id);
  expect(["settled", "complete"]).toContain(paid.state);
  expect(paid.paid).toBe(paid.cost);
  const account = await commands.trade<{ balance: number }>("account", ...host);
  expect(account.balance).toBe(20_000_000 + paid.cost);
  expect(await bring(id, second)).toBe("ALREADY_CONFIRMED");
});

test("a confirmation of one contract is none of another, and a person at a terminal brings one", async () => {
  const id = await signed();
  await meter(id);
  const mine = await signedBy("member-2", id);
  const before = await commands.trade<readonly PileContractView[]>("contracts", ...host);
  const earlier = before.find((one) => one.id !== id)?.id ?? "";
  expect(
    await commands.complaintOf("trade", "pile-confirm", earlier, "--ring", mine, ...host),
  ).toBe("CONTRACT_DIFFERS");
  // Words about another contract do not make it one: the signature says for which it was made.
  const stolen = JSON.parse(readFileSync(await signedBy("member-1", id), "utf8")) as object;
  const second = await commands.trade<{ key: string }>("ring-key", "--as", "member-2");
  expect(second.key).toMatch(/^0[23][0-9a-f]{64}$/);
  writeFileSync(file("other-side.json"), JSON.stringify({ ...stolen, side: "buyer" }));
  expect(await bring(id, file("other-side.json"))).toBe("GROUP_UNKNOWN");

  const said = await atTerminal(host, ["pile-confirm", id, mine, "q"]);
  expect(said).toContain("a member of the owner's group confirmed");
  expect(await contractOf(id)).toMatchObject({ state: "metered", ownerGroup: { confirmed: 1 } });
  await commands.trade("pile-group", "none", ...host);
  for (const who of [host, guest]) await commands.trade("pile-confirm", id, ...who);
  expect((await contractOf(id)).paid).not.toBeNull();
});

test("a party disputes a contract, and the authority says what counts as delivered", async () => {
  const id = await signed();
  expect(await commands.codeOf("trade", "pile-timeout", id, ...guest)).toBe("TOO_EARLY");
  const dispute = ["pile-dispute", id, "--evidence", file("evidence")];
  expect(await commands.codeOf("trade", ...dispute, ...guest)).toBe("OK");
  expect(await commands.codeOf("trade", ...dispute, ...host)).toBe("DISPUTED");
  expect(await commands.codeOf("trade", "pile-confirm", id, ...guest)).toBe("DISPUTED");
  expect(await disputed()).toContain(id);
  const { stdout: listed } = await commands.run("authority", "disputes");
  expect(listed).toContain(`voltfog authority resolve-contract ${id} --energy`);
  const resolve = ["authority", "resolve-contract", id, "--reason", "the cable was out"];
  const fault = ["--owners-fault", "yes"];
  expect(await commands.codeOf(...resolve, "--energy", "9kWh", ...fault)).toBe("ENERGY_ABSURD");
  expect(await commands.complaintOf(...resolve, "--energy", "0Wh", "--owners-fault", "so")).toBe(
    "FAULT_INVALID",
  );
  expect(await commands.codeOf(...resolve, "--energy", "0.4kWh", ...fault)).toBe("OK");
  const { paid, cost, margin, returned, delivered_Wh } = await contractOf(id);
  // The owner failed: paid is what was delivered, and the rest costs the buyer nothing.
  expect([delivered_Wh, paid]).toEqual([400, Math.floor((cost * 400) / 1000)]);
  expect((paid ?? 0) + (returned ?? 0)).toBe(cost + margin);
  expect(await commands.codeOf(...resolve, "--energy", "0.4kWh", ...fault)).toBe("NOT_DISPUTED");
  expect(await disputed()).not.toContain(id);
});

/** Contracts that the list of open disputes has. */
async function disputed(): Promise<readonly string[]> {
  const { contracts } = await commands.authority<DisputesView>("disputes");
  return contracts.map((contract) => contract.id);
}

test("meters that disagree open the dispute themselves", async () => {
  const id = await signed();
  await meter(id, "0.5kWh");
  expect((await contractOf(id)).state).toBe("disputed");
  const resolve = ["resolve-contract", id, "--energy", "0.5kWh", "--reason", "a worn contact"];
  await commands.authority(...resolve);
  expect(["settled", "complete"]).toContain((await contractOf(id)).state);
});

/** Answers the menu's questions on a terminal of its own, each once it is asked; what the terminal showed. */
async function atTerminal(who: readonly string[], answers: readonly string[]): Promise<string> {
  const flags = [...commands.wallet, "--data", site.dataDir, ...who];
  const words = [process.execPath, voltfogMain, "trade", ...flags].map((word) => `'${word}'`);
  const child = spawn("/usr/bin/script", ["-qec", words.join(" "), "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, VOLTFOG_PASSPHRASE: "a passphrase for the test" },
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const questions = [/q to leave: $/, /contract.*: $/, /confirmation .*: $/, /q to leave: $/];
  let read = 0;
  for (const [i, answer] of answers.entries()) {
    await eventually(`question ${i + 1} at the terminal`, () => {
      // Colours and cursor movements of the line editor are no part of the question.
      const text = stripVTControlCharacters(shown.slice(read));
      return questions[i]?.test(text.trimStart()) || undefined;
    });
    read = shown.length;
    child.stdin.write(`${answer}\r`);
  }
  await ended;
  return shown;
}

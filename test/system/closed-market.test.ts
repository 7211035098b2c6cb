import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { MarketAccountView, MarketOverviewView } from "@voltfog/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MarketCommands } from "./market-commands.ts";
import {
  eventually,
  type Finished,
  type RunningSite,
  startSiteIn,
  voltfog,
  voltfogMain,
} from "./running-site.ts";

/** The commands at a site whose cloud lets nobody in without a token. */
let site: RunningSite;
let folder: string;
let commands: MarketCommands;
let driver: { readonly id: string; readonly token: string; readonly file: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-closed-"));
  writeFileSync(join(folder, "pass"), "a long passphrase\n");
  const size = ["--units", "1", "--vehicles", "1"];
  site = await startSiteIn(join(folder, ".voltfog"), "--sign-in", "--market", "open", ...size);
  commands = new MarketCommands(site, folder);
  driver = await tokenOf("driver");
  await eventually("the market to be founded", async () => {
    const { code, stdout } = await commands.run("trade", "market", "--json", ...shown());
    if (code !== 0) return undefined;
    const { overview } = JSON.parse(stdout) as { overview: MarketOverviewView };
    return overview.union.operators.length > 0 ? overview : undefined;
  });
});
afterAll(async () => {
  await site?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function tokenOf(role: string): Promise<typeof driver> {
  const made = await voltfog("token", "create", "--role", role, "--json", "--data", site.dataDir);
  const { id, token } = JSON.parse(made.stdout) as { id: string; token: string };
  const file = join(folder, `${role}.token`);
  writeFileSync(file, `${token}\n${id}, role ${role}\n`);
  return { id, token, file };
}

function shown(): readonly string[] {
  return ["--token-file", driver.file];
}

/** A command in the folder that the site's own lies in. */
function beside(args: readonly string[], environment: Record<string, string>): Promise<Finished> {
  const child = spawn(process.execPath, [resolve(voltfogMain), ...args], {
    ...{ cwd: folder, env: { ...process.env, ...environment } },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((done) => child.once("close", (code) => done({ code, stdout, stderr })));
}

const unknownFrame = ["proof", "--vehicle", "vehicle-01", "--frame", "999999999", "--out", "f.vfb"];

test("who shows no token is told how to, and nothing was done", async () => {
  for (const asked of [
    ["trade", "market"],
    ["trade", "register", "ada-1"],
    ["authority", "tariff", "--price", "0.41", "--fee", "0.50"],
    ["operator", "beans-sell", "--price", "0.30"],
  ]) {
    const { code, stderr } = await commands.run(...asked);
    expect([asked.join(" "), code, stderr]).toEqual([
      ...[asked.join(" "), 2],
      expect.stringMatching(/^voltfog: TOKEN_MISSING: .*--token-file or VOLTFOG_TOKEN; .*create/),
    ]);
  }
  const settle = await voltfog("settle", "--data", site.dataDir);
  expect(settle).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/TOKEN_MISSING/) as unknown,
  });
  const proof = await beside(unknownFrame, {});
  expect(proof).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/TOKEN_MISSING/) as unknown,
  });
});

test("with a token everybody does what they may where nobody need sign in", async () => {
  await commands.trade("register", "ada-1", ...shown());
  await commands.trade("deposit", "5.00", ...shown());
  const reason = ["--reason", "a mistake of the desk"];
  await commands.authority("adjust", "ada-1", "--by", "-1.50", ...reason, ...shown());
  const account = await commands.trade<MarketAccountView>("account", ...shown());
  expect(account).toMatchObject({ balance: 3_500_000 });
  await commands.done("operator", "beans-sell", "--price", "0.30", ...shown());
  const settle = await beside(["settle", "--json"], { VOLTFOG_TOKEN: driver.token });
  expect(settle).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(settle.stdout)).toMatchObject({ isFinal: false });
  const early = await voltfog(
    ...["settle", "--day", "2001-02-03", "--data", site.dataDir, ...shown()],
  );
  const said = /^voltfog: DAY_BEFORE_CHAIN: the chain began at 2\d{3}-.*2001-02-03; ask for /;
  expect(early).toMatchObject({ code: 2, stderr: expect.stringMatching(said) as unknown });
});

test("a token of the wrong role, and one that was revoked, are told apart", async () => {
  const wrong = await beside([...unknownFrame, ...shown()], {});
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^voltfog: ROLE_REFUSED: .*the token of a role that may/,
    ) as unknown,
  });
  const engineer = await tokenOf("fleet-engineer");
  await eventually("the engineer's token to be taken", async () => {
    const { stderr } = await beside(unknownFrame, { VOLTFOG_TOKEN: engineer.token });
    return stderr.startsWith("voltfog: UNKNOWN_FRAME: ") ? true : undefined;
  });
  await voltfog("token", "revoke", driver.id, "--data", site.dataDir);
  await eventually("the revoked token to be refused", async () => {
    const { stderr } = await commands.run("trade", "market", ...shown());
    return stderr.startsWith("voltfog: TOKEN_REVOKED: ") ? true : undefined;
  });
  const file = ["--token-file", join(folder, "none")];
  expect(await commands.complaintOf("trade", "market", ...file)).toBe("FILE_UNREADABLE");
});

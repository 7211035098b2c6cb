import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NftDriver } from "./nft-driver.ts";

const namespace = `voltfog-${process.pid}`;
const patience = { timeout: 30_000, interval: 100 };
const path = process.env["PATH"];
let folder = "";
let child: ChildProcess | undefined;

beforeEach(() => {
  execFileSync("ip", ["netns", "add", namespace], { stdio: "pipe" });
  execFileSync("ip", ["-n", namespace, "link", "set", "lo", "up"], { stdio: "pipe" });
  folder = mkdtempSync(join(tmpdir(), "voltfog-nft-"));
  const nft = execFileSync("sh", ["-c", "command -v nft"], { encoding: "utf8" }).trim();
  // The driver calls nft by its name, and finds the one that acts in the namespace.
  const wrapper = join(folder, "nft");
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${namespace} ${nft} "$@"\n`);
  chmodSync(wrapper, 0o755);
});

afterEach(() => {
  child?.kill();
  process.env["PATH"] = path;
  execFileSync("ip", ["netns", "delete", namespace]);
  rmSync(folder, { recursive: true });
});

/** Listens on a port of the namespace, connects from whatever address it reads, and says what was connected. */
const peer = `
const net = require("node:net");
net.createServer(() => {}).listen(59999, "127.0.0.1", () => console.log("listening"));
require("node:readline").createInterface({ input: process.stdin }).on("line", (localAddress) => {
  const socket = net.connect({ host: "127.0.0.1", port: 59999, localAddress });
  socket.on("connect", () => console.log("connected " + localAddress));
});`;

it("holds a denied address off in the kernel until it is allowed again", {
  timeout: 120_000,
}, async () => {
  const words = ["netns", "exec", namespace, process.execPath, "-e", peer];
  child = spawn("ip", words, { stdio: ["pipe", "pipe", "ignore"] });
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await vi.waitFor(() => expect(said).toContain("listening"), patience);
  process.env["PATH"] = `${folder}:${path}`;
  const driver = new NftDriver({ unitId: "unit-1", ports: [59_999], logger: silentLogger });
  const nobody = { limits: [], quarantine: [], deny: [] };
  const quarantine = [{ address: "127.0.0.3", since_ms: 1, reason: "scans" }];
  await driver.apply({ ...nobody, quarantine, deny: [{ address: "127.0.0.2/31" }] });
  expect(driver.cannot).toEqual([]);
  for (const address of ["127.0.0.2", "127.0.0.3", "127.0.0.4"]) child.stdin?.write(`${address}\n`);
  await vi.waitFor(() => expect(said).toContain("connected 127.0.0.4"), patience);
  expect(said).not.toMatch(/connected 127.0.0.[23]/);
  // What was held knocks again by itself: only the kernel's filter had kept it out.
  await driver.apply(nobody);
  await vi.waitFor(() => {
    expect(said).toContain("connected 127.0.0.2");
    expect(said).toContain("connected 127.0.0.3");
  }, patience);
  await driver.close();
  const tables = execFileSync(join(folder, "nft"), ["list", "tables"], { encoding: "utf8" });
  expect(tables).toBe("");
});

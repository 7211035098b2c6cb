import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RealInflux } from "../../cloud/src/testing/real-influx.ts";
import { eventually, type RunningSite, startSiteIn, voltfog } from "./running-site.ts";

/** As docs/operations/backbone.md says it: real servers, the site's own certificates, two flags. */
let folder: string;
let nats: ChildProcess;
let influx: RealInflux;
let site: RunningSite;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-nats-"));
  const data = join(folder, "site");
  mkdirSync(data);
  await done("site", "init", "--data", data, "--units", "2", "--vehicles", "2");
  const issued = await done("certificate", "issue", "nats", "--data", data, "--json");
  const port = await freePort();
  nats = startNats(port, JSON.parse(issued) as Files);
  influx = await RealInflux.start();
  await eventually("nats-server to listen", () => answers(port));
  const servers = ["--nats", `tls://127.0.0.1:${port}`, "--influx", influx.url];
  site = await startSiteIn(data, ...servers);
});
afterAll(async () => {
  await site?.stop();
  await influx?.remove();
  nats?.kill();
  rmSync(folder, { recursive: true, force: true });
});

interface Files {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

async function done(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await voltfog(...words);
  if (code !== 0) throw new Error(`voltfog ${words.join(" ")}: ${stderr}`);
  return stdout;
}

function startNats(port: number, files: Files): ChildProcess {
  const config = join(folder, "nats.conf");
  writeFileSync(
    config,
    `listen: "127.0.0.1:${port}"
jetstream { store_dir: ${JSON.stringify(join(folder, "nats"))}, max_file_store: 2GB }
tls {
  cert_file: ${JSON.stringify(files.certificate)}
  key_file: ${JSON.stringify(files.key)}
  ca_file: ${JSON.stringify(files.authority)}
  verify: true
}
`,
  );
  return spawn("/usr/sbin/nats-server", ["-c", config], { stdio: "ignore" });
}

/** The server speaks first, in clear text. */
function answers(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (found: true | undefined): void => {
      socket.destroy();
      resolve(found);
    };
    socket.once("data", () => end(true));
    socket.once("error", () => end(undefined));
  });
}

async function points(): Promise<number> {
  const query = new URLSearchParams({ db: "voltfog", q: "select count(at) from pack" });
  const answer = await fetch(`${influx.url}/query?${query}`);
  const { results } = (await answer.json()) as {
    results: readonly { series?: readonly { values: readonly (readonly [unknown, number])[] }[] }[];
  };
  return results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
}

test("logs come to the cloud through the broker, and their samples are kept in InfluxDB", async () => {
  const counted = await eventually("samples in InfluxDB", async () => {
    const found = await points();
    return found > 30 ? found : undefined;
  });
  const answer = await fetch(new URL("/v1/units", site.web));
  const rows = (await answer.json()) as readonly { cursor: number }[];
  expect(rows.some(({ cursor }) => cursor > 0)).toBe(true);
  expect(counted).toBeGreaterThan(30);
  // The stream that every page of entries went through is in the broker's files.
  const files = readdirSync(join(folder, "nats"), { recursive: true }).map(String);
  expect(files.filter((name) => name.includes("VOLTFOG"))).not.toEqual([]);
});

test("a site whose samples are in InfluxDB says so when it is started without", async () => {
  const { stderr, stdout } = await site.finish();
  expect(stderr + stdout).not.toContain("STORE_FAILED");
  const cloud = await voltfog("up", "--port", "0", "--data", site.dataDir, "--for", "20s");
  expect(cloud.code).not.toBe(0);
  expect(cloud.stderr).toContain("its samples are in influxdb");
  expect(cloud.stderr).toContain("--influx");
});

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Chain, decodeBundle, leafHash } from "@voltfog/ledger";
import { openFrame } from "@voltfog/messages";
import { assert, fromHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signNote } from "../../packages/ledger/src/log/signed-note.ts";
import { createConsortium, finalise } from "../../packages/ledger/src/testing/consortium.ts";
import { at, checkpointTx, TestLog } from "../../packages/ledger/src/testing/transactions.ts";
import {
  filesBelow,
  findIdentifiers,
  formsOf,
  type Haystack,
  type Identifier,
} from "./identifier-scan.ts";
import { provenBundle } from "./proven-bundle.ts";
import { eventually, type RunningSite, startSite, voltfogMain } from "./running-site.ts";
import { portOf } from "./site-clients.ts";

/** Planted: an operator who names a vehicle by its VIN, a driver on the way, and a remark about a depot. */
const planted = {
  vehicle: "wvwzzz1jz3w386752",
  driver: "5eedf00dd41fe4a1",
  remark: "Hinterhof Nord, Tor 7",
};

let site: RunningSite;
let registrar: ChildProcess;
let identifiers: readonly Identifier[];
let haystacks: readonly Haystack[];

const run = promisify(execFile);
const voltfog = (...args: string[]): Promise<{ stdout: string }> =>
  run(process.execPath, [voltfogMain, ...args]);

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(site.web + path)).json()) as T;
}

beforeAll(async () => {
  site = await startSite("--vehicles", "3");
  await enrolPlanted();
  await orderPlanted();
  await drivePlanted();
  await eventually("events, orders and the enrolment on the chain", async () => {
    const devices = await ask<unknown[]>("/v1/transactions?module=devices");
    const events = await ask<{ finality: string }[]>("/v1/events?limit=100");
    const final = events.filter(({ finality }) => finality === "final").length;
    const [block] = await ask<{ height: number }[]>("/v1/blocks?limit=1");
    return devices.length > 0 && final > 5 && (block?.height ?? 0) > 30 ? true : undefined;
  });
  identifiers = [...(await siteIdentifiers()), ...(await frameSalts())];
  const blocks = await servedBlocks();
  const results = await servedResults();
  registrar.kill("SIGINT");
  await site.finish(); // What validators hold back in memory is in their files then.
  const validators = site.processes.filter(({ role }) => role === "validator");
  haystacks = [...blocks, ...results, ...validators.flatMap(({ dataDir }) => filesBelow(dataDir))];
});
afterAll(() => {
  registrar?.kill("SIGINT");
  rmSync(`${site.dataDir}-planted`, { recursive: true, force: true });
  site?.remove();
});

async function enrolPlanted(): Promise<void> {
  let said = "";
  registrar = spawn(process.execPath, [voltfogMain, "enrol", "serve", "--data", site.dataDir]);
  registrar.stdout?.on("data", (part) => {
    said += String(part);
  });
  const url = await eventually("the registrar", async () => /https:\S+?(?=;)/.exec(said)?.[0]);
  const made = await voltfog(
    ...["enrol", "token", "--vehicle", planted.vehicle, "--data", site.dataDir, "--json"],
  );
  const { token } = JSON.parse(made.stdout) as { token: string };
  await voltfog(
    ...["enrol", "request", "--url", url, "--token", token],
    ...["--out", `${site.dataDir}-planted`],
    ...["--authority", join(site.dataDir, "certificates", "ca.crt")],
  );
  await eventually("the chain to know it", async () => /on the chain by/.exec(said)?.[0]);
}

async function orderPlanted(): Promise<void> {
  const body = { vehicleId: "vehicle-01", work: "inspection", reason: planted.remark };
  // Until the vehicle has sent data nobody knows it.
  await eventually("the order to be taken", async () => {
    const response = await fetch(`${site.web}/v1/maintenance/work-orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.ok ? true : undefined;
  });
}

async function drivePlanted(): Promise<void> {
  const feed = await eventually("chargers", async () => {
    const answer = await fetch(`${site.web}/v1/chargers`);
    if (!answer.ok) return undefined;
    return (await answer.json()) as { feed: { now_ms: number }; features: { id: string }[] };
  });
  const body = { charger: at(feed.features, 0).id, arrival_ms: feed.feed.now_ms + 600_000 };
  const response = await fetch(`${site.web}/v1/destinations/${planted.driver}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert(response.ok, `the driver is on the way: ${response.status}`);
}

/** Names and salts that the site's own files and the cloud know. */
async function siteIdentifiers(): Promise<readonly Identifier[]> {
  const enrolled = JSON.parse(readFileSync(join(site.dataDir, "enrolled.json"), "utf8")) as {
    id: string;
    salt: string;
  }[];
  assert(
    enrolled.some(({ id }) => id === planted.vehicle),
    "the planted vehicle is enrolled",
  );
  const events = await ask<{ id: string; salt: string }[]>("/v1/events?limit=60");
  return [
    ...enrolled.map(({ id }) => ({ what: `vehicle ${id}`, value: id })),
    ...enrolled.map(({ id, salt }) => ({ what: `salt of ${id}`, value: bytesOf(salt) })),
    ...events.map(({ id, salt }) => ({ what: `salt of event ${id}`, value: bytesOf(salt) })),
    { what: "driver", value: planted.driver },
    { what: "driver's bytes", value: bytesOf(planted.driver) },
    { what: "remark", value: planted.remark },
  ];
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  assert(bytes !== undefined, "salts and drivers are in hex");
  return bytes;
}

/** The salts inside some final frames, which a unit erases to make a frame forgotten. */
async function frameSalts(): Promise<readonly Identifier[]> {
  const frames = await ask<{ sequence: number; finality: string }[]>(
    "/v1/vehicles/vehicle-01/frames?limit=20",
  );
  const final = frames.filter(({ finality }) => finality === "final").slice(0, 5);
  assert(final.length > 0, "a frame of the first vehicle is final");
  return await Promise.all(
    final.map(async ({ sequence }) => {
      const path = `/v1/vehicles/vehicle-01/frames/${sequence}/bundle?stream=telemetry`;
      const bundle = decodeBundle(await provenBundle(site.web, path));
      assert(bundle.ok, "a served bundle decodes");
      const frame = openFrame(bundle.value.frame);
      assert(frame.ok, "its frame opens");
      return { what: `salt of frame ${sequence}`, value: frame.value.header.salt };
    }),
  );
}

/** Pages of blocks with their certificates, as a validator serves them. */
async function servedBlocks(): Promise<readonly Haystack[]> {
  const base = `http://127.0.0.1:${portOf(site, "validator-1", "http")}`;
  const { height } = (await (await fetch(`${base}/v1/status`)).json()) as { height: number };
  const pages: Haystack[] = [];
  for (let from = 1; from <= height; from += 64) {
    const response = await fetch(`${base}/v1/blocks?from=${from}&limit=64`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    pages.push({ place: `blocks from ${from}`, bytes });
  }
  return pages;
}

/** Evidence of every result: the result's own bytes are in it. */
async function servedResults(): Promise<readonly Haystack[]> {
  const rows = await ask<{ hash: string }[]>("/v1/transactions?limit=200");
  return await Promise.all(
    rows.map(async ({ hash }) => {
      const response = await fetch(`${site.web}/v1/transactions/${hash}/proof`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { place: `result of ${hash}`, bytes };
    }),
  );
}

test("no byte of any block, result or validator's file names a vehicle, a driver, a remark or a salt", () => {
  const size_bytes = haystacks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(haystacks.length).toBeGreaterThan(50);
  expect(size_bytes).toBeGreaterThan(100_000);
  expect(identifiers.length).toBeGreaterThan(20);
  expect(findIdentifiers(haystacks, identifiers)).toEqual([]);
});

test("each identifier in each form is found where it is put into a real block", () => {
  const block = at(haystacks, 0);
  for (const identifier of identifiers) {
    for (const { form, bytes } of formsOf(identifier)) {
      const place = Math.floor(block.bytes.length / 2);
      const spoilt = Buffer.concat([
        block.bytes.subarray(0, place),
        bytes,
        block.bytes.subarray(place),
      ]);
      const found = findIdentifiers([{ place: "spoilt", bytes: spoilt }], [identifier]);
      expect(found, form).toContain(`spoilt: ${identifier.what} as ${form}`);
    }
  }
});

test("base64 of a name is found whatever stands beside it", () => {
  const identifier = { what: "vehicle", value: planted.vehicle };
  for (const before of ["", "a", "ab", "abc"]) {
    const text = Buffer.from(`${before}${planted.vehicle}xyz`).toString("base64");
    const found = findIdentifiers([{ place: "note", bytes: utf8(text) }], [identifier]);
    expect(found.length, before).toBeGreaterThan(0);
  }
});

test("text like a VIN is found though nobody knows it, and hashes and times are not", () => {
  const look = (text: string): readonly string[] =>
    findIdentifiers([{ place: "file", bytes: utf8(text) }], []);
  expect(look('{"id":"1HGCM82633A004352"}')).toEqual([
    "file: 1HGCM82633A004352, which is like a VIN",
  ]);
  expect(look(`{"at":17953853868101234,"root":"${"ab12".repeat(16)}"}`)).toEqual([]);
});

test("a unit that writes a vehicle's name beside its checkpoint is caught by its block", () => {
  const consortium = createConsortium({ crypto: nodeCrypto });
  const { genesis, crypto } = consortium;
  const chain = Chain.fromGenesis({ genesis, crypto });
  const unit = at(consortium.units, 0);
  const log = new TestLog({ consortium, unit });
  log.leaves.push(leafHash(utf8("an entry"), crypto));
  const [head = ""] = log.note().split("\n\n");
  const [name = ""] = head.split("\n");
  const text = `${head}\n${planted.vehicle}\n`; // A line that readers of notes pass over.
  const note = signNote({ text, name, signer: unit.signer, crypto });
  const tx = checkpointTx({ consortium, sender: unit, nonce: 1, note, path: [] });
  const { checked, bytes } = finalise({ chain, consortium, transactions: [tx] });
  expect(at(checked.results, 0).code, "the chain itself takes it").toBe("OK");
  const identifier = { what: "vehicle", value: planted.vehicle };
  const found = findIdentifiers([{ place: "block", bytes: bytes.block }], [identifier]);
  expect(found).toEqual([
    "block: vehicle as text",
    `block: ${planted.vehicle}, which is like a VIN`,
  ]);
});

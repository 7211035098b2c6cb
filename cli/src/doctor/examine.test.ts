import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { datasetRoot } from "@voltfog/datasets";
import { restoredValidatorMark } from "@voltfog/fog-rsu";
import { logOrigin } from "@voltfog/ledger";
import { TelemetryLog } from "@voltfog/ledger/node";
import { type Clock, silentLogger } from "@voltfog/runtime";
import {
  loadSigningKey,
  nodeCrypto,
  RecordFile,
  systemClock,
  systemRandom,
} from "@voltfog/runtime/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSite } from "../site/create-site.ts";
import { sitePaths } from "../site/site-folder.ts";
import { checkNode } from "./check-machine.ts";
import { examine } from "./examine.ts";
import { type Verdict, verdictsOf } from "./verdict.ts";

const folder = mkdtempSync(join(tmpdir(), "doctor-"));
const root = join(folder, "site");
const paths = sitePaths(root);

async function doctor(clock: Clock = systemClock, at = root): Promise<readonly Verdict[]> {
  return examine({ root: at, basePort: 8080, datasets: datasetRoot(), clock, path: "" });
}

function failed(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.filter(({ result }) => result === "fail").map(({ check }) => check);
}

/** Makes a change, gives what fails, and takes the change back. */
async function failsWith(path: string, change: () => void): Promise<readonly Verdict[]> {
  const before = readFileSync(path);
  change();
  try {
    return (await doctor()).filter(({ result }) => result === "fail");
  } finally {
    rmSync(path);
    writeFileSync(path, before, { mode: 0o600 });
  }
}

beforeAll(async () => {
  createSite({
    paths,
    size: { units: 1, vehicles: 2 },
    clock: systemClock,
    random: systemRandom,
  });
  const { chain } = JSON.parse(readFileSync(paths.genesis, "utf8")) as { chain: string };
  const log = await TelemetryLog.open({
    folder: join(root, "unit-1", "log"),
    origin: logOrigin({ chain, unitId: "unit-1" }),
    signer: loadSigningKey(join(paths.keys, "unit-1.key")),
    crypto: nodeCrypto,
    logger: silentLogger,
  });
  const frame = new Uint8Array(40);
  const commitment = nodeCrypto.sha256(frame);
  const entry = {
    keyId: new Uint8Array(16),
    stream: "telemetry",
    sequence: 1,
    commitment,
  } as const;
  await log.append([
    {
      entry: { kind: "frame", ...entry, unlinked: false, sampleCount: 3 },
      frame,
      accepted_ms: 1,
      vehicleId: "vehicle-01",
    },
  ]);
  await log.close();
  const path = join(root, "unit-1", "events", "journal.records");
  await (await RecordFile.open({ path, kind: "voltfog/events/1" })).close();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the doctor", { timeout: 60_000 }, () => {
  let sound: readonly Verdict[];
  beforeAll(async () => {
    sound = await doctor();
  });

  it("finds nothing to fail on a sound site and on a machine without one", async () => {
    expect(failed(sound)).toEqual([]);
    expect(new Set(sound.map(({ check }) => check)).size).toBeGreaterThan(10);
    expect(failed(await doctor(systemClock, join(folder, "none")))).toEqual([]);
  });

  it("names what is absent and can be done without", () => {
    const absent = sound.filter(({ check, result }) => check === "components" && result === "warn");
    expect(absent.map(({ what }) => what.split(" ")[0])).toEqual(
      expect.arrayContaining(["chromium"]),
    );
  });

  it("says for everything that is not well what to do", async () => {
    const faults = await failsWith(paths.genesis, () => writeFileSync(paths.genesis, "{}"));
    expect(failed(faults)).toEqual(["genesis"]);
    for (const { todo } of faults) expect(todo).toMatch(/\w+ \w+/);
  });

  it("refuses a folder of another version", async () => {
    const text = readFileSync(paths.marker, "utf8").replace('"format": 1', '"format": 9');
    const faults = await failsWith(paths.marker, () => writeFileSync(paths.marker, text));
    expect(failed(faults)).toEqual(["folder"]);
  });

  it("finds a key that others may read, one that is missing and one that is another's", async () => {
    const key = join(paths.keys, "unit-1.key");
    const open = await failsWith(key, () => chmodSync(key, 0o644));
    expect(open).toMatchObject([{ check: "keys", todo: `chmod 600 ${key}` }]);
    const missing = await failsWith(key, () => writeFileSync(key, ""));
    expect(failed(missing)).toEqual(["keys"]);
    const other = join(paths.keys, "validator-1.key");
    const wrong = await failsWith(key, () => copyFileSync(other, key));
    expect(wrong[0]?.what).toContain("not the key");
  });

  it("finds a changed byte of a log and of the events beside it, with the place", async () => {
    const segment = join(root, "unit-1", "log", "journal", "0000000000000000.seg");
    const changed = Buffer.from(readFileSync(segment));
    changed[200] = (changed[200] ?? 0) ^ 1;
    const inLog = await failsWith(segment, () => writeFileSync(segment, changed));
    expect(inLog).toMatchObject([{ check: "logs", what: expect.stringContaining("000.seg") }]);
    const events = join(root, "unit-1", "events", "journal.records");
    const inEvents = await failsWith(events, () => appendFileSync(events, "x".repeat(40)));
    expect(inEvents).toMatchObject([{ check: "logs", what: expect.stringContaining("events/") }]);
  });

  it("finds a validator that came back from a backup", async () => {
    const path = join(root, "validator-1", restoredValidatorMark.file);
    mkdirSync(join(root, "validator-1"));
    writeFileSync(path, restoredValidatorMark.text);
    const faults = (await doctor()).filter(({ result }) => result === "fail");
    rmSync(join(root, "validator-1"), { recursive: true });
    expect(faults).toMatchObject([{ check: "validators", todo: `see ${path}` }]);
  });

  it("finds datasets that are not there", async () => {
    const verdicts = await examine({
      ...{ root, basePort: 8080, clock: systemClock, path: "" },
      datasets: join(folder, "nowhere"),
    });
    expect(new Set(failed(verdicts))).toEqual(new Set(["datasets"]));
  });

  it("finds a clock from before the chain and one that jumps", async () => {
    const past: Clock = { ...clockOf(() => Date.UTC(2020, 0, 1)) };
    expect(failed(await doctor(past))).toEqual(["clock", "clock"]);
    let wall_ms = systemClock.wall_ms();
    const jumping = clockOf(() => {
      wall_ms += 60_000;
      return wall_ms;
    });
    const clock = (await doctor(jumping)).filter(({ check }) => check === "clock");
    expect(clock).toMatchObject([{ result: "warn", what: expect.stringContaining("moved by") }]);
  });

  it("names a port that another process has", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const options = { root, datasets: datasetRoot(), clock: systemClock, path: "" };
    const verdicts = await examine({ ...options, basePort: port });
    await new Promise((resolve) => server.close(resolve));
    const ports = verdicts.find(({ check }) => check === "ports");
    expect(ports).toMatchObject({ result: "warn", what: expect.stringContaining(String(port)) });
  });

  it("knows which Node is too old, and takes a broken check for a failed one", async () => {
    const versions = ["18.20.0", "20.18.9", "20.19.0", "22.1.0"];
    const results = await Promise.all(
      versions.map((version) => verdictsOf("node", (findings) => checkNode(findings, version))),
    );
    expect(results.map(([verdict]) => verdict?.result)).toEqual(["fail", "fail", "ok", "ok"]);
    const broken = await verdictsOf("x", () => {
      throw new Error("broke");
    });
    expect(broken).toMatchObject([{ check: "x", result: "fail", what: "broke" }]);
  });
});

function clockOf(wall_ms: () => number): Clock {
  return {
    wall_ms,
    monotonic_ms: () => systemClock.monotonic_ms(),
    after: (delay_ms, task) => systemClock.after(delay_ms, task),
  };
}

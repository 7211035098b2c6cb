import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  eventually,
  type RunningSite,
  startSite,
  startSiteIn,
  voltfogMain,
} from "./running-site.ts";
import { identityOf, mqttAt, portOf } from "./site-clients.ts";

const [unit, vehicle] = ["unit-1", "vehicle-01"];
const size = ["--units", "1", "--vehicles", "2"];
const run = promisify(execFile);
let site: RunningSite;

beforeAll(async () => {
  site = await startSite(...size);
});
afterAll(() => site?.stop());

async function connected(): Promise<readonly string[]> {
  const response = await fetch(`http://127.0.0.1:${portOf(site, unit, "http")}/v1/status`);
  return ((await response.json()) as { connectedVehicles: readonly string[] }).connectedVehicles;
}

interface Result {
  readonly hash: string;
  readonly module: string;
  readonly code: string;
}

/** What a transaction did, from the cloud's newest blocks. */
async function resultOf(hash: string): Promise<Result | undefined> {
  const blocks = (await (await fetch(new URL("v1/blocks", site.web))).json()) as {
    height: number;
  }[];
  for (const { height } of blocks) {
    const detail = await (await fetch(new URL(`v1/blocks/${height}`, site.web))).json();
    const found = (detail as { results: readonly Result[] }).results.find(
      (result) => result.hash === hash,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

test("a revoked vehicle is put out while it streams, stays out, and the chain knows", async () => {
  await eventually("both vehicles to be connected", async () =>
    (await connected()).length === 2 ? true : undefined,
  );
  const { stdout } = await run(process.execPath, [
    voltfogMain,
    "device",
    "revoke",
    vehicle,
    "--data",
    site.dataDir,
    "--json",
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ vehicle, transaction: expect.any(String) });
  await eventually("the vehicle to be put out", async () =>
    (await connected()).includes(vehicle) ? undefined : true,
  );
  const login = { clientId: vehicle, identity: identityOf(site, vehicle) };
  await expect(mqttAt(site, unit, login)).rejects.toThrow(/not authorized/i);
  expect(await connected()).toEqual(["vehicle-02"]);

  const { transaction } = JSON.parse(stdout) as { transaction: string };
  const recorded = await eventually("the chain to record it", () => resultOf(transaction));
  expect(recorded).toMatchObject({ module: "devices", code: "OK" });
  await expect(
    run(process.execPath, [voltfogMain, "device", "revoke", vehicle, "--data", site.dataDir]),
  ).rejects.toMatchObject({ stderr: expect.stringContaining("revoked already") });
});

test("the site starts again without it", async () => {
  await site.finish();
  site = await startSiteIn(site.dataDir, ...size);
  await eventually("the other vehicle to be connected", async () =>
    (await connected()).length > 0 ? true : undefined,
  );
  expect(await connected()).toEqual(["vehicle-02"]);
});

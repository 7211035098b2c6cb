import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";
import { identityOf, mqttAt, portOf } from "./site-clients.ts";

const units = ["unit-1", "unit-2"];
const vehicle = "vehicle-01";
let site: RunningSite;

beforeAll(async () => {
  site = await startSite("--units", "2", "--vehicles", "2");
});
afterAll(() => site?.stop());

async function connected(): Promise<readonly string[]> {
  const statuses = await Promise.all(
    units.map(async (unit) => {
      const response = await fetch(`http://127.0.0.1:${portOf(site, unit, "http")}/v1/status`);
      return (await response.json()) as { connectedVehicles: readonly string[] };
    }),
  );
  return statuses.flatMap(({ connectedVehicles }) => connectedVehicles);
}

async function policy(...words: string[]): Promise<{ code: number | null; json: unknown }> {
  const { code, stdout } = await voltfog("policy", ...words, "--data", site.dataDir, "--json");
  return { code, json: JSON.parse(stdout) };
}

/** The code with which a unit answers a CONNECT of the vehicle. */
function login(unit: string): Promise<unknown> {
  return mqttAt(site, unit, { clientId: vehicle, identity: identityOf(site, vehicle) }).then(
    (client) => client.endAsync(true).then(() => 0),
    (thrown: { code?: unknown }) => thrown.code,
  );
}

test("an operator's quarantine holds on every unit, and the vehicle goes on once it is released", async () => {
  await eventually("both vehicles to be connected", async () =>
    (await connected()).length === 2 ? true : undefined,
  );
  const told = await policy("quarantine", vehicle, "--why", "a test");
  expect(told).toMatchObject({
    code: 0,
    json: { version: 1, units: units.map((unitId) => ({ unitId, version: 1, behind: null })) },
  });
  expect(await connected()).not.toContain(vehicle);
  expect(await Promise.all(units.map(login))).toEqual([5, 5]);
  const { json } = await policy("list");
  expect(json).toMatchObject({
    quarantine: [{ vehicleId: vehicle, reason: "a test" }],
    audit: [{ who: "operator", action: "quarantine", subject: vehicle, why: "a test" }],
  });
  expect(await policy("release", vehicle, "--why", "over")).toMatchObject({ code: 0 });
  await eventually("the vehicle to be back", async () =>
    (await connected()).includes(vehicle) ? true : undefined,
  );
});

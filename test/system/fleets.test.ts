import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";

let site: RunningSite;

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "2", "--fleet", "history:3x40");
});
afterAll(() => site?.stop());

async function ask(route: string, token?: string): Promise<{ status: number; text: string }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(new URL(route, site.web), { headers });
  return { status: response.status, text: await response.text() };
}

async function tokenOf(fleet: string): Promise<string> {
  const data = ["--data", site.dataDir];
  const asked = ["--role", "fleet-engineer", "--fleet", fleet, "--json"];
  const { stdout } = await voltfog("token", "create", ...asked, ...data);
  return (JSON.parse(stdout) as { token: string }).token;
}

test("a simulated history is there from the start, labelled, and ranked", async () => {
  const { text } = await ask("v1/maintenance/ranking");
  const { vehicles } = JSON.parse(text) as {
    vehicles: { vehicleId: string; origin: string; finality: string }[];
  };
  expect(vehicles.map(({ vehicleId }) => vehicleId).sort()).toEqual([
    "history-0001",
    "history-0002",
    "history-0003",
  ]);
  expect(new Set(vehicles.map(({ origin, finality }) => `${origin} ${finality}`))).toEqual(
    new Set(["simulated none"]),
  );
  expect((await ask("v1/vehicles/history-0002/health")).status).toBe(200);
});

test("a vehicle that is given to a fleet is seen by that fleet's token alone, without a restart", async () => {
  const [north, south] = [await tokenOf("north"), await tokenOf("south")];
  await eventually("the vehicle to send", async () =>
    (await ask("v1/vehicles/vehicle-01")).status === 200 ? true : undefined,
  );
  expect((await ask("v1/vehicles/vehicle-01", north)).status).not.toBe(200);
  await voltfog("device", "fleet", "vehicle-01", "north", "--data", site.dataDir);
  await eventually("the fleet to be taken", async () =>
    (await ask("v1/vehicles/vehicle-01", north)).status === 200 ? true : undefined,
  );
  expect((await ask("v1/vehicles/vehicle-01", south)).status).toBe(404);
  expect((await ask("v1/vehicles/history-0001/health", north)).status).toBe(404);
  expect(JSON.parse((await ask("v1/vehicles", north)).text)).toHaveLength(1);
});

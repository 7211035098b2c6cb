import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";
import { identityOf, mqttAt, portOf } from "./site-clients.ts";

const units = ["unit-1", "unit-2"];
const vehicle = "vehicle-01";
interface Audited {
  readonly order?: { readonly event: { readonly id: string } | null };
}

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

test("an operator's quarantine holds on every unit, the vehicle goes on once it is released, and each order is on the chain", async () => {
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
  expect(await policy("deny", "192.0.2.0/24", "--why", "a range")).toMatchObject({ code: 0 });
  await eventually("the vehicle to be back", async () =>
    (await connected()).includes(vehicle) ? true : undefined,
  );
  const orders = await eventually("every order to be an event", async () => {
    const { audit } = (await policy("list")).json as { audit: readonly Audited[] };
    const ids = audit.flatMap(({ order }) => order?.event?.id ?? []);
    return ids.length === 3 ? ids.reverse() : undefined;
  });
  const said = [];
  for (const id of orders) {
    const event = await eventually(`order ${id} to be final`, async () => {
      const response = await fetch(`${site.web}/v1/events/${id}`);
      const answer = (await response.json()) as { finality?: string };
      return answer.finality === "final" ? answer : undefined;
    });
    said.push(event);
  }
  expect(said).toMatchObject([
    { state: "asserted", sentence: `${vehicle} is put out, ordered by operator: a test` },
    { state: "cleared", sentence: `${vehicle} is let back in, ordered by operator: over` },
    { state: "asserted", sentence: "192.0.2.0/24 may not connect, ordered by operator: a range" },
  ]);
});

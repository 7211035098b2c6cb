import { afterAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, startSiteIn } from "./running-site.ts";
import { portOf } from "./site-clients.ts";

/** A site is stopped and started again: its units come up one after the other, and nobody moves for that. */
const vehicles = 9;
let site: RunningSite | undefined;

interface Placements {
  readonly attachments: readonly {
    readonly vehicleId: string;
    readonly unitId: string;
    readonly phase: string;
  }[];
}

interface History {
  readonly moves: readonly {
    readonly vehicleId: string;
    readonly at_ms: number;
    readonly trigger: string;
  }[];
}

afterAll(async () => {
  await site?.stop();
});

test("after a restart every vehicle belongs where it did, and is connected there", async () => {
  site = await startSite("--units", "3", "--vehicles", `${vehicles}`, "--log-level", "warn");
  const before = await settled(site);
  // Three each on a machine without much else to do; a busy one slows some units more than others.
  expect(new Set(before.values()).size).toBeGreaterThan(1);
  const { dataDir } = site;
  await site.finish();
  const again_ms = Date.now();
  site = await startSiteIn(dataDir, "--log-level", "warn");
  const after = await settled(site);
  const { moves } = await asked<History>(site, "controller", "/v1/placements/history");
  const newer = moves.filter(({ at_ms }) => at_ms > again_ms);
  // A busy machine may slow a unit for so long that its vehicles rightly leave it.
  const left = newer.filter(({ trigger }) => trigger === "faster");
  const stayed = [...before].filter(([id]) => !left.some(({ vehicleId }) => vehicleId === id));
  const places = stayed.map(([id]) => [id, after.get(id)]);
  expect(places, JSON.stringify(newer)).toEqual(stayed);
  expect(newer.filter(({ trigger }) => trigger === "dead")).toEqual([]);
});

/** Where each vehicle belongs once all are connected there. */
function settled(running: RunningSite): Promise<ReadonlyMap<string, string>> {
  return eventually("every vehicle to be connected to its unit", async () => {
    const { attachments } = await asked<Placements>(running, "controller", "/v1/placements");
    const places = new Map(attachments.map(({ vehicleId, unitId }) => [vehicleId, unitId]));
    const units = [...new Set(places.values())];
    for (const unit of units) {
      const { connectedVehicles } = await asked<{ connectedVehicles: readonly string[] }>(
        running,
        unit,
        "/v1/status",
      );
      const expected = [...places].filter(([, place]) => place === unit).map(([id]) => id);
      if ([...connectedVehicles].sort().join() !== expected.sort().join()) return undefined;
    }
    const isSettled = attachments.every(({ phase }) => phase === "settled");
    return places.size === vehicles && isSettled ? places : undefined;
  });
}

async function asked<T>(running: RunningSite, id: string, path: string): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${portOf(running, id, "http")}${path}`);
  return (await answer.json()) as T;
}

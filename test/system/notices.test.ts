import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { upTopic } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { provenBundle } from "./proven-bundle.ts";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";
import { identityOf, mqttAt, portOf } from "./site-clients.ts";
import { alarmOf } from "./vehicle-alarm.ts";

/** What the site's maintenance is told of becomes a record on the chain, without any setting. */
const vehicle = "vehicle-01" as VehicleId;
let site: RunningSite;

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "1");
  // Held still once it is known, so that the vehicle's name is free for the client of this test.
  const fleet = await eventually("the vehicle to be known", async () => {
    const response = await fetch(`http://127.0.0.1:${portOf(site, "unit-1", "http")}/v1/status`);
    const { log } = (await response.json()) as { log: { size: number } };
    return log.size > 1 ? site.pidOf("fleet") : undefined;
  });
  process.kill(fleet, "SIGSTOP");
});
afterAll(async () => {
  const fleet = site?.pidOf("fleet");
  if (fleet !== undefined) process.kill(fleet, "SIGCONT");
  await site?.stop();
});

interface Shown {
  readonly id: number;
  readonly sentence: string;
  readonly notices: readonly {
    readonly news: string;
    readonly eventId: string;
    readonly unitId: string | null;
    readonly finality: string;
    readonly finalHeight: number | null;
  }[];
}

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(new URL(path, site.web))).json()) as T;
}

test("an alert becomes a final event of its unit, whose bundle verifies against the genesis file", async () => {
  const identity = identityOf(site, vehicle);
  const client = await mqttAt(site, "unit-1", { clientId: vehicle, identity });
  await client.publishAsync(upTopic(vehicle, "urgent"), alarmOf(site, vehicle), { qos: 1 });
  await client.endAsync(true);
  const alert = await eventually("a final notice of the alert", async () => {
    for (const { id } of await ask<Shown[]>(`v1/alerts?vehicle=${vehicle}`)) {
      const shown = await ask<Shown>(`v1/alerts/${id}`);
      if (shown.notices[0]?.finality === "final") return shown;
    }
    return undefined;
  });
  const [notice] = alert.notices;
  expect(notice).toMatchObject({ news: "raised", unitId: "unit-1" });
  expect(notice?.finalHeight).toBeGreaterThan(0);
  const event = await ask<object>(`v1/events/${notice?.eventId}`);
  expect(event).toMatchObject({
    ...{ class: "maintenance-notice", level: 3, standing: 0, vehicleId: vehicle },
    sentence: `New alert: ${alert.sentence}`,
    frame: { stream: "urgent", sequence: 1_000_000 },
  });
  const bundle = join(site.dataDir, "notice.vfb");
  writeFileSync(bundle, await provenBundle(site.web, `v1/events/${notice?.eventId}/bundle`));
  const genesis = join(site.dataDir, "genesis.json");
  const verified = await voltfog("verify", bundle, "--genesis", genesis, "--json");
  expect(verified).toMatchObject({ code: 0 });
  expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, kind: "event" });
});

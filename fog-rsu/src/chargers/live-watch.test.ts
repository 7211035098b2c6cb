import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeChargerReport } from "@voltfog/forecasting";
import { type LogFields, ManualClock, SeededRandom, silentLogger } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ChargerWatch } from "./charger-reports.ts";
import { watchChargers } from "./charger-watch.ts";

/** Constructed from the dataset's documented columns. */
const row = {
  ...{ id_pdc: "FR*V75*E9001*01*1", statut_pdc: "Disponible", adresse_station: "4 Quai" },
  ...{ last_updated: "2026-11-21T12:00:00+01:00", coordonneesxy: { lon: 2.34, lat: 48.85 } },
};

let folder: string;
let server: Server;
let answer: { status: number; body: string };
let clock: ManualClock;
let warned: LogFields[];
let watch: ChargerWatch | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "live-"));
  answer = { status: 200, body: JSON.stringify([row]) };
  clock = new ManualClock(Date.parse("2026-11-21T11:01:00Z"));
  warned = [];
  server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  watch = await watchChargers({
    ...{ replay: "", models: "", step_ms: 1000, dataDir: folder, feed: "belib", clock },
    feedUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    random: new SeededRandom(1),
    logger: { ...silentLogger, warn: (_message, fields = {}) => warned.push(fields) },
    changed: () => {},
  });
});
afterEach(async () => {
  await watch?.stop();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function reported(): object {
  const report = decodeChargerReport(JSON.parse(new TextDecoder().decode(watch?.news?.body)));
  return report.ok ? report.value : expect.fail(report.problem.detail);
}

test("what the network says is reported as live, in its own zone, and kept as history", async () => {
  clock.advance(1);
  await vi.waitFor(() => expect(watch?.news?.count).toBe(1));
  expect(reported()).toMatchObject({
    ...{ network: "belib-live", origin: "live", zone_min: 60, forecast: "baseline" },
    sites: [{ name: "4 Quai", plugs: [{ id: "FR*V75*E9001*01*1", status: "available" }] }],
  });
  expect(readFileSync(join(folder, "chargers", "status.csv"), "utf8")).toBe(
    "snapshot_utc,id_pdc,status,last_updated_utc\n" +
      "2026-11-21T11:01:00Z,FR*V75*E9001*01*1,available,2026-11-21T11:00:00Z\n",
  );
});

test("a network whose form has changed is a clear warning, and the last good report stays", async () => {
  clock.advance(1);
  await vi.waitFor(() => expect(watch?.news?.count).toBe(1));
  answer.body = JSON.stringify([{ ...row, statut_pdc: undefined }]);
  clock.advance(70_000);
  await vi.waitFor(() =>
    expect(warned).toMatchObject([{ code: "FEED_SCHEMA", detail: "statut_pdc", failures: 1 }]),
  );
  answer = { status: 500, body: "" };
  clock.advance(140_000);
  await vi.waitFor(() => expect(warned.at(-1)).toMatchObject({ code: "FEED_STATUS", failures: 2 }));
  expect(watch?.news?.count).toBe(1);
});

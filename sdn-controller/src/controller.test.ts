import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controllerConfig } from "./config.ts";
import { type RunningController, runController } from "./controller.ts";

interface Attached {
  readonly unitId: string;
  readonly reason: string;
}

interface FakeUnit {
  readonly address: string;
  readonly assignments: { version: number; functions: { id: string; vehicles: string[] }[] }[];
  close(): Promise<void>;
}

async function fakeUnit(id: string): Promise<FakeUnit> {
  const assignments: FakeUnit["assignments"] = [];
  const server: Server = createServer(async (request, response) => {
    if (request.method === "PUT") {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      assignments.push(JSON.parse(body));
    }
    response.end(JSON.stringify({ id, connectedVehicles: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `${id}@http://127.0.0.1:${port}@127.0.0.1:1`,
    assignments,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

describe("runController", () => {
  let dataDir = "";
  let units: FakeUnit[] = [];
  let controller: RunningController | undefined;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "controller-"));
    units = await Promise.all(["unit-1", "unit-2"].map(fakeUnit));
  });
  afterEach(async () => {
    await controller?.stop();
    await Promise.all(units.map((unit) => unit.close()));
    rmSync(dataDir, { recursive: true });
  });

  async function start(): Promise<string> {
    const flags = {
      dataDir,
      httpPort: 0,
      poll_ms: 50,
      equalLatency_ms: 1000,
      units: units.map((unit) => unit.address),
    };
    const config = controllerConfig.parse({ flags });
    if (!config.ok) throw new Error(config.problem.detail);
    controller = await runController(config.value, { logger: silentLogger, clock: systemClock });
    const url = `http://127.0.0.1:${controller.ports.http}`;
    await expect.poll(async () => (await fetch(`${url}/ready`)).status).toBe(200);
    return url;
  }

  it("attaches vehicles with a reason, tells the units, and remembers both after a restart", async () => {
    const url = await start();
    const attach = async (base: string, id: string): Promise<Attached> =>
      (await (await fetch(`${base}/v1/attachments/${id}`)).json()) as Attached;
    const first = await attach(url, "vehicle-01");
    const second = await attach(url, "vehicle-02");
    expect(new Set([first.unitId, second.unitId])).toEqual(new Set(["unit-1", "unit-2"]));
    expect(first).toMatchObject({ mqttUrl: "mqtt://127.0.0.1:1" });
    expect(first.reason).toMatch(/lowest latency/);
    const told = (unit: FakeUnit | undefined): unknown =>
      unit?.assignments.at(-1)?.functions[0]?.vehicles.length;
    await expect.poll(() => units.map(told)).toEqual([1, 1]);

    await controller?.stop();
    const again = await start();
    expect((await attach(again, "vehicle-01")).unitId).toBe(first.unitId);
    expect((await attach(again, "vehicle-02")).unitId).toBe(second.unitId);
  });

  it("refuses bad vehicles and latencies with a code below 500", async () => {
    const url = await start();
    const bad = await fetch(`${url}/v1/attachments/No%20Vehicle`);
    expect([bad.status, await bad.json()]).toMatchObject([400, { code: "VEHICLE_INVALID" }]);
    const report = await fetch(`${url}/v1/latencies`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"vehicleId":"vehicle-01","latencies":[{"unitId":"unit-1","latency_ms":-3}]}',
    });
    expect([report.status, await report.json()]).toMatchObject([400, { code: "LATENCY_INVALID" }]);
  });

  it("answers 503 while every unit is dead", async () => {
    const url = await start();
    await Promise.all(units.map((unit) => unit.close()));
    const dead = async (): Promise<unknown> =>
      (
        (await (await fetch(`${url}/v1/topology`)).json()) as { units: { alive: boolean }[] }
      ).units.map((unit) => unit.alive);
    await expect.poll(dead).toEqual([false, false]);
    const answer = await fetch(`${url}/v1/attachments/vehicle-01`);
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: "NO_UNIT" }]);
  });
});

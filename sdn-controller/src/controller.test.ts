import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import {
  createHttpClient,
  type HttpCall,
  type PeerRole,
  serverTls,
  systemClock,
  type TlsIdentity,
} from "@voltfog/runtime/node";
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

/** A busy machine takes its time. */
const patience = { timeout: 30_000 };
const now_ms = systemClock.wall_ms();
const authority = await CertificateAuthority.create({ name: "test", now_ms });
const identityOf = (id: string, role: PeerRole): Promise<TlsIdentity> =>
  authority.newIdentity({ id, role }, { now_ms });

/** Asks over the backbone, as the fleet unless told otherwise. */
async function ask(
  url: string,
  asked: Pick<HttpCall, "path" | "method" | "body">,
  role: PeerRole = "edge",
): Promise<{ status: number; json: unknown }> {
  const identity = await identityOf("fleet", role);
  const client = createHttpClient({ url, peerId: "controller", identity });
  const signal = AbortSignal.timeout(5000);
  const { status, body } = await client.call({ ...asked, signal, bodyMax_bytes: 100_000 });
  client.close();
  return { status, json: JSON.parse(Buffer.from(body).toString()) };
}

async function fakeUnit(id: string): Promise<FakeUnit> {
  const assignments: FakeUnit["assignments"] = [];
  let leader: { term: number; id: string } = { term: 0, id: "" };
  const tls = serverTls(await identityOf(id, "unit"));
  const server = createServer(tls, async (request, response) => {
    if (request.method === "PUT") {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      assignments.push(JSON.parse(body));
    }
    const query = new URL(request.url ?? "", "https://unit").searchParams;
    const term = Number(query.get("term") ?? 0);
    if (term > leader.term) leader = { term, id: query.get("controller") ?? "" };
    const pulse = { incarnation: "ab", connectedVersion: 0, stateVersion: 0, term: leader.term };
    const heard = leader.term === 0 ? null : { id: leader.id, silent_ms: 0 };
    response.end(JSON.stringify({ id, connectedVehicles: [], ...pulse, leader: heard }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `${id}@https://127.0.0.1:${port}@127.0.0.1:1`,
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

  /** The plain address; `backbone()` is the other. */
  async function start(): Promise<string> {
    const { authority: ca, certificate, key } = await identityOf("controller", "controller");
    const put = (name: string, text: string): string => {
      writeFileSync(join(dataDir, name), text);
      return join(dataDir, name);
    };
    const flags = {
      dataDir,
      tlsAuthority: put("ca.crt", ca),
      tlsCertificate: put("own.crt", certificate),
      tlsKey: put("own.key", key),
      backbonePort: 0,
      httpPort: 0,
      poll_ms: 50,
      beat_ms: 20,
      equalLatency_ms: 1000,
      units: units.map((unit) => unit.address),
    };
    const config = controllerConfig.parse({ flags });
    if (!config.ok) throw new Error(config.problem.detail);
    controller = await runController(config.value, { logger: silentLogger, clock: systemClock });
    const url = `http://127.0.0.1:${controller.ports.http}`;
    await expect.poll(async () => (await fetch(`${url}/ready`)).status, patience).toBe(200);
    return url;
  }

  const backbone = (): string => `https://127.0.0.1:${controller?.ports.backbone}`;

  it("attaches vehicles with a reason, tells the units, and remembers both after a restart", async () => {
    await start();
    const attach = async (id: string): Promise<Attached> =>
      (await ask(backbone(), { path: `/v1/attachments/${id}` })).json as Attached;
    const first = await attach("vehicle-01");
    const second = await attach("vehicle-02");
    expect(new Set([first.unitId, second.unitId])).toEqual(new Set(["unit-1", "unit-2"]));
    expect(first).toMatchObject({ mqttUrl: "mqtts://127.0.0.1:1" });
    expect(first.reason).toMatch(/lowest latency/);
    const told = (unit: FakeUnit | undefined): unknown =>
      unit?.assignments.at(-1)?.functions[0]?.vehicles.length;
    await expect.poll(() => units.map(told), patience).toEqual([1, 1]);

    await controller?.stop();
    await start();
    expect((await attach("vehicle-01")).unitId).toBe(first.unitId);
    expect((await attach("vehicle-02")).unitId).toBe(second.unitId);
  });

  it("refuses bad vehicles and latencies with a code below 500", async () => {
    await start();
    const bad = await ask(backbone(), { path: "/v1/attachments/No%20Vehicle" });
    expect(bad).toMatchObject({ status: 400, json: { code: "VEHICLE_INVALID" } });
    const bytes = '{"vehicleId":"vehicle-01","latencies":[{"unitId":"unit-1","latency_ms":-3}]}';
    const body = { type: "application/json", bytes };
    const report = await ask(backbone(), { path: "/v1/latencies", method: "POST", body });
    expect(report).toMatchObject({ status: 400, json: { code: "LATENCY_INVALID" } });
  });

  it("lets vehicles ask for their place and the cloud look on, and nobody else do either", async () => {
    const url = await start();
    const path = "/v1/attachments/vehicle-01";
    for (const role of ["cloud", "unit", "operator"] as const) {
      expect(await ask(backbone(), { path }, role), role).toMatchObject({
        status: 403,
        json: { code: "ROLE_REFUSED" },
      });
    }
    expect((await ask(backbone(), { path: "/v1/placements" }, "cloud")).status).toBe(200);
    expect((await fetch(`${url}/v1/placements`)).status).toBe(200);
    expect((await fetch(url + path)).status).toBe(404);
  });

  it("answers 503 while every unit is dead", async () => {
    const url = await start();
    await Promise.all(units.map((unit) => unit.close()));
    const dead = async (): Promise<unknown> =>
      (
        (await (await fetch(`${url}/v1/topology`)).json()) as { units: { alive: boolean }[] }
      ).units.map((unit) => unit.alive);
    await expect.poll(dead, patience).toEqual([false, false]);
    const answer = await ask(backbone(), { path: "/v1/attachments/vehicle-01" });
    expect(answer).toMatchObject({ status: 503, json: { code: "NO_UNIT" } });
  });
});

import { afterEach, expect, test } from "vitest";
import { silentLogger } from "../logger.ts";
import { createHttpService, type HttpService } from "./http-service.ts";

const open: HttpService[] = [];
afterEach(async () => {
  for (const service of open.splice(0)) await service.close();
});

function start(options: { port: number; missing?: () => readonly string[] }): HttpService {
  const service = createHttpService({
    process: "test",
    host: "127.0.0.1",
    logger: silentLogger,
    ...options,
  });
  open.push(service);
  return service;
}

test("health, readiness and metrics answer", async () => {
  let missing: string[] = ["store"];
  const service = start({ port: 0, missing: () => missing });
  const base = `http://127.0.0.1:${await service.listen()}`;
  expect((await fetch(`${base}/health`)).status).toBe(200);
  const waiting = await fetch(`${base}/ready`);
  expect([waiting.status, await waiting.json()]).toEqual([
    503,
    { ready: false, missing: ["store"] },
  ]);
  missing = [];
  expect((await fetch(`${base}/ready`)).status).toBe(200);
  expect(await (await fetch(`${base}/metrics`)).text()).toContain("process_cpu_seconds_total");
});

test("an unknown path, a broken body and our own fault each get a code", async () => {
  const service = start({ port: 0 });
  service.app.post("/echo", (request) => request.body);
  service.app.get("/fault", () => {
    throw new Error("secret detail");
  });
  const base = `http://127.0.0.1:${await service.listen()}`;
  expect(await (await fetch(`${base}/nope`)).json()).toMatchObject({ code: "NOT_FOUND" });
  const broken = await fetch(`${base}/echo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
  });
  expect(broken.status).toBe(400);
  const fault = await fetch(`${base}/fault`);
  expect(fault.status).toBe(500);
  expect(await fault.json()).toEqual({ code: "INTERNAL", message: "internal error" });
});

test("no number slips past the limits of a route", async () => {
  const service = start({ port: 0 });
  const wait_ms = { type: "integer", minimum: 0, maximum: 1000 };
  const schema = { querystring: { type: "object", properties: { wait_ms } } };
  service.app.get("/wait", { schema }, () => ({}));
  const base = `http://127.0.0.1:${await service.listen()}`;
  const statusOf = async (value: string): Promise<number> =>
    (await fetch(`${base}/wait?wait_ms=${value}`)).status;
  expect(await Promise.all(["0", "1000", "1e3"].map(statusOf))).toEqual([200, 200, 200]);
  for (const value of ["1001", "-1", "0.5", "NaN", "Infinity", "-Infinity", "1e999"]) {
    expect([value, await statusOf(value)]).toEqual([value, 400]);
  }
});

test("a taken port is PORT_IN_USE with what to do", async () => {
  const first = start({ port: 0 });
  const port = await first.listen();
  const second = start({ port });
  await expect(second.listen()).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: `port ${port} is taken by another process`,
  });
});

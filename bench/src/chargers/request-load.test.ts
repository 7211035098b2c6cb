import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requestLoad } from "./request-load.ts";

let server: Server;
let bodies: string[];
let web: string;

beforeEach(async () => {
  bodies = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      bodies.push(body);
      response.writeHead(request.url === "/broken" ? 500 : 200).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => void server.close());

const load = { isAsking: true, rate_Hz: 1000, count: 20, seed: 3, clock: systemClock };

test("every request is answered once, and drivers ask from different places", async () => {
  const { took_ms, failed } = await requestLoad({ ...load, web, path: "/v1/recommendations" });
  expect([took_ms.length, failed, bodies.length]).toEqual([20, 0, 20]);
  expect(new Set(bodies).size).toBe(20);
  expect(JSON.parse(bodies[0] ?? "")).toMatchObject({ limit: 10 });
});

test("a refusal and a dead server count as failed, not as fast", async () => {
  const broken = await requestLoad({ ...load, web, path: "/broken", isAsking: false });
  expect([broken.took_ms.length, broken.failed]).toEqual([0, 20]);
  const nobody = await requestLoad({
    ...load,
    web: "http://127.0.0.1:9",
    path: "/",
    isAsking: false,
  });
  expect([nobody.took_ms.length, nobody.failed]).toEqual([0, 20]);
});

import { readFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite } from "../system/running-site.ts";

const listeners = 1000;
const growthMax_bytes = 200 * 1024 * 1024;
let site: RunningSite;

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "4");
});
afterAll(() => site?.stop());

/** Resident memory of the cloud process (Linux). */
function resident_bytes(): number {
  const status = readFileSync(`/proc/${site.pidOf("cloud")}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

async function clients(): Promise<number> {
  const text = await (await fetch(new URL("metrics", site.web))).text();
  return Number(/^voltfog_cloud_live_clients(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1]);
}

function listen(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(new URL("v1/live", site.web), { agent: false }, resolve).once("error", reject);
  });
}

test("a thousand browsers on the live feed all hear on, in bounded memory, and leave nothing behind", async () => {
  const before_bytes = resident_bytes();
  const heard = new Map<IncomingMessage, number>();
  for (let i = 0; i < listeners; i++) {
    const response = await listen();
    expect(response.statusCode).toBe(200);
    heard.set(response, 0);
    response.on("data", (bytes: Buffer) => {
      const summaries = bytes.toString().split('"type":"summary"').length - 1;
      heard.set(response, (heard.get(response) ?? 0) + summaries);
    });
    response.on("error", () => {});
  }
  expect(await clients()).toBe(listeners);
  await eventually("each to hear ten beats", () =>
    [...heard.values()].every((count) => count >= 10) ? true : undefined,
  );
  const growth_bytes = resident_bytes() - before_bytes;
  expect(growth_bytes).toBeLessThan(growthMax_bytes);
  // The pages and the API answer on beside them.
  expect((await fetch(new URL("v1/vehicles", site.web))).status).toBe(200);
  for (const response of heard.keys()) response.destroy();
  await eventually("all to be gone", async () => ((await clients()) === 0 ? true : undefined));
});

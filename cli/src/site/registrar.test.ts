import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRotation, signRotation } from "@voltfog/ledger";
import { ManualClock, toHex } from "@voltfog/runtime";
import { createSigningKey, loadSigningKey, systemClock, systemRandom } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hostileTexts } from "../../../test/forgery/hostile-values.ts";
import { openSite } from "./open-site.ts";
import { openRegistrar, type Registrar } from "./registrar.ts";
import { certifySite } from "./site-certificates.ts";
import { sitePaths } from "./site-folder.ts";
import { readGenesis } from "./site-record.ts";

const paths = sitePaths(mkdtempSync(join(tmpdir(), "registrar-")));
/** Each request of these tests comes a minute after the last, or most would be one too many. */
const clock = new ManualClock(systemClock.wall_ms());
const routes = ["/v1/enrolments", "/v1/rotations"] as const;
const told: string[] = [];
let registrar: Registrar;
let before: string;

beforeAll(async () => {
  const asked = { units: 1, vehicles: 2 };
  const { site } = openSite({ paths, asked, clock: systemClock, random: systemRandom });
  await certifySite({ paths, site, clock: systemClock });
  const news = ({ vehicle }: { vehicle: string }): unknown => told.push(vehicle);
  registrar = await openRegistrar({
    ...{ paths, clock, host: "127.0.0.1", port: 0, random: systemRandom },
    enrolled: news,
    rotated: news,
    refused: () => {},
  });
  before = readFileSync(paths.enrolled, "utf8");
});
afterAll(async () => {
  await registrar.close();
  rmSync(paths.root, { recursive: true });
});

interface Answered {
  readonly status: number;
  readonly code: string;
}

function send(path: string, body: string | Uint8Array, method = "POST"): Promise<Answered> {
  clock.advance(60_001);
  const ca = readFileSync(join(paths.certificates, "ca.crt"));
  const options = { method, ca, servername: "registrar", agent: false };
  return new Promise((resolve, reject) => {
    const url = `https://127.0.0.1:${registrar.port}${path}`;
    const sent = request(url, options, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += String(part);
      });
      response.on("end", () => {
        const { code } = JSON.parse(text === "" ? "{}" : text) as { code?: string };
        resolve({ status: response.statusCode ?? 0, code: code ?? "" });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

it.each(routes)("%s answers hostile values with a code, and goes on", async (path) => {
  const values: unknown[] = [...hostileTexts, 7, null, true, [], {}, [[[]]]];
  for (const value of values) {
    for (const body of [
      { token: value, csr: value, rotation: value },
      { token: "vfe_00", csr: value, rotation: [value] },
      value,
    ]) {
      const { status, code } = await send(path, JSON.stringify(body));
      expect([400, 422], JSON.stringify(body)).toContain(status);
      expect(["BODY_INVALID", "CSR_INVALID", "TOKEN_UNKNOWN", "ROTATION_INVALID"]).toContain(code);
    }
  }
  expect(readFileSync(paths.enrolled, "utf8")).toBe(before);
});

it.each(routes)("%s answers any bytes with a code", async (path) => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) =>
        Buffer.from(JSON.stringify({ rotation: toHex(bytes), token: "", csr: toHex(bytes) })),
      ),
  );
  await fc.assert(
    fc.asyncProperty(body, async (bytes) => {
      const { status, code } = await send(path, bytes);
      expect([400, 422]).toContain(status);
      expect(code).not.toBe("");
    }),
    { numRuns: 60 },
  );
  expect(await send(path, "x".repeat(1_000_000)).catch(() => "cut off")).toSatisfy(
    (answered: Answered | string) =>
      answered === "cut off" || (answered as Answered).status === 400,
  );
  expect((await send(path, "{}", "GET")).status).toBe(404);
  expect((await send(`${path}/../x`, "{}")).status).toBe(404);
});

it("answers no more than sixty requests in a minute", async () => {
  const answers = [await send("/v1/rotations", "{}")];
  const advance = clock.advance.bind(clock);
  clock.advance = () => {};
  for (let i = 0; i < 60; i++) answers.push(await send("/v1/rotations", "{}"));
  clock.advance = advance;
  expect(answers.map(({ status }) => status)).toEqual([...Array(60).fill(400), 429]);
  expect(await send("/v1/rotations", "{}")).toMatchObject({ code: "BODY_INVALID" });
});

it("still changes a key on the word of both", async () => {
  const from = loadSigningKey(join(paths.keys, "vehicle-01.key"));
  const to = createSigningKey(join(paths.root, "new.key"));
  const { chainId } = readGenesis(paths.genesis);
  const last = { telemetry: 1, urgent: 0 };
  const rotation = toHex(encodeRotation(signRotation({ chainId, from, to, last })));
  expect(await send("/v1/rotations", JSON.stringify({ rotation }))).toMatchObject({ status: 201 });
  expect(told).toEqual(["vehicle-01"]);
});

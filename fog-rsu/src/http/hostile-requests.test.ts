import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { TestUnit } from "../testing/test-unit.ts";
import { TestVehicle } from "../testing/test-vehicle.ts";

vi.setConfig({ testTimeout: 60_000 });

const unit = new TestUnit([new TestVehicle("vehicle-01")]);
beforeAll(() => unit.start());
afterAll(() => unit.remove());

const oddNumbers = [
  "-1",
  "1.5",
  "1e99",
  "NaN",
  "Infinity",
  "-Infinity",
  "",
  "0x10",
  "9007199254740993",
  "1,2",
  "null",
  "%00",
  "٣",
];
const oddWords = [
  "",
  "..",
  "%2e%2e%2f",
  "'",
  "<b>",
  "\u0000",
  "a".repeat(5000),
  "[object Object]",
  "__proto__",
];

const asked: Record<string, readonly string[]> = {
  "/v1/entries": ["from", "limit", "wait_ms"],
  "/v1/events": ["from", "limit", "wait_ms"],
  "/v1/proofs/frame": ["vehicle", "stream", "sequence"],
  "/v1/status": [],
  "/checkpoint": [],
  "/health": [],
  "/ready": [],
  "/metrics": [],
};

async function statusOf(path: string, init: RequestInit = {}): Promise<number> {
  const response = await unit.fetch(path, { ...init, signal: AbortSignal.timeout(5000) });
  await response.arrayBuffer();
  return response.status;
}

describe.each(Object.keys(asked))("GET %s", (path) => {
  test("answers every odd parameter below 500", async () => {
    for (const name of asked[path] ?? []) {
      for (const value of [...oddNumbers, ...oddWords]) {
        const query = `${name}=${encodeURIComponent(value)}`;
        expect(await statusOf(`${path}?${query}`), query).toBeLessThan(500);
        expect(await statusOf(`${path}?${query}&${query}`), query).toBeLessThan(500);
      }
    }
    expect(await statusOf(path)).toBeLessThan(500);
  });

  test("answers any query and any other method below 500", async () => {
    await fc.assert(
      fc.asyncProperty(fc.webQueryParameters(), async (query) => {
        expect(await statusOf(`${path}?${query}`)).toBeLessThan(500);
      }),
      { numRuns: 25 },
    );
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      expect(await statusOf(path, { method, body: "{}" }), method).toBeLessThan(500);
    }
  });
});

test("a misspelt parameter is refused, not passed over", async () => {
  expect(await statusOf("/v1/entries?form=3")).toBe(400);
  expect(await statusOf("/v1/events?limit=1&constructor=1")).toBe(400);
});

test.each([
  ["a number with a fraction", "/v1/entries?from=1.5"],
  ["a negative number", "/v1/entries?from=-1"],
  ["a limit beyond the most", "/v1/entries?limit=100000"],
  ["a wait beyond the longest", "/v1/entries?wait_ms=999999"],
  ["a wait without an end", "/v1/events?wait_ms=Infinity"],
  ["a limit without an end", "/v1/events?limit=Infinity"],
  ["a place below every other", "/v1/entries?from=-Infinity"],
  ["a stream that is none", "/v1/proofs/frame?vehicle=vehicle-01&sequence=1&stream=other"],
  ["no vehicle", "/v1/proofs/frame?sequence=1"],
  ["an event id that is no hash", "/v1/proofs/event/abc"],
])("%s is refused with 400", async (_name, path) => {
  expect(await statusOf(path)).toBe(400);
});

test("a proof of what is not there is 404, before anybody asks the chain", async () => {
  expect(await statusOf("/v1/proofs/frame?vehicle=vehicle-01&sequence=9")).toBe(404);
  expect(await statusOf("/v1/proofs/frame?vehicle=vehicle-99&sequence=1")).toBe(404);
  expect(await statusOf(`/v1/proofs/event/${"ab".repeat(32)}`)).toBe(404);
});

const json = { "content-type": "application/json" };

describe.each([
  ["PUT", "/v1/assignment"],
  ["POST", "/v1/vehicles/vehicle-01/commands"],
  ["POST", "/v1/notices"],
])("%s %s", (method, path) => {
  test("answers any JSON and any bytes below 500", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        expect(await statusOf(path, { method, headers: json, body })).toBeLessThan(500);
      }),
      { numRuns: 40 },
    );
    for (const body of ["", "{", "[[[[", "\u0000", '{"__proto__":{}}', "a".repeat(2_000_000)]) {
      expect(await statusOf(path, { method, headers: json, body })).toBeLessThan(500);
      expect(await statusOf(path, { method, body })).toBeLessThan(500);
    }
  });
});

test.each([
  ["a kind that is none", { kind: "open-contactor", value: 1 }],
  ["a negative limit", { kind: "limit-charge-current", value: -1 }],
  ["a value that is too large", { kind: "limit-charge-current", value: 1e12 }],
  ["more cooling than there is", { kind: "request-cooling", value: 2 }],
  ["no value", { kind: "request-cooling" }],
  ["null as value", { kind: "limit-charge-current", value: null }],
  ["a number in words", { kind: "limit-charge-current", value: "12" }],
  ["a further field", { kind: "request-cooling", value: 1, force: true }],
])("a command with %s is refused with 400", async (_name, body) => {
  const init = { method: "POST", headers: json, body: JSON.stringify(body) };
  expect(await statusOf("/v1/vehicles/vehicle-01/commands", init)).toBe(400);
});

test.each([
  ["a version that is no number", { version: "one", functions: [] }],
  ["a vehicle that is none", { version: 1, functions: [{ id: "x", vehicles: ["../"] }] }],
  ["no functions", { version: 1 }],
  ["null as list", { version: 1, functions: null }],
])("an assignment with %s is refused with 400", async (_name, body) => {
  const init = { method: "PUT", headers: json, body: JSON.stringify(body) };
  expect(await statusOf("/v1/assignment", init)).toBe(400);
});

test("an assignment of a term that is over is refused with 409 and the term that holds", async () => {
  const put = async (claim: object): Promise<unknown> => {
    const body = JSON.stringify({ ...claim, version: 1, functions: [] });
    const answer = await unit.fetch("/v1/assignment", { method: "PUT", headers: json, body });
    return answer.status === 204 ? 204 : [answer.status, await answer.json()];
  };
  const { term } = await unit.json<{ term: number }>("/v1/heartbeat");
  expect(await put({ term: term + 2, controllerId: "controller" })).toBe(204);
  const stale = [409, { code: "TERM_STALE", term: term + 2, message: expect.anything() }];
  expect(await put({ term: term + 1, controllerId: "controller" })).toEqual(stale);
  expect(await put({ term: term + 2, controllerId: "controller-2" })).toEqual(stale);
  expect(await put({})).toEqual(stale);
  const next = `/v1/heartbeat?term=${term + 3}&controller=controller-2`;
  expect(await unit.json(next)).toMatchObject({
    id: "unit-1",
    term: term + 3,
    leader: { id: "controller-2" },
  });
  expect(await put({ term: term + 2, controllerId: "controller" })).toMatchObject([409, {}]);
  expect(await unit.json("/v1/status")).toMatchObject({ leader: { id: "controller-2" } });
});

test("an assignment counts until the next one", async () => {
  const put = (functions: object[]): Promise<number> =>
    statusOf("/v1/assignment", {
      method: "PUT",
      headers: json,
      body: JSON.stringify({ term: 1e6, controllerId: "controller", version: 3, functions }),
    });
  const served = async (): Promise<readonly string[]> => {
    type Status = { functions: { id: string; vehicles: string[] | null }[] };
    const { functions } = await unit.json<Status>("/v1/status");
    return functions.flatMap(({ id, vehicles }) =>
      (vehicles ?? ["everyone"]).map((v) => `${id} ${v}`),
    );
  };
  expect(await put([{ id: "thermal-alert", vehicles: ["vehicle-01"] }])).toBe(204);
  expect(await served()).toEqual(["thermal-alert vehicle-01"]);
  expect(
    await put([
      { id: "charge-guard", vehicles: [] },
      { id: "unknown", vehicles: [] },
    ]),
  ).toBe(204);
  expect(await served()).toEqual([]);
});

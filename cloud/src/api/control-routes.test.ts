import { ManualClock, utf8 } from "@voltfog/runtime";
import { Ajv } from "ajv";
import fc from "fast-check";
import fastify, { type FastifyInstance } from "fastify";
import { beforeEach, expect, test } from "vitest";
import { ControlDesk } from "../control/control-desk.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import type { ApiContext } from "./api-context.ts";
import { controlRoutes } from "./control-routes.ts";
import type { EventView } from "./responses.ts";

const moves = Array.from({ length: 5 }, (_, at) => ({
  ...{ at_ms: at, vehicleId: "car-1", from: "unit-1", to: "unit-2" },
  ...{ trigger: "faster", why: "20 ms less" },
}));
const ordered = { at_ms: 1, who: "operator", action: "deny", subject: "10.0.0.1", why: "flood" };
const answers: Readonly<Record<string, object>> = {
  "/v1/topology": { units: [{ id: "unit-1", alive: true, connectedVehicles: 0 }] },
  "/v1/placements": { version: 2, attachments: [], functions: [] },
  "/v1/placements/history?limit=500": { moves },
  "/v1/policies": {
    ...{ version: 1, quarantine: [{ vehicleId: "car-7", reason: "forged" }] },
    audit: [
      { ...ordered, order: { id: "v4-4", event: null } },
      ...["new", "logged", "final"].map((id) => ({
        ...{ ...ordered, order: { id: `order-${id}`, event: { id, unitId: "unit-1" } } },
      })),
      { ...ordered, action: "limit" },
    ],
  },
  "/v1/what-if": { sentence: "one vehicle moves", units: [], after: { moves: [], unserved: [] } },
};

let app: FastifyInstance;
let posted: string[];
/** Events that the cloud has, and those that it was asked for. */
let stored: Record<string, Pick<EventView, "finality" | "finalHeight">>;
let lookedUp: string[];

beforeEach(() => {
  posted = [];
  lookedUp = [];
  stored = {
    logged: { finality: "logged", finalHeight: null },
    final: { finality: "final", finalHeight: 12 },
  };
  app = fastify();
  const ajv = new Ajv({ coerceTypes: true, useDefaults: true, strict: false });
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema as object));
  const controller = fakeRemote({
    answer: (path, json) => {
      if (json !== undefined) posted.push(json);
      return { status: 200, body: utf8(JSON.stringify(answers[path] ?? {})) };
    },
  });
  const clock = new ManualClock(9);
  const control = new ControlDesk({ controller, clock, signal: new AbortController().signal });
  const event = (id: string) => {
    lookedUp.push(id);
    return Promise.resolve(stored[id]);
  };
  controlRoutes(app, { control, store: { event } } as unknown as ApiContext);
});

const suppose = (payload: unknown) =>
  app.inject({ method: "POST", url: "/v1/control/what-if", payload: payload as object });

test("topology, placements and policies are the controller's, with how fresh they are", async () => {
  const seen = async (name: string) => (await app.inject(`/v1/control/${name}`)).json();
  expect(await seen("topology")).toMatchObject({
    answer: { at_ms: 9, fresh: true },
    units: [{ id: "unit-1", capacity: null }],
  });
  expect(await seen("placements")).toMatchObject({ answer: { fresh: true }, version: 2 });
  expect(await seen("policies")).toMatchObject({ quarantine: [{ vehicleId: "car-7" }] });
});

test("an order says which event it became, and what is final is looked up once", async () => {
  const orders = async () => {
    const { changes } = (await app.inject("/v1/control/policies")).json();
    return changes.map(({ order }: { order: unknown }) => order);
  };
  const unitId = "unit-1";
  const final = { event: { id: "final", unitId, finality: "final", finalHeight: 12 } };
  expect(await orders()).toEqual([
    { event: null },
    { event: { id: "new", unitId, finality: null, finalHeight: null } },
    { event: { id: "logged", unitId, finality: "logged", finalHeight: null } },
    final,
    null,
  ]);
  lookedUp = [];
  stored = { logged: { finality: "final", finalHeight: 13 } };
  expect((await orders()).slice(2, 4)).toEqual([
    { event: { id: "logged", unitId, finality: "final", finalHeight: 13 } },
    final,
  ]);
  expect(lookedUp).toEqual(["new", "logged"]);
});

test("of the history so many are given as were asked for, the newest first", async () => {
  const { moves: shown } = (await app.inject("/v1/control/history?limit=2")).json();
  expect(shown.map(({ at_ms }: { at_ms: number }) => at_ms)).toEqual([4, 3]);
  expect((await app.inject("/v1/control/history?limit=0")).statusCode).toBe(400);
});

test("a supposition goes to the controller and comes back worked out", async () => {
  const body = { down: ["unit-1"], vehicles: 3, slower: { "unit-2": 1.5 } };
  expect((await suppose(body)).json()).toMatchObject({ sentence: "one vehicle moves" });
  expect(posted).toEqual([JSON.stringify(body)]);
});

test.each([
  ["null for a number", { vehicles: null }],
  ["a text for a number", { vehicles: "3" }],
  ["one text for a list", { down: "unit-1" }],
  ["no id of a unit", { down: ["UNIT 1"] }],
  ["a unit that gets faster", { slower: { "unit-1": 0.5 } }],
  ["a ratio of null", { slower: { "unit-1": null } }],
  ["null for ratios", { slower: null }],
  ["an unknown field", { weather: 3 }],
  ["no object", []],
])("%s is refused and the controller not asked", async (_name, payload) => {
  expect((await suppose(payload)).statusCode).toBe(400);
  expect(posted).toEqual([]);
});

test("no JSON body makes an answer of 500", async () => {
  const keys = ["down", "vehicles", "slower"];
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.constantFrom(...keys), async (value, key) => {
      const odd = await suppose({ [key]: value });
      const plain = await suppose(typeof value === "object" ? value : { value });
      expect([odd.statusCode < 500, plain.statusCode < 500]).toEqual([true, true]);
    }),
  );
});

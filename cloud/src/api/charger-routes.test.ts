import { ChargerBoard } from "@voltfog/forecasting";
import { ManualClock } from "@voltfog/runtime";
import { Ajv } from "ajv";
import fc from "fast-check";
import fastify, { type FastifyInstance } from "fastify";
import { beforeEach, expect, test } from "vitest";
import type { ApiContext } from "./api-context.ts";
import { chargerRoutes } from "./charger-routes.ts";

const shown_ms = 1_700_000_000_000;
const plugs = ["available", "charging"].map((status, i) => ({
  ...{ id: `p${i}`, types: ["type2"] as const, power_kW: 22, usual: 0.5 },
  ...{ status: status as "available", shares: { available: 0.7, charging: 0.3 } },
}));
const site = { id: "s 1*", name: "Quai 1", latitude: 48.86, longitude: 2.35, plugs };

let app: FastifyInstance;
let board: ChargerBoard;

beforeEach(() => {
  board = new ChargerBoard();
  app = fastify();
  const ajv = new Ajv({
    coerceTypes: true,
    useDefaults: true,
    strict: false,
    strictNumbers: false,
  });
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema as object));
  const clock = new ManualClock(shown_ms);
  chargerRoutes(app, { chargers: board, clock } as unknown as ApiContext);
});

function know(): void {
  board.take({
    ...{ version: 1, count: 1, network: "n", title: "t", attribution: "", origin: "replayed" },
    ...{ zone_min: 60, at_ms: 1000, shown_ms, horizon_min: 60, forecast: "baseline" },
    ...{ forecastNote: "", suspicion: "", sites: [{ ...site, price_EURperkWh: 0.5 }] },
  });
}

const asked = { latitude: 48.85, longitude: 2.35, soc: 0.3 };
const ask = (payload: unknown) =>
  app.inject({ method: "POST", url: "/v1/recommendations", payload: payload as object });

test("before anything is known every question is answered with that", async () => {
  for (const url of ["/v1/chargers", "/v1/chargers/x"]) {
    const { statusCode, body } = await app.inject({ url });
    expect([statusCode, JSON.parse(body).code]).toEqual([503, "CHARGERS_UNKNOWN"]);
  }
  expect((await ask(asked)).json()).toMatchObject({ code: "CHARGERS_UNKNOWN" });
});

test("the map is GeoJSON with what is free", async () => {
  know();
  const answer = await app.inject({ url: "/v1/chargers" });
  expect(answer.headers["content-type"]).toContain("application/geo+json");
  expect(answer.json()).toMatchObject({
    type: "FeatureCollection",
    feed: { origin: "replayed", now_ms: 1000 },
    features: [
      {
        geometry: { type: "Point", coordinates: [2.35, 48.86] },
        properties: { plugs: 2, inService: 2, free: 1, price_EURperkWh: 0.5 },
      },
    ],
  });
});

test("one charger shows the class probabilities of each point; an unknown one is 404", async () => {
  know();
  const found = await app.inject({ url: `/v1/chargers/${encodeURIComponent(site.id)}` });
  expect(found.json()).toMatchObject({ points: [{ shares: { available: 0.7 } }, {}] });
  const unknown = await app.inject({ url: "/v1/chargers/other" });
  expect([unknown.statusCode, unknown.json().code]).toEqual([404, "CHARGER_UNKNOWN"]);
});

test("a recommendation says its parts, price and reason, and repeats the question with defaults", async () => {
  know();
  const { asked: question, features, none } = (await ask(asked)).json();
  expect(question).toMatchObject({ ...asked, targetSoc: 0.8, plugs: ["type2", "ccs"], limit: 10 });
  expect(none).toBeNull();
  const { properties } = features[0];
  expect(properties).toMatchObject({ rank: 1, name: "Quai 1", plugs: 2, freeNow: 1 });
  expect(properties.price_EUR).toBeCloseTo(0.5 * properties.energy_kWh, 9);
  expect(properties.reason).toContain("1 of 2 fitting plugs free");
});

test.each([
  ["null for a number", { ...asked, latitude: null }],
  ["a text for a number", { ...asked, soc: "0.3" }],
  ["a latitude beyond the pole", { ...asked, latitude: 91 }],
  ["an unknown plug", { ...asked, plugs: ["nema"] }],
  ["an unknown field", { ...asked, colour: 3 }],
  ["no state of charge", { latitude: 48, longitude: 2 }],
])("%s is refused", async (_name, payload) => {
  know();
  expect((await ask(payload)).statusCode).toBe(400);
});

test("no JSON body makes an answer of 500", async () => {
  know();
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue(),
      fc.constantFrom(...Object.keys(asked), "plugs"),
      async (value, key) => {
        const odd = await ask({ ...asked, [key]: value });
        const plain = await ask(typeof value === "object" ? value : { value });
        expect([odd.statusCode < 500, plain.statusCode < 500]).toEqual([true, true]);
      },
    ),
  );
});

test("a driver goes, and comes back; wrong names and chargers are refused", async () => {
  know();
  const url = "/v1/destinations/0123456789abcdef";
  const put = (payload: object, to = url) => app.inject({ method: "PUT", url: to, payload });
  const way = { charger: site.id, arrival_ms: 2000 };
  expect((await put(way)).statusCode).toBe(204);
  expect((await put({ ...way, charger: "other" })).json()).toMatchObject({
    code: "CHARGER_UNKNOWN",
  });
  expect((await put({ ...way, arrival_ms: -1 })).statusCode).toBe(400);
  expect((await put(way, "/v1/destinations/short")).statusCode).toBe(400);
  expect((await app.inject({ method: "DELETE", url })).statusCode).toBe(204);
  const again = await app.inject({ method: "DELETE", url });
  expect([again.statusCode, again.json().code]).toEqual([404, "DESTINATION_UNKNOWN"]);
});

import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogFields, ManualClock, SeededRandom, silentLogger } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EventView } from "../api/responses.ts";
import { openSideDatabase, type SideDatabase } from "../store/side-database.ts";
import { SmtpServer } from "../testing/smtp-server.ts";
import { feedEvent } from "../testing/store-rows.ts";
import { AlertDesk } from "./alert-desk.ts";
import { type AlertSettings, usualSettings } from "./alert-settings.ts";
import { AlertStore } from "./alert-store.ts";
import { alertTables } from "./alert-tables.ts";
import { Courier } from "./courier.ts";
import { senderOf } from "./send-alert.ts";
import { readAllowedTargets } from "./webhook-address.ts";

const key = "a shared key of enough length";
const hour_ms = 3_600_000;
let folder: string;
let clock: ManualClock;
let database: SideDatabase;
let store: AlertStore;
let desk: AlertDesk;
let settings: AlertSettings;
let server: Server;
let port: number;
let answer: number;
let taken: { id: string; news: string; signature: string; body: string }[];
let errors: [string, LogFields | undefined][];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "alerts-"));
  writeFileSync(join(folder, "key"), `${key}\n`);
  clock = new ManualClock(1_700_000_000_000);
  answer = 204;
  taken = [];
  errors = [];
  server = createServer(
    (request, response) => void receive(request, () => response.writeHead(answer).end()),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
  settings = {
    ...usualSettings,
    receivers: [
      {
        id: "hook",
        kind: "webhook",
        url: `http://127.0.0.1:${port}/x`,
        secret: join(folder, "key"),
      },
    ],
    notify: { levelMin: 1, receivers: ["hook"] },
  };
  await open();
});
afterEach(async () => {
  await database.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function receive(request: IncomingMessage, done: () => void): Promise<void> {
  let body = "";
  for await (const part of request) body += String(part);
  if (answer < 300) {
    const { news } = JSON.parse(body) as { news: string };
    const header = (name: string): string => String(request.headers[name]);
    const id = header("voltfog-delivery");
    taken.push({ id, news, signature: header("voltfog-signature"), body });
  }
  done();
}

async function open(): Promise<void> {
  database = await openSideDatabase({
    ...{ path: join(folder, "maintenance.duckdb"), tables: alertTables },
    ...{ memoryMax_bytes: 2e8, clock },
  });
  store = new AlertStore(database);
  desk = new AlertDesk({
    ...{ store, settings: () => settings, clock },
    fleetOf: (id) => (id === "car-1" ? "north" : "south"),
    logger: silentLogger,
  });
  await desk.restore();
}

/** As after kill -9: nothing of the process is left but the file. */
async function restart(): Promise<void> {
  await database.close();
  await open();
}

function courier(): Courier {
  const allowed = readAllowedTargets([`private:127.0.0.1:${port}`]);
  const logger = {
    ...silentLogger,
    error: (phrase: string, fields?: LogFields) => void errors.push([phrase, fields]),
  };
  const notices = { send: () => Promise.reject(new Error("no chain here")) };
  const send = senderOf({ notices, allowed, clock, signal: new AbortController().signal });
  const random = new SeededRandom(1);
  return new Courier({ store, settings: () => settings, send, clock, random, logger });
}

/** Lets the courier run for so long. */
async function deliver(for_ms: number): Promise<void> {
  const one = courier();
  for (const end_ms = clock.wall_ms() + for_ms; clock.wall_ms() <= end_ms; ) {
    const { pause_ms } = await one.step();
    clock.advance(Math.max(pause_ms * 30, 1));
  }
}

function event(changes: Partial<EventView>): EventView {
  const { event: found, salt, recorded_ms } = feedEvent({ at_ms: 5, state: "asserted" });
  const fresh = { cursor: 1, salt, recorded_ms, finality: "logged", finalHeight: null } as const;
  return { ...found, ...fresh, final_ms: null, resultIndex: null, ...changes };
}

test("a receiver that is down for an hour loses nothing, gets all in order, and only once", async () => {
  answer = 503;
  for (let i = 0; i < 20; i++) {
    await desk.takeEvents([event({ at_ms: 10 + i, condition: `cell ${i}` })], i + 1);
    await deliver(hour_ms / 20);
  }
  expect(taken).toEqual([]);
  await restart();
  expect(await store.eventCursor()).toBe(20);
  answer = 200;
  await deliver(hour_ms);
  expect(taken.map(({ id }) => id)).toEqual(
    Array.from({ length: 20 }, (_, i) => `alert-${i + 1}-${i + 1}`),
  );
  expect(await store.heads()).toEqual([]);
  await deliver(hour_ms);
  expect(taken).toHaveLength(20);
});

test("a message is signed over its time and body with the shared key", async () => {
  await desk.takeEvents([event({})], 1);
  await deliver(1000);
  const [{ signature = "", body = "" } = {}] = taken;
  const [, sent_s] = /^t=(\d+),v1=/.exec(signature) ?? [];
  const mac = createHmac("sha256", key).update(`${sent_s}.${body}`).digest("hex");
  expect(signature).toBe(`t=${sent_s},v1=${mac}`);
  expect(Number(sent_s)).toBe(Math.floor(1_700_000_000));
});

test("what nobody acknowledges is escalated once, to whom that is meant for; acknowledged, it is not", async () => {
  settings = { ...settings, escalate: { after_ms: hour_ms, receivers: ["hook"] } };
  await desk.takeEvents([event({}), event({ vehicleId: "car-2" })], 1);
  await desk.acknowledge({ id: 2, by: "t-1", note: "on it" });
  clock.advance(hour_ms - 1);
  await desk.tick();
  clock.advance(1);
  await restart();
  await desk.tick();
  await desk.tick();
  await deliver(1000);
  expect(taken.map(({ news }) => news)).toEqual(["raised", "raised", "escalated"]);
  expect(await store.alert(2)).toMatchObject({ state: "acknowledged", acknowledgedBy: "t-1" });
  expect((await store.alert(1))?.escalated_ms).toBe(1_700_000_000_000 + hour_ms);
});

test("events that are taken again after a kill raise nothing twice", async () => {
  const events = [event({}), event({ at_ms: 6, level: 3, standing: 3 })];
  await desk.takeEvents(events, 2);
  await restart();
  await desk.takeEvents(events, 2);
  await deliver(1000);
  expect(await store.alerts({ before: 1e9, limit: 10 })).toHaveLength(1);
  expect(taken.map(({ news }) => news)).toEqual(["worse"]);
});

test("a receiver of one fleet hears of that fleet's vehicles alone", async () => {
  const [hook] = settings.receivers;
  if (hook === undefined) throw new Error("no receiver");
  settings = { ...settings, receivers: [{ ...hook, fleet: "north" }] };
  await desk.takeEvents([event({}), event({ vehicleId: "car-2" })], 1);
  await deliver(1000);
  expect(taken).toHaveLength(1);
  expect(taken[0]?.body).not.toContain("car-2");
});

test("a message that nobody takes for a week is given up loudly and stays on record", async () => {
  answer = 500;
  await desk.takeEvents([event({})], 1);
  await deliver(2 * hour_ms);
  clock.advance(7 * 24 * hour_ms);
  await deliver(2 * hour_ms);
  expect(errors.map(([phrase]) => phrase)).toEqual(["alert given up: nobody took it"]);
  expect(await store.deliveries(1)).toMatchObject([
    { state: "given-up", error: "DELIVERY_FAILED: it answers 500" },
  ]);
});

test("a letter says what, where, since when and what to do, and a busy server is tried again", async () => {
  const smtp = await new SmtpServer().listen();
  const from = "voltfog@example.org";
  settings = {
    ...settings,
    receivers: [
      {
        id: "mail",
        kind: "mail",
        server: `smtp://127.0.0.1:${smtp.port}`,
        from,
        to: ["ada@example.org"],
      },
    ],
    notify: { levelMin: 1, receivers: ["mail"] },
  };
  smtp.isBusy = true;
  await desk.takeEvents([event({})], 1);
  await deliver(10_000);
  expect(smtp.letters).toEqual([]);
  smtp.isBusy = false;
  await deliver(hour_ms);
  await smtp.close();
  expect(smtp.letters).toHaveLength(1);
  const [letter] = smtp.letters;
  expect(letter).toMatchObject({ from, to: ["ada@example.org"] });
  for (const part of [
    "Message-ID: <alert-1-1@voltfog>",
    "car-1",
    "level 2",
    "runbook",
    "replayed",
  ]) {
    expect(letter?.data).toContain(part);
  }
});

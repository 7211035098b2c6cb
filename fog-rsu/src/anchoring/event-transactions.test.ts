import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeEventRecord, type EventRecord } from "@voltfog/ledger";
import { ManualClock, SeededRandom, silentLogger, toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EventRegister } from "../events/event-register.ts";
import { TestVehicle } from "../testing/test-vehicle.ts";
import { EventTransactions } from "./event-transactions.ts";

const vehicle = new TestVehicle("vehicle-01");
const day_ms = 86_400_000;
let folder: string;
let events: EventRegister;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-events-"));
  events = await EventRegister.open({
    folder,
    unitId: "unit-1",
    crypto: nodeCrypto,
    random: new SeededRandom(1),
    clock: new ManualClock(),
    logger: silentLogger,
    restored: () => {},
    changed: () => {},
  });
});
afterEach(async () => {
  await events.close();
  rmSync(folder, { recursive: true });
});

/** Transactions of one event at each of these times. */
async function recordsAt(
  times_ms: readonly number[],
): Promise<readonly (EventRecord & { bytes: Uint8Array })[]> {
  const commitment = "ab".repeat(32);
  for (const [logIndex, at_ms] of times_ms.entries()) {
    events.record({
      functionId: "charge-guard",
      functionVersion: "1.0.0",
      vehicleId: vehicle.id,
      frame: { logIndex, stream: "telemetry", sequence: 1, commitment, origin: "simulated" },
      at_ms,
      condition: `condition ${logIndex}`,
      class: "overcharge",
      state: "asserted",
      level: 2,
      standing: 2,
      cell: 17,
      value: 4.24,
      limit: 4.23,
      unit: "V",
      sentence: "too much charge",
    });
  }
  await events.settled();
  const deviceOf = (): TestVehicle["device"] => vehicle.device;
  const transactions = new EventTransactions({ events, deviceOf, crypto: nodeCrypto });
  return Promise.all(
    transactions.pendingIds.map(async (id) => {
      const bytes = (await transactions.payload(id)) ?? expect.fail("no payload");
      const decoded = decodeEventRecord(bytes);
      if (!decoded.ok) throw new Error(decoded.problem.detail);
      return { ...decoded.value, bytes };
    }),
  );
}

test("an event on the chain says class, state, level and minute, and names nobody", async () => {
  const [record = expect.fail()] = await recordsAt([day_ms + 61_000]);
  expect(record).toMatchObject({
    class: "overcharge",
    state: "asserted",
    level: 2,
    timeBucket: 1441,
  });
  expect(toHex(record.eventId)).toBe(events.pendingIds[0]);
  for (const name of [vehicle.id, "unit-1"])
    expect(toHex(record.bytes)).not.toContain(toHex(utf8(name)));
});

test("a vehicle has one pseudonym on one day and another on the next", async () => {
  const [first, second, next] = (await recordsAt([day_ms, day_ms + 5, 2 * day_ms])).map(
    ({ pseudonym }) => toHex(pseudonym),
  );
  expect(second).toBe(first);
  expect(next).not.toBe(first);
});

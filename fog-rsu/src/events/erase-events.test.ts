import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventDetail, eventId } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto, type FrameErasure } from "@voltfog/runtime/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eraseEvents } from "./erase-events.ts";
import { EventJournal, journalFile } from "./event-journal.ts";
import type { RecordedEvent } from "./event-record.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "erase-events-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function recorded(vehicleId: string, sequence: number): RecordedEvent {
  const detail = {
    class: "overcharge",
    state: "asserted",
    level: 2,
    condition: "cell-high",
    standing: 2,
    vehicleId,
    unitId: "unit-1",
    functionId: "limits",
    functionVersion: "1.0.0",
    cell: 7,
    value: 4.25,
    limit: 4.2,
    unit: "V",
    at_ms: 1_760_000_000_000 + sequence,
    frame: { stream: "telemetry", sequence, commitment: "ab".repeat(32) },
    origin: "simulated",
    sentence: `cell 7 of ${vehicleId} above 4.2 V in ${sequence}`,
  } as const;
  const salt = new Uint8Array(16).fill(sequence);
  const id = eventId({ detail: eventDetail(detail), salt, crypto });
  return {
    event: { id, ...detail },
    salt,
    recorded_ms: 1_760_000_000_000,
    logIndex: sequence,
    condition: "cell-high",
    standing: 2,
  };
}

async function journalOf(name: string, events: readonly RecordedEvent[]): Promise<string> {
  const place = join(folder, name);
  const journal = await openJournal(place);
  await journal.append(events.map((one) => ({ kind: "event", recorded: one })));
  const finality = { height: 5, resultIndex: 9, final_ms: 1 };
  const [first] = events;
  await journal.append([{ kind: "final", eventId: first?.event.id ?? "", finality }]);
  await journal.close();
  return place;
}

function openJournal(place: string): Promise<EventJournal> {
  const ignore = (): void => {};
  return EventJournal.open({ folder: place, crypto, onEvent: ignore, onAdopted: ignore });
}

function order(over: Partial<FrameErasure>): FrameErasure {
  return {
    ...{ vehicleId: "vehicle-01", keyIds: [], stream: null, from: 2, to: 2, isWhole: false },
    ...{ by: "a", reason: "b", ordered_ms: 1 },
    ...over,
  };
}

describe("events that rest on erased frames", () => {
  it("lose detail and salt and keep their place in the feed", async () => {
    const events = [
      recorded("vehicle-01", 2),
      recorded("vehicle-02", 2),
      recorded("vehicle-01", 3),
    ];
    const place = await journalOf("one", events);
    expect(await eraseEvents({ folder: place, order: order({}), crypto })).toBe(1);
    const bytes = readFileSync(join(place, journalFile));
    expect(bytes.includes("above 4.2 V in 3")).toBe(true);
    expect(bytes.includes("cell 7 of vehicle-01 above 4.2 V in 2")).toBe(false);
    const journal = await openJournal(place);
    expect(journal.cursor).toBe(4);
    expect((await journal.read({ from: 1, limit: 9 })).map(({ cursor }) => cursor)).toEqual([2, 3]);
    expect((await journal.read({ from: 1, limit: 1 })).map(({ cursor }) => cursor)).toEqual([2]);
    expect(journal.pendingIds).toEqual([events[1]?.event.id, events[2]?.event.id]);
    expect(await journal.find(events[0]?.event.id ?? "")).toBeUndefined();
    await journal.close();
  });

  it("are all of a vehicle's where the whole of it goes", async () => {
    const events = [1, 2, 3].map((sequence) => recorded("vehicle-01", sequence));
    const place = await journalOf("whole", events);
    expect(await eraseEvents({ folder: place, order: order({ isWhole: true }), crypto })).toBe(3);
    const bytes = readFileSync(join(place, journalFile));
    expect(bytes.includes("vehicle-01")).toBe(false);
    expect(toHex(bytes).includes("02".repeat(16))).toBe(false);
    expect(await eraseEvents({ folder: place, order: order({ isWhole: true }), crypto })).toBe(0);
  });

  it("are none where there is no journal", async () => {
    expect(await eraseEvents({ folder: join(folder, "no"), order: order({}), crypto })).toBe(0);
  });
});

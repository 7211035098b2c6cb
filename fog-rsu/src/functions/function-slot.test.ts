import { silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { ConditionBook } from "../events/condition-book.ts";
import { eventfulDrive } from "../testing/eventful-drive.ts";
import { noLinks } from "../testing/host-links.ts";
import { library } from "./built-in.ts";
import { FunctionRun } from "./function-run.ts";
import { FunctionSlot, type HostedFunction, type VersionChange } from "./function-slot.ts";
import type { Finding, NetworkFunction } from "./network-function.ts";
import { packBatch, type TelemetryArrival } from "./sample-batch.ts";
import { taskPerformer } from "./task-performer.ts";
import type { ThreadFactory } from "./worker-thread.ts";

const vehicleId = "vehicle-01";
let frames: readonly TelemetryArrival[] = [];
beforeAll(() => {
  frames = eventfulDrive({ vehicleId, seed: 6 });
});

const slots: FunctionSlot[] = [];
afterEach(async () => {
  await Promise.all(slots.splice(0).map((slot) => slot.stop()));
});

const thermal = library[0] as NetworkFunction;
const { version: usual } = thermal.manifest;

/** Another version of thermal-alert, which does with each sample what it is told. */
function another(
  version: string,
  options: { reads?: readonly string[]; onSample?: (count: number) => void } = {},
): NetworkFunction {
  const { reads = [usual], onSample = () => undefined } = options;
  let count = 0;
  return {
    manifest: { ...thermal.manifest, version, readsStatesOf: reads },
    start(started) {
      const running = thermal.start(started);
      return {
        ...running,
        onSample(sample, findings) {
          onSample(++count);
          running.onSample(sample, findings);
        },
      };
    },
  };
}

const hostedOf = ({ manifest }: NetworkFunction): HostedFunction => {
  return { manifest, module: manifest.version };
};

/** Runs in the caller's thread; a throw ends the thread as it would a real one. */
function threadsOf(functions: readonly NetworkFunction[]): ThreadFactory {
  return ({ start, ready, answered, ended }) => {
    const definition = functions.find(({ manifest }) => manifest.version === start.module);
    if (definition === undefined) throw new Error("no such version");
    const perform = taskPerformer(new FunctionRun(definition, start), start);
    let over = false;
    return {
      post: (message) =>
        queueMicrotask(() => {
          if (over) return;
          ready();
          try {
            const { number } = message;
            answered({ number, findings: [], busy: 0, ...perform(message) });
          } catch (thrown) {
            over = true;
            ended(String(thrown));
          }
        }),
      async stop() {
        over = true;
      },
    };
  };
}

function slotOf(functions: readonly NetworkFunction[]): {
  slot: FunctionSlot;
  events: readonly string[];
  versions: readonly string[];
  changes: readonly VersionChange[];
} {
  const book = new ConditionBook();
  const events: string[] = [];
  const versions: string[] = [];
  const changes: VersionChange[] = [];
  const found = (finding: Finding, { id, version }: { id: string; version: string }): void => {
    if (finding.kind !== "condition") return;
    const { condition, at_ms, frame } = finding;
    const { name, state, level, standing, class: eventClass } = condition;
    const what = { state, level, standing, class: eventClass, at_ms, logIndex: frame.logIndex };
    if (!book.note({ functionId: id, condition: name, vehicleId, ...what })) return;
    events.push(`${name} ${state} ${level} at ${at_ms}`);
    versions.push(version);
  };
  const slot = new FunctionSlot([hostedOf(thermal)], {
    stall_ms: 60_000,
    clock: systemClock,
    logger: silentLogger,
    startThread: threadsOf([thermal, ...functions]),
    conditions: {
      ...noLinks.conditions,
      openConditions: (id) => book.openOf(id),
      standingOf: (place) => book.standingOf(place),
    },
    found,
    vehicles: () => [vehicleId],
    changed: (change) => void changes.push(change),
  });
  slots.push(slot);
  slot.start();
  return { slot, events, versions, changes };
}

function show(slot: FunctionSlot, arrivals: readonly TelemetryArrival[]): void {
  for (const arrival of arrivals) slot.offer(packBatch([arrival]));
}

async function idle(slot: FunctionSlot): Promise<void> {
  await vi.waitFor(() => expect(slot.health.backlog).toBe(0), 20_000);
}

async function expectedEvents(): Promise<readonly string[]> {
  const { slot, events } = slotOf([]);
  show(slot, frames);
  await idle(slot);
  return events;
}

const deployed = (...functions: NetworkFunction[]): [HostedFunction, ...HostedFunction[]] => [
  hostedOf(thermal),
  ...functions.map(hostedOf),
];

test("a new version goes on in mid-stream: the events of one that ran all along, each once", async () => {
  const expected = await expectedEvents();
  const next = another("3.0.0");
  const { slot, events, versions, changes } = slotOf([next]);
  show(slot, frames.slice(0, 70));
  slot.offerVersions(deployed(next));
  show(slot, frames.slice(70, 90));
  await vi.waitFor(() => expect(changes).toHaveLength(1), 20_000);
  show(slot, frames.slice(90));
  await idle(slot);
  expect(slot.manifest.version).toBe("3.0.0");
  expect(slot.versions).toEqual([usual, "3.0.0"]);
  expect(events).toEqual(expected);
  expect(new Set(versions)).toEqual(new Set([usual, "3.0.0"]));
  expect(changes[0]).toMatchObject({ because: "it was deployed" });
});

test("a version that fails in its first minute is taken back, with nothing lost and nothing twice", async () => {
  const expected = await expectedEvents();
  const bad = another("3.0.0", {
    onSample: (count) => {
      if (count > 40) throw new Error("worn out");
    },
  });
  const { slot, events, changes } = slotOf([bad]);
  show(slot, frames.slice(0, 60));
  slot.offerVersions(deployed(bad));
  await vi.waitFor(() => expect(changes).toHaveLength(1), 20_000);
  expect(slot.isOnProbation).toBe(true);
  show(slot, frames.slice(60));
  await vi.waitFor(() => expect(changes).toHaveLength(2), 20_000);
  await idle(slot);
  expect(slot.manifest.version).toBe(usual);
  expect(slot.failed).toMatchObject([{ version: "3.0.0", reason: "Error: worn out" }]);
  expect(changes[1]).toMatchObject({ because: "3.0.0 failed: Error: worn out" });
  expect(events).toEqual(expected);
});

test("a version that fails on the states that it says it reads is taken back at once", async () => {
  const broken: NetworkFunction = {
    ...another("3.0.0"),
    start: () => ({
      onSample: () => undefined,
      stateOf: () => undefined,
      adopt: () => {
        throw new Error("never");
      },
    }),
  };
  const { slot, changes } = slotOf([broken]);
  show(slot, frames.slice(0, 10));
  await idle(slot);
  slot.offerVersions(deployed(broken));
  await vi.waitFor(() => expect(slot.failed).toHaveLength(1), 20_000);
  await vi.waitFor(() => expect(slot.manifest.version).toBe(usual), 20_000);
  show(slot, frames.slice(10, 20));
  await idle(slot);
  expect(changes.map(({ to }) => to.version)).toEqual(["3.0.0", usual]);
  expect(slot.health.samplesSeen).toBeGreaterThan(0);
});

test("a version that is taken away is followed by the one before, which goes on from its states", async () => {
  const expected = await expectedEvents();
  const next = another("2.9.0");
  const older = { ...next, manifest: { ...next.manifest } };
  const { slot, events, changes } = slotOf([older]);
  slot.offerVersions(deployed(older));
  await vi.waitFor(() => expect(slot.manifest.version).toBe("2.9.0"), 20_000);
  slot.pin(usual);
  await vi.waitFor(() => expect(slot.manifest.version).toBe(usual), 20_000);
  slot.pin(undefined);
  await vi.waitFor(() => expect(slot.manifest.version).toBe("2.9.0"), 20_000);
  slot.offerVersions(deployed());
  await vi.waitFor(() => expect(slot.manifest.version).toBe(usual), 20_000);
  await vi.waitFor(() => expect(changes).toHaveLength(4), 20_000);
  expect(changes.map(({ because }) => because).at(-1)).toBe("the one before was taken away");
  show(slot, frames);
  await idle(slot);
  expect(events).toEqual(expected);
});

test("a version that does not read the states of the one before starts anew and knows what stands", async () => {
  const stranger = another("3.0.0", { reads: [] });
  const { slot, events, changes } = slotOf([stranger]);
  const hot = frames.findIndex(({ samples }) =>
    samples.some(({ temperature_degC }) => (temperature_degC[3] ?? 0) > 62),
  );
  show(slot, frames.slice(0, hot));
  await idle(slot);
  const before = events.length;
  expect(before).toBeGreaterThan(0);
  slot.offerVersions(deployed(stranger));
  await vi.waitFor(() => expect(changes).toHaveLength(1), 20_000);
  show(slot, frames.slice(hot));
  await idle(slot);
  const asserted = events.filter((event) => event.startsWith("over-temperature asserted 1"));
  expect(events.length).toBeGreaterThan(before);
  expect(asserted.length).toBeLessThanOrEqual(2);
});

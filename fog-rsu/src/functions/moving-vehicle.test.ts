import { silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { ConditionBook } from "../events/condition-book.ts";
import type { DurableFrame } from "../log/durable-frame.ts";
import { eventfulDrive } from "../testing/eventful-drive.ts";
import { noLinks } from "../testing/host-links.ts";
import { inlineThreads } from "../testing/inline-thread.ts";
import type { FunctionAssignment } from "./assignment.ts";
import { builtInFunctions, library } from "./built-in.ts";
import { FunctionHost } from "./function-host.ts";
import { type FunctionState, parseFunctionStates } from "./function-state.ts";
import type { TelemetryArrival } from "./sample-batch.ts";

const vehicleId = "vehicle-01";
const hosts: FunctionHost[] = [];
let frames: readonly TelemetryArrival[] = [];
beforeAll(() => {
  frames = eventfulDrive({ vehicleId, seed: 5 });
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

/** A unit as far as its functions go: the conditions that its events would be made of. */
class Unit {
  readonly host: FunctionHost;
  readonly events: string[] = [];
  readonly #book = new ConditionBook();
  readonly silent: { is: boolean } = { is: false };
  reached: Unit | undefined;
  asked = 0;

  constructor(unitId: string) {
    this.host = new FunctionHost({
      ...noLinks,
      unitId,
      functions: builtInFunctions,
      stall_ms: 60_000,
      clock: systemClock,
      logger: silentLogger,
      startThread: inlineThreads(library),
      peers: { use: () => undefined, states: (asked) => this.#statesFrom(asked.vehicles) },
      conditions: {
        openConditions: (functionId) => this.#book.openOf(functionId),
        standingOf: (place) => this.#book.standingOf(place),
        adopt: (adopted) => this.#book.adopt(adopted),
      },
      found: (finding, { id }) => {
        if (finding.kind !== "condition") return;
        const { condition, at_ms, frame } = finding;
        const { name, state, level, standing, class: eventClass } = condition;
        const place = { functionId: id, condition: name, vehicleId: finding.vehicleId };
        const what = { state, level, standing, class: eventClass, at_ms, logIndex: frame.logIndex };
        if (!this.#book.note({ ...place, ...what })) return;
        this.events.push(`${id}: ${name} ${state} ${level} at ${at_ms}`);
      },
    });
    hosts.push(this.host);
    this.host.start();
  }

  show(arrivals: readonly TelemetryArrival[]): void {
    for (const { frame, samples, boot } of arrivals)
      this.host.show([asDurable({ frame, samples, boot })]);
  }

  serve(changes: Partial<FunctionAssignment>, states?: Record<string, string>): void {
    const functions = library.map(({ manifest: { id } }) => ({ id, vehicles: [], ...changes }));
    this.host.assign({ version: 1, functions, ...(states === undefined ? {} : { states }) });
  }

  async settled(): Promise<void> {
    await vi.waitFor(() => {
      for (const { health } of this.host.status) expect(health.backlog).toBe(0);
    }, 20_000);
  }

  async #statesFrom(vehicles: readonly string[]): Promise<readonly FunctionState[] | undefined> {
    this.asked += 1;
    if (this.reached === undefined || this.reached.silent.is) return undefined;
    const states = await this.reached.host.statesOf(vehicles);
    const parsed = parseFunctionStates(JSON.parse(JSON.stringify({ states })));
    return parsed.ok ? parsed.value : undefined;
  }
}

function asDurable({ frame, samples, boot }: Omit<TelemetryArrival, "vehicleId">): DurableFrame {
  const payload = { type: "telemetry", origin: "simulated", source: "a test", samples } as const;
  return { vehicleId, boot, payload, reference: frame };
}

async function unmovedEvents(): Promise<readonly string[]> {
  const unit = new Unit("unit-0");
  unit.show(frames);
  await unit.settled();
  return unit.events;
}

test("a vehicle that moves in mid-stream has the events of one that stayed, each once", async () => {
  const expected = await unmovedEvents();
  expect(expected.length).toBeGreaterThan(12);
  const cut = fc.integer({ min: 1, max: frames.length - 1 });
  await fc.assert(
    fc.asyncProperty(cut, fc.nat({ max: 5 }), async (at, again) => {
      const [from, to] = [new Unit("unit-1"), new Unit("unit-2")];
      to.reached = from;
      from.serve({ vehicles: [vehicleId] });
      from.show(frames.slice(0, at));
      to.serve({ standby: [vehicleId] }, { [vehicleId]: "unit-1" });
      to.serve({ vehicles: [vehicleId] }, { [vehicleId]: "unit-1" });
      to.show(frames.slice(Math.max(0, at - again)));
      await vi.waitFor(() => expect(to.host.takeOvers).toHaveLength(1), 20_000);
      await to.settled();
      expect(to.host.takeOvers[0]).toMatchObject({ states: "fresh", refusals: {} });
      expect([...from.events, ...to.events].toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 8 },
  );
}, 120_000);

test("a unit that died is followed by its standby with the copy it holds, and its age is said", async () => {
  const expected = await unmovedEvents();
  const at = Math.floor(frames.length / 2);
  const [from, to] = [new Unit("unit-1"), new Unit("unit-2")];
  to.reached = from;
  from.show(frames.slice(0, at));
  await from.settled();
  to.serve({ standby: [vehicleId] }, { [vehicleId]: "unit-1" });
  const held = (): boolean[] => to.host.status.map(({ standby }) => standby[0]?.held === true);
  await vi.waitFor(() => expect(held()).toEqual(library.map(() => true)), 20_000);
  from.silent.is = true;
  to.serve({ vehicles: [vehicleId] });
  to.show(frames.slice(at));
  await vi.waitFor(() => expect(to.host.takeOvers).toHaveLength(1), 20_000);
  await to.settled();
  const [report] = to.host.takeOvers;
  expect(report).toMatchObject({ vehicleId, from: "unit-1", states: "copy", refusals: {} });
  expect(report?.age_ms).toBeGreaterThan(0);
  expect([...from.events, ...to.events].toSorted()).toEqual(expected.toSorted());
}, 60_000);

test("a third unit goes on from the copy that the standby of a dead one holds", async () => {
  const expected = await unmovedEvents();
  const at = Math.floor(frames.length / 2);
  const [from, standby, third] = [new Unit("unit-1"), new Unit("unit-2"), new Unit("unit-3")];
  standby.reached = from;
  third.reached = standby;
  from.show(frames.slice(0, at));
  await from.settled();
  standby.serve({ standby: [vehicleId] }, { [vehicleId]: "unit-1" });
  const held = (): boolean[] => standby.host.status.map((one) => one.standby[0]?.held === true);
  await vi.waitFor(() => expect(held()).toEqual(library.map(() => true)), 20_000);
  from.silent.is = true;
  third.serve({ vehicles: [vehicleId] }, { [vehicleId]: "unit-2" });
  third.show(frames.slice(at));
  await vi.waitFor(() => expect(third.host.takeOvers).toHaveLength(1), 20_000);
  await third.settled();
  expect(third.host.takeOvers[0]).toMatchObject({ from: "unit-2", refusals: {} });
  expect([...from.events, ...third.events].toSorted()).toEqual(expected.toSorted());
}, 60_000);

test("without states and without copies the functions start anew, and that is said", async () => {
  const to = new Unit("unit-2");
  to.serve({ vehicles: [vehicleId] }, { [vehicleId]: "unit-1" });
  to.show(frames.slice(0, 3));
  await vi.waitFor(() => expect(to.host.takeOvers).toHaveLength(1), 20_000);
  expect(to.host.takeOvers[0]).toMatchObject({ states: "none", age_ms: 0 });
  await to.settled();
  expect(to.host.status.every(({ health }) => health.samplesSeen > 0)).toBe(true);
});

test("a vehicle that stays is taken over once, however often the assignment is said", async () => {
  const [from, to] = [new Unit("unit-1"), new Unit("unit-2")];
  to.reached = from;
  from.show(frames.slice(0, 20));
  for (const end of [25, 30, 35]) {
    to.serve({ vehicles: [vehicleId] }, { [vehicleId]: "unit-1" });
    to.show(frames.slice(end - 5, end));
    await to.settled();
  }
  await vi.waitFor(() => expect(to.host.takeOvers).toHaveLength(1), 20_000);
});

test("a unit that served before its first assignment keeps what it knows", async () => {
  const [from, to] = [new Unit("unit-1"), new Unit("unit-2")];
  to.reached = from;
  from.show(frames.slice(0, 20));
  to.show(frames.slice(20, 40));
  to.serve({ vehicles: [vehicleId] }, { [vehicleId]: "unit-1" });
  to.show(frames.slice(40, 60));
  await to.settled();
  expect(to.host.takeOvers).toEqual([]);
});

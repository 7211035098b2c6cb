import { assert as promised } from "@voltfog/runtime";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { eventfulDrive } from "../testing/eventful-drive.ts";
import { library } from "./built-in.ts";
import { FunctionRun, type SavedVehicle, stateMax_bytes } from "./function-run.ts";
import type { Finding, NetworkFunction } from "./network-function.ts";
import { packBatch, type TelemetryArrival } from "./sample-batch.ts";

const vehicleId = "vehicle-01";
const drives: (readonly TelemetryArrival[])[] = [];
beforeAll(() => {
  for (const seed of [3, 8]) drives.push(eventfulDrive({ vehicleId, seed }));
});

function newRun(definition: NetworkFunction): FunctionRun {
  return new FunctionRun(definition, { open: [] });
}

function findingsIn(run: FunctionRun, frames: readonly TelemetryArrival[]): readonly Finding[] {
  return frames.flatMap((frame) => run.findingsOf(packBatch([frame]), () => true));
}

function savedOf(run: FunctionRun): SavedVehicle {
  const saved = run.save(vehicleId);
  promised(saved.ok, "the vehicle was seen");
  // As it comes over the wire.
  return JSON.parse(JSON.stringify(saved.value)) as SavedVehicle;
}

/** Moves the vehicle to a new run at each cut, with so many of the last frames sent again. */
function movedFindings(options: {
  definition: NetworkFunction;
  frames: readonly TelemetryArrival[];
  cuts: readonly { readonly at: number; readonly again: number }[];
}): readonly Finding[] {
  const { definition, frames } = options;
  const cuts = options.cuts.toSorted((a, b) => a.at - b.at);
  const found: Finding[] = [];
  let run = newRun(definition);
  let from = 0;
  for (const { at, again } of cuts) {
    if (at <= from) continue;
    found.push(...findingsIn(run, frames.slice(from, at)));
    const next = newRun(definition);
    expect(next.adopt({ ...savedOf(run), open: [] })).toEqual({ ok: true, value: undefined });
    expect(findingsIn(next, frames.slice(Math.max(0, at - again), at))).toEqual([]);
    run = next;
    from = at;
  }
  return [...found, ...findingsIn(run, frames.slice(from))];
}

describe.each(library.map((definition) => [definition.manifest.id, definition] as const))(
  "%s",
  (_id, definition) => {
    test("finds the same when it is handed over anywhere, nothing twice and nothing lost", () => {
      const unmoved = drives.map((frames) => findingsIn(newRun(definition), frames));
      for (const found of unmoved) expect(found.length).toBeGreaterThan(0);
      const frameCount = Math.min(...drives.map((frames) => frames.length));
      const cut = fc.record({
        at: fc.integer({ min: 1, max: frameCount - 1 }),
        again: fc.integer({ min: 0, max: 6 }),
      });
      fc.assert(
        fc.property(
          fc.nat({ max: drives.length - 1 }),
          fc.array(cut, { minLength: 1, maxLength: 4 }),
          (drive, cuts) => {
            const frames = drives[drive] ?? [];
            expect(movedFindings({ definition, frames, cuts })).toEqual(unmoved[drive]);
          },
        ),
        { numRuns: 12 },
      );
    });

    test("takes no state that is not its own to the letter, and goes on as it was", () => {
      const frames = (drives[0] ?? []).slice(0, 120);
      const run = newRun(definition);
      findingsIn(run, frames);
      const saved = savedOf(run);
      const state = JSON.parse(saved.state) as { passed: object; kept: object };
      for (const odd of oddStates(state)) {
        expect(run.adopt({ ...saved, open: [], state: JSON.stringify(odd) }).ok).toBe(false);
      }
      for (const text of ["", "null", saved.state.slice(1), "x".repeat(stateMax_bytes + 1)]) {
        expect(run.adopt({ ...saved, open: [], state: text }).ok).toBe(false);
      }
      expect(savedOf(run)).toEqual(saved);
      fc.assert(
        fc.property(fc.json(), (text) => !run.adopt({ ...saved, open: [], state: text }).ok),
      );
    });

    test("keeps its state of a pack of 96 cells within the limit", () => {
      const run = newRun(definition);
      findingsIn(run, drives[0] ?? []);
      expect(savedOf(run).state.length).toBeLessThan(0.75 * stateMax_bytes);
    });
  },
);

/** The state with one field anywhere left out, replaced or added. */
function* oddStates(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    const [first] = value as readonly unknown[];
    for (const odd of oddStates(first)) yield [odd, ...value.slice(1)];
    return;
  }
  if (typeof value !== "object" || value === null) return;
  yield { ...value, surplus: 1 };
  for (const [key, field] of Object.entries(value)) {
    const { [key]: _left, ...rest } = value as Record<string, unknown>;
    yield rest;
    yield { ...value, [key]: { odd: true } };
    yield { ...value, [key]: -2e16 };
    for (const odd of oddStates(field)) yield { ...value, [key]: odd };
  }
}

test("a mark that lies passes over a bounded number of samples, and none behind its wall clock", () => {
  const definition = library.find(({ manifest }) => manifest.id === "thermal-alert");
  promised(definition !== undefined, "it is in the library");
  const frames = drives[0] ?? [];
  const run = newRun(definition);
  findingsIn(run, frames.slice(0, 10));
  const saved = savedOf(run);
  const liar = newRun(definition);
  liar.adopt({ ...saved, open: [], seen: { ...saved.seen, boot: 99, monotonic_ms: 1e14 } });
  expect(findingsIn(liar, frames.slice(10)).length).toBeGreaterThan(0);
});

test("a state with a number that is none is refused, for JSON can only say null", () => {
  for (const definition of library) {
    const broken: NetworkFunction = {
      ...definition,
      start(options) {
        const running = definition.start(options);
        return {
          ...running,
          stateOf: (id) => ({ ...running.stateOf(id), drift: Number.NaN }),
        };
      },
    };
    const run = newRun(broken);
    findingsIn(run, (drives[0] ?? []).slice(0, 10));
    const saved = savedOf(run);
    expect(saved.state).toContain('"drift":null');
    expect(newRun(definition).adopt({ ...saved, open: [] }).ok).toBe(false);
  }
});

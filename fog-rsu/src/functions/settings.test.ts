import { ManualClock, silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, expect, test, vi } from "vitest";
import type { RecordedEvent } from "../events/event-record.ts";
import type { EventFinding } from "../events/event-register.ts";
import type { DurableFrame } from "../log/durable-frame.ts";
import { eventfulDrive } from "../testing/eventful-drive.ts";
import { noLinks } from "../testing/host-links.ts";
import { inlineThreads } from "../testing/inline-thread.ts";
import { builtInFunctions, library } from "./built-in.ts";
import { FunctionChanges } from "./function-changes.ts";
import { FunctionHost } from "./function-host.ts";
import { FunctionRun } from "./function-run.ts";
import { RecordedDuties, recordedChanges } from "./recorded-duties.ts";
import { packBatch, type TelemetryArrival } from "./sample-batch.ts";

const vehicleId = "vehicle-01";
const frames = eventfulDrive({ vehicleId, seed: 4 });
const hosts: FunctionHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

function conditionsOf(id: string, settings: Record<string, number>): readonly string[] {
  const definition = library.find(({ manifest }) => manifest.id === id);
  if (definition === undefined) throw new Error(`no function ${id}`);
  const run = new FunctionRun(definition, { open: [], settings: { [vehicleId]: settings } });
  return frames.flatMap((frame) =>
    run
      .findingsOf(packBatch([frame]), () => true)
      .flatMap((finding) => {
        if (finding.kind === "estimate") return [];
        const said = finding.kind === "condition" ? finding.condition : finding.request;
        return [JSON.stringify({ at_ms: finding.at_ms, ...said })];
      }),
  );
}

const changed: readonly (readonly [id: string, name: string, value: number])[] = library.flatMap(
  ({ manifest: { id, settings } }) =>
    settings.map(
      ({ name, default: usual, min, max }) => [id, name, usual === min ? max : min] as const,
    ),
);

test.each(changed)("%s says something else with %s at %d", (id, name, value) => {
  const usual = conditionsOf(id, {});
  expect(conditionsOf(id, {})).toEqual(usual);
  const other = conditionsOf(id, { [name]: value });
  // A state estimate is not compared here; its rate changes when doubt in it is told.
  if (id === "state-estimation" && name === "rate_Hz") expect(other.length).toBeGreaterThan(0);
  else expect(other).not.toEqual(usual);
});

test.each(library)(
  "the settings of $manifest.id are declared with a default within their range",
  ({ manifest }) => {
    for (const { min, max, default: usual } of manifest.settings) {
      expect(min).toBeLessThan(max);
      expect(usual).toBeGreaterThanOrEqual(min);
      expect(usual).toBeLessThanOrEqual(max);
    }
    expect(manifest.settings.map(({ name }) => name)).toContain("rate_Hz");
  },
);

/** Shows all frames to a host and changes settings and selection on the way. */
async function steered(): Promise<{ found: readonly string[]; journal: readonly RecordedEvent[] }> {
  const journal: RecordedEvent[] = [];
  const found: string[] = [];
  const host = new FunctionHost({
    ...noLinks,
    functions: builtInFunctions,
    stall_ms: 60_000,
    clock: systemClock,
    logger: silentLogger,
    startThread: inlineThreads(library),
    changes: new FunctionChanges({
      clock: new ManualClock(5000),
      record: (deed) => journal.push(recordedOf(deed)) > 0,
    }),
    found: (finding, { id }) => void found.push(JSON.stringify([id, finding])),
  });
  hosts.push(host);
  host.start();
  const assign = (rate_Hz: number, leaveOut: string): void => {
    const settings = { [vehicleId]: { rate_Hz } };
    const functions = library.map(({ manifest: { id } }) => ({
      ...{ id, vehicles: id === leaveOut ? [] : [vehicleId] },
      ...(id === "temperature-regulation" ? { settings } : {}),
    }));
    host.assign({ version: 1, functions });
  };
  assign(0.5, "none");
  host.show(frames.slice(0, 60).map(asDurable));
  assign(2, "charge-guard");
  host.show(frames.slice(60, 150).map(asDurable));
  assign(1, "none");
  host.show(frames.slice(150).map(asDurable));
  await vi.waitFor(() => {
    for (const { health } of host.status) expect(health.backlog).toBe(0);
  }, 20_000);
  return { found, journal };
}

test("what was found under changing settings is found again from the log and the recorded changes", async () => {
  const { found, journal } = await steered();
  expect(journal.map(({ condition, event }) => `${condition} ${event.value}`)).toEqual([
    "begin rate hz 0.5",
    "set serves 0",
    "set rate hz 2",
    "set serves 1",
    "set rate hz 1",
  ]);
  const duties = new RecordedDuties(recordedChanges(journal));
  const again: string[] = [];
  const runs = library.map((definition) => ({
    manifest: definition.manifest,
    run: new FunctionRun(definition, { open: [] }),
  }));
  for (const stretch of duties.stretches(frames)) {
    for (const { manifest, run } of runs) {
      run.configure(duties.settingsOf(manifest));
      const serves = (id: string): boolean => duties.serves(manifest, id);
      for (const one of run.findingsOf(packBatch(stretch), serves)) {
        again.push(JSON.stringify([manifest.id, one]));
      }
    }
  }
  expect(again.toSorted()).toEqual(found.toSorted());
});

function asDurable({ vehicleId: id, frame, samples, boot }: TelemetryArrival): DurableFrame {
  const payload = { type: "telemetry", origin: "simulated", source: "a test", samples } as const;
  return { vehicleId: id, boot, payload, reference: frame };
}

function recordedOf(deed: EventFinding): RecordedEvent {
  const { frame, condition, ...rest } = deed;
  const { stream, sequence, commitment, origin, logIndex } = frame;
  return {
    event: {
      ...{ id: "00".repeat(32), unitId: "unit-1", origin },
      ...{ ...rest, frame: { stream, sequence, commitment } },
    },
    ...{ salt: new Uint8Array(16), recorded_ms: 1, logIndex, condition, standing: deed.standing },
  };
}

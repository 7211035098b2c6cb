import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CutFrame,
  countSamples,
  type LoggedFrame,
  type VehicleJournal,
} from "./count-samples.ts";

function journal(
  vehicleId: string,
  frames: readonly CutFrame[],
  more: Partial<VehicleJournal> = {},
): VehicleJournal {
  const none = {
    outbox: new Set<string>(),
    skippedSamples: 0,
    openGapSamples: 0,
    unframedSamples: 0,
  };
  return { vehicleId, frames, ...none, ...more };
}

function cut(commitment: string, samples: number, kind: CutFrame["kind"] = "telemetry"): CutFrame {
  return { kind, samples, commitment };
}

function entry(
  commitment: string,
  samples: number,
  kind: LoggedFrame["kind"] = "frame",
  code?: string,
): LoggedFrame {
  return { kind, samples, commitment, code };
}

describe("countSamples", () => {
  it("finds nothing missing when every frame is in a log", () => {
    const count = countSamples({
      journals: [journal("vehicle-01", [cut("a", 3), cut("b", 3), cut("c", 0, "alarm")])],
      logged: [entry("a", 3), entry("b", 3), entry("c", 0)],
    });
    expect(count).toMatchObject({ samplesSent: 6, samplesDurable: 6, unexplainedLoss: 0 });
  });

  it("sees a planted loss: a frame that no log, outbox or gap knows", () => {
    const count = countSamples({
      journals: [journal("vehicle-01", [cut("a", 3), cut("b", 5)])],
      logged: [entry("a", 3)],
    });
    expect(count.unexplainedLoss).toBe(5);
  });

  it("takes as many missing frames for lost with a log as the chain proves, and no more", () => {
    const frames = [cut("a", 3), cut("b", 5), cut("alarm", 0, "alarm"), cut("c", 7)];
    const journals = [journal("vehicle-01", frames)];
    const logged = [entry("a", 3)];
    const count = countSamples({ journals, logged, entriesLostAfterBackup: 2 });
    expect(count).toMatchObject({ samplesLostAfterBackup: 5, unexplainedLoss: 7 });
    const more = countSamples({ journals, logged, entriesLostAfterBackup: 9 });
    expect(more).toMatchObject({ samplesLostAfterBackup: 12, unexplainedLoss: 0 });
    // A sample that an entry is short of was not lost with a log.
    const short = countSamples({ journals, logged: [entry("a", 1)], entriesLostAfterBackup: 9 });
    expect(short).toMatchObject({ samplesLostAfterBackup: 12, unexplainedLoss: 2 });
  });

  it("sees samples missing from a frame whose entry holds fewer", () => {
    const journals = [journal("vehicle-01", [cut("a", 10)])];
    expect(countSamples({ journals, logged: [entry("a", 7)] }).unexplainedLoss).toBe(3);
  });

  it("never lets one vehicle's or frame's surplus make up for another's loss", () => {
    const count = countSamples({
      journals: [
        journal("vehicle-01", [cut("a", 5), cut("b", 5)]),
        journal("vehicle-02", [cut("c", 5)]),
      ],
      logged: [entry("a", 50), entry("c", 50), entry("stray", 100)],
    });
    expect(count.vehicles).toEqual([
      { vehicleId: "vehicle-01", samplesSent: 10, unexplainedLoss: 5 },
      { vehicleId: "vehicle-02", samplesSent: 5, unexplainedLoss: 0 },
    ]);
  });

  it("takes refused frames, outboxes and declared gaps as explained", () => {
    const count = countSamples({
      journals: [
        journal("vehicle-01", [cut("a", 4), cut("b", 5), cut("g", 7, "gap")], {
          outbox: new Set(["b"]),
          openGapSamples: 2,
        }),
      ],
      logged: [entry("a", 0, "refused", "TIME_IN_FUTURE"), entry("g", 7, "gap")],
    });
    expect(count).toMatchObject({
      samplesSent: 18,
      samplesInOutboxes: 7,
      samplesInGaps: 7,
      gapsDeclared: 1,
      framesRefused: { TIME_IN_FUTURE: 1 },
      unexplainedLoss: 0,
    });
  });

  it("takes a gap that never reached a log, and samples in no frame, for lost", () => {
    const journals = [journal("vehicle-01", [cut("g", 7, "gap")], { unframedSamples: 2 })];
    expect(countSamples({ journals, logged: [] }).unexplainedLoss).toBe(9);
  });

  it("takes samples for lost that the agent lost and never declared", () => {
    const journals = [
      journal("vehicle-01", [cut("g", 7, "gap")], { skippedSamples: 10, openGapSamples: 2 }),
    ];
    const count = countSamples({ journals, logged: [entry("g", 7, "gap")] });
    expect(count).toMatchObject({ samplesSent: 10, unexplainedLoss: 1 });
  });

  it("counts a frame once that stands in two logs, and not as refused when one accepted it", () => {
    const count = countSamples({
      journals: [journal("vehicle-01", [cut("a", 4)], { outbox: new Set(["a"]) })],
      logged: [entry("a", 4, "refused", "SEQUENCE_FORKED"), entry("a", 4), entry("a", 4)],
    });
    expect(count).toMatchObject({
      samplesDurable: 4,
      samplesInOutboxes: 0,
      framesRefused: {},
      unexplainedLoss: 0,
    });
  });

  it("finds exactly what was taken out of the logs, whatever is taken", () => {
    const frames = fc.array(fc.record({ samples: fc.nat(64), isTaken: fc.boolean() }), {
      maxLength: 50,
    });
    fc.assert(
      fc.property(frames, (list) => {
        const cuts = list.map(({ samples }, i) => cut(`frame-${i}`, samples));
        const logged = cuts
          .filter((_, i) => list[i]?.isTaken === false)
          .map((frame) => entry(frame.commitment, frame.samples));
        const taken = list.filter(({ isTaken }) => isTaken);
        const count = countSamples({ journals: [journal("vehicle-01", cuts)], logged });
        expect(count.unexplainedLoss).toBe(taken.reduce((sum, { samples }) => sum + samples, 0));
      }),
    );
  });
});

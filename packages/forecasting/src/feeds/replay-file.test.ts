import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeReplayFile, replayedSnapshot, replayStatuses } from "./replay-file.ts";

const point = {
  ...{ pointId: "p", siteId: "s", name: "Quai 1", latitude: 48.85, longitude: 2.35 },
  ...{ types: ["type2"], power_kW: 7, price_EURperkWh: 0 },
};
const file = {
  ...{ version: 1, network: "n", title: "t", attribution: "", zone_min: 60 },
  points: [point, { ...point, pointId: "q" }],
  snapshots: [{ at_ms: 1000, statuses: replayStatuses([1, 255]) }],
};

test("a snapshot comes back as it was written, without the points that said nothing", () => {
  const read = decodeReplayFile(JSON.stringify(file));
  expect(read.ok && replayedSnapshot(read.value, 0)).toEqual({
    at_ms: 1000,
    records: [{ ...point, status: "charging" }],
  });
});

test.each([
  ["version", { ...file, version: 2 }],
  ["head", { ...file, zone_min: "60" }],
  ["points", { ...file, points: [] }],
  ["a point", { ...file, points: [point, { ...point, latitude: 200 }] }],
  ["snapshots", { ...file, snapshots: [] }],
  ["snapshot 0", { ...file, snapshots: [{ at_ms: 1000, statuses: "1" }] }],
])("a file with a wrong %s is refused", (detail, wrong) => {
  expect(decodeReplayFile(JSON.stringify(wrong))).toEqual({
    ok: false,
    problem: { code: "REPLAY_INVALID", detail },
  });
});

test("no text makes the decoder throw", () => {
  fc.assert(fc.property(fc.string(), (text) => void decodeReplayFile(text)));
  fc.assert(fc.property(fc.json(), (text) => void decodeReplayFile(text)));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(file)), fc.jsonValue(), (key, value) => {
      decodeReplayFile(JSON.stringify({ ...file, [key]: value }));
    }),
  );
});

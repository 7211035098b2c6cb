import { ChargerBoard } from "@voltfog/forecasting";
import { type LogFields, silentLogger, utf8 } from "@voltfog/runtime";
import { beforeEach, expect, test } from "vitest";
import type { Reply } from "../remote/remote.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import { ChargerFollower } from "./charger-follower.ts";

const report = {
  ...{ version: 1, count: 1, network: "n", title: "t", attribution: "", origin: "live" },
  ...{ zone_min: 60, at_ms: 5, shown_ms: 5, horizon_min: 60, forecast: "baseline" },
  ...{ forecastNote: "", suspicion: "", sites: [] },
};
const json = (status: number, value: unknown): Reply => ({
  status,
  body: utf8(JSON.stringify(value)),
});

let board: ChargerBoard;
let asked: string[];
let answers: Record<string, Reply>;
let warned: LogFields[];

beforeEach(() => {
  board = new ChargerBoard();
  asked = [];
  answers = {};
  warned = [];
});

function follower(ids: readonly string[]): ChargerFollower {
  const units = ids.map((id) => ({
    id,
    remote: fakeRemote({
      answer: (path) => {
        asked.push(`${id} ${path}`);
        return answers[id] ?? json(404, { code: "CHARGERS_UNKNOWN" });
      },
    }),
  }));
  return new ChargerFollower({
    ...{ units, board, longPoll_ms: 100, signal: new AbortController().signal },
    logger: { ...silentLogger, warn: (_message, fields = {}) => warned.push(fields) },
  });
}

test("the unit that knows of chargers is found, and asked for what comes next", async () => {
  answers["unit-2"] = json(200, report);
  const one = follower(["unit-1", "unit-2"]);
  expect(await one.step()).toEqual({ pause_ms: 0 });
  expect(await one.step()).toEqual({ pause_ms: 0 });
  expect(board.feed(10)).toMatchObject({ network: "n", at_ms: 5 });
  answers["unit-2"] = json(204, "");
  expect(await one.step()).toEqual({ pause_ms: 0 });
  expect(asked.at(-1)).toBe("unit-2 /v1/chargers?after=1&wait_ms=100");
});

test("where no unit knows of any the question is asked again after a pause", async () => {
  const one = follower(["unit-1", "unit-2"]);
  expect(await one.step()).toEqual({ pause_ms: 0 });
  expect(await one.step()).toEqual({ pause_ms: 2000 });
  expect(board.feed(10)).toBeUndefined();
  expect(await follower([]).step()).toEqual({ pause_ms: 2000 });
});

test("a report that makes no sense is refused with its place, and the last good one stays", async () => {
  answers["unit-1"] = json(200, report);
  const one = follower(["unit-1"]);
  await one.step();
  answers["unit-1"] = json(200, { ...report, count: 2, zone_min: "soon" });
  expect(await one.step()).toEqual({ pause_ms: 2000 });
  answers["unit-1"] = { status: 200, body: utf8("no JSON") };
  await one.step();
  expect(warned).toMatchObject([{ detail: "zone_min" }, { detail: "not an object" }]);
  expect(board.feed(10)).toMatchObject({ network: "n" });
});

test("after a unit fell silent another one is asked from the beginning", async () => {
  answers["unit-1"] = json(200, { ...report, count: 7 });
  const one = follower(["unit-1", "unit-2"]);
  await one.step();
  answers["unit-1"] = json(503, {});
  answers["unit-2"] = json(200, { ...report, network: "other" });
  await one.step();
  await one.step();
  expect(asked.at(-1)).toBe("unit-2 /v1/chargers?after=0&wait_ms=100");
  expect(board.feed(10)).toMatchObject({ network: "other" });
});

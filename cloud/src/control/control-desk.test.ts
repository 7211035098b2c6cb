import { accepted, ManualClock, refused, utf8 } from "@voltfog/runtime";
import { beforeEach, expect, test, vi } from "vitest";
import type { Remote, Reply } from "../remote/remote.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import { ControlDesk, type Question } from "./control-desk.ts";

const question: Question<{ readonly n: number }> = {
  path: "/v1/topology",
  what: "topology",
  decode: (value) => {
    const { n } = (value ?? {}) as { n?: unknown };
    return typeof n === "number" ? accepted({ n }) : refused({ code: "ANSWER_INVALID" });
  },
};

let clock: ManualClock;
let reply: Reply;
let asked: string[];
let controller: Remote & { down: boolean };
let desk: ControlDesk;

const json = (status: number, value: unknown): Reply => ({
  status,
  body: utf8(JSON.stringify(value)),
});

beforeEach(() => {
  clock = new ManualClock(1000);
  reply = json(200, { n: 1 });
  asked = [];
  controller = fakeRemote({
    answer: (path, body) => {
      asked.push(body === undefined ? path : `${path} ${body}`);
      return reply;
    },
  });
  desk = deskOf(controller);
});

function deskOf(remote: Remote | undefined): ControlDesk {
  return new ControlDesk({ controller: remote, clock, signal: new AbortController().signal });
}

test("everybody who looks within half a second shares one answer", async () => {
  await Promise.all([desk.read(question), desk.read(question)]);
  clock.advance(499);
  expect(await desk.read(question)).toMatchObject({ n: 1, answer: { fresh: true, code: null } });
  expect(asked).toHaveLength(1);
  clock.advance(1);
  reply = json(200, { n: 2 });
  expect(await desk.read(question)).toMatchObject({ n: 2 });
});

test("while the controller is away its last good answer is given with its time and the reason", async () => {
  const { answer } = await desk.read(question);
  clock.advance(60_000);
  controller.down = true;
  expect(await desk.read(question)).toMatchObject({
    n: 1,
    answer: { at_ms: answer.at_ms, fresh: false, code: "CONTROLLER_UNREACHABLE" },
  });
  controller.down = false;
  reply = json(200, { n: "many" });
  clock.advance(500);
  await vi.waitFor(async () =>
    expect(await desk.read(question)).toMatchObject({
      n: 1,
      answer: { code: "CONTROLLER_FAILED" },
    }),
  );
  reply = json(200, { n: 5 });
  clock.advance(500);
  await vi.waitFor(async () =>
    expect(await desk.read(question)).toMatchObject({ n: 5, answer: { fresh: true, code: null } }),
  );
});

test("a controller that hangs holds up nobody who has seen it before, and is asked once at a time", async () => {
  await desk.read(question);
  controller.down = true;
  clock.advance(500);
  await desk.read(question);
  let hanging = 0;
  controller.get = () => {
    hanging++;
    return new Promise(() => {});
  };
  for (let i = 0; i < 5; i++) {
    clock.advance(500);
    expect(await desk.read(question)).toMatchObject({ n: 1, answer: { fresh: false } });
  }
  expect(hanging).toBe(1);
});

test.each([
  [503, "CONTROLLER_UNREACHABLE", undefined],
  [502, "CONTROLLER_FAILED", json(500, { message: "no" })],
  [502, "CONTROLLER_FAILED", json(200, [])],
  [404, "NOT_OFFERED", json(404, { code: "NOT_FOUND" })],
])("without any good answer before it is %i %s", async (statusCode, code, answer) => {
  if (answer === undefined) controller.down = true;
  else reply = answer;
  await expect(desk.read(question)).rejects.toMatchObject({ statusCode, code });
});

test("a site without a controller says so", async () => {
  const refusal = { statusCode: 503, code: "NO_CONTROLLER" };
  await expect(deskOf(undefined).read(question)).rejects.toMatchObject(refusal);
  await expect(deskOf(undefined).ask(question, {})).rejects.toMatchObject(refusal);
});

test("a supposition is posted as it is, and the controller's refusal of it is passed on", async () => {
  expect(await desk.ask(question, { down: ["unit-1"] })).toEqual({ n: 1 });
  expect(asked).toEqual(['/v1/topology {"down":["unit-1"]}']);
  reply = json(400, { code: "UNIT_UNKNOWN", message: "no unit-9" });
  await expect(desk.ask(question, {})).rejects.toMatchObject({
    ...{ statusCode: 400, code: "UNIT_UNKNOWN", message: "no unit-9" },
  });
});

test("a third supposition at once is refused, and one after them is taken", async () => {
  const first = [desk.ask(question, {}), desk.ask(question, {})];
  await expect(desk.ask(question, {})).rejects.toMatchObject({ code: "DESK_BUSY" });
  await Promise.all(first);
  expect(await desk.ask(question, {})).toEqual({ n: 1 });
});

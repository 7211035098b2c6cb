import { streams } from "@voltfog/messages";
import type { UnitId } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { openOutbox } from "../outbox/open-outbox.ts";
import { readFrame } from "../testing/read-frames.ts";
import { temporaryFolder, testAlarm, testCut, testOutboxOptions } from "../testing/test-vehicle.ts";
import { FrameSender } from "./frame-sender.ts";
import type { UplinkSession } from "./uplink-session.ts";

/** A session whose acknowledgements the test gives. */
function fakeSession(unit = "unit-1") {
  const sent: { name: string; answer: (acknowledged: boolean) => void }[] = [];
  let end = (_reason: string): void => {};
  let look = (): void => {};
  const closed = new Promise<string>((resolve) => {
    end = resolve;
  });
  const session: UplinkSession = {
    target: { unitId: unit as UnitId, host: "", port: 1 },
    roundTrip_ms: undefined,
    closed,
    publish: (topic, bytes) =>
      new Promise((answer) => {
        sent.push({ name: `${topic} ${readFrame(bytes).header.sequence}`, answer });
        look();
      }),
    async close() {
      end("closed");
    },
  };
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (sent.length >= count) resolve();
      };
      look();
    });
  return {
    session,
    sent,
    until,
    end: () => end("gone"),
    names: () => sent.map(({ name }) => name),
  };
}

async function vehicle(windows = { telemetry: 2, urgent: 1 }) {
  const outbox = await openOutbox(testOutboxOptions(temporaryFolder()));
  /** The receipt that the vehicle would show; the tests set it. */
  const receipt: { shown: number | undefined } = { shown: undefined };
  const sender = new FrameSender({
    queues: outbox.queues,
    windows,
    onAcknowledged: () => {},
    shown: (stream) => (stream === "telemetry" ? receipt.shown : undefined),
  });
  const take = async (from: number, alarm = false): Promise<void> => {
    outbox.writer.offer(testCut(from, from + 1, { alarms: alarm ? [testAlarm(from)] : [] }));
    await outbox.writer.settle();
    sender.wake();
  };
  return { outbox, sender, take, receipt };
}

test("alarms go before telemetry and no window is overrun", async () => {
  const { outbox, sender, take } = await vehicle();
  for (const from of [1, 3, 5]) await take(from);
  await take(7, true);
  const { session, sent, until, names, end } = fakeSession();
  const running = sender.run(session);
  await until(3);
  expect(names()).toEqual(["urgent 1", "telemetry 1", "telemetry 2"]);
  sent[1]?.answer(true);
  await until(4);
  expect(names()[3]).toBe("telemetry 3");
  end();
  await running;
  await outbox.close();
});

test("a full window of telemetry does not hold up an alarm", async () => {
  const { outbox, sender, take } = await vehicle();
  for (const from of [1, 3, 5]) await take(from);
  const { session, until, names, end } = fakeSession();
  const running = sender.run(session);
  await until(2);
  await take(7, true);
  await until(3);
  expect(names()[2]).toBe("urgent 1");
  end();
  await running;
  await outbox.close();
});

test("after a lost connection everything without an acknowledgement is sent again in order", async () => {
  const { outbox, sender, take } = await vehicle({ telemetry: 3, urgent: 1 });
  for (const from of [1, 3, 5]) await take(from);
  const first = fakeSession();
  const firstRun = sender.run(first.session);
  await first.until(3);
  first.sent[1]?.answer(true); // The second is acknowledged before the first.
  first.end();
  await firstRun;
  first.sent[0]?.answer(false);
  const second = fakeSession();
  const secondRun = sender.run(second.session);
  await second.until(3);
  expect(second.names()).toEqual(["telemetry 1", "telemetry 2", "telemetry 3"]);
  for (const { answer } of second.sent) answer(true);
  second.end();
  await secondRun;
  expect(streams.map((stream) => outbox.queues[stream].frames)).toEqual([0, 0]);
  await outbox.close();
});

test("a session that takes nothing more ends the run", async () => {
  const { outbox, sender, take } = await vehicle();
  await take(1);
  const { session, sent, until } = fakeSession();
  const running = sender.run(session);
  await until(1);
  sent[0]?.answer(false);
  await running;
  expect(outbox.queues.telemetry.frames).toBe(1);
  await outbox.close();
});

/** A vehicle whose unit acknowledged four frames and gave a receipt up to the second. */
async function roaming() {
  const fleet = await vehicle({ telemetry: 8, urgent: 1 });
  const { sender, take, receipt } = fleet;
  for (const from of [1, 3, 5, 7]) await take(from);
  const { session, sent, until, end } = fakeSession("unit-1");
  const running = sender.run(session);
  await until(4);
  for (const { answer } of sent) answer(true);
  end();
  await running;
  receipt.shown = 2;
  await take(9);
  /** What goes out first over a new session, and everything acknowledged. */
  const attach = async (unit: string, count: number): Promise<readonly string[]> => {
    const next = fakeSession(unit);
    const run = sender.run(next.session);
    await next.until(count);
    for (const { answer } of next.sent) answer(true);
    next.end();
    await run;
    return next.names();
  };
  return { ...fleet, attach };
}

test("a new unit gets again what came after the receipt, then goes on; the outbox counts none of it twice", async () => {
  const { outbox, attach } = await roaming();
  const { telemetry } = outbox.queues;
  expect([telemetry.frames, telemetry.samples, telemetry.acknowledgedSequence]).toEqual([1, 2, 4]);
  expect(await attach("unit-2", 3)).toEqual(["telemetry 3", "telemetry 4", "telemetry 5"]);
  expect([telemetry.frames, telemetry.samples, telemetry.acknowledgedSequence]).toEqual([0, 0, 5]);
  await outbox.close();
});

test("the unit that acknowledged last gets nothing again", async () => {
  const { outbox, attach } = await roaming();
  expect(await attach("unit-1", 1)).toEqual(["telemetry 5"]);
  await outbox.close();
});

test("coming back to the unit of the receipt, it gets what the one between acknowledged without", async () => {
  const { outbox, attach, take } = await roaming();
  await attach("unit-2", 3);
  await take(11);
  expect(await attach("unit-1", 4)).toEqual([3, 4, 5, 6].map((n) => `telemetry ${n}`));
  await outbox.close();
});

test("a connection lost while frames are repeated moves nothing back", async () => {
  const { outbox, sender, attach } = await roaming();
  const broken = fakeSession("unit-2");
  const run = sender.run(broken.session);
  await broken.until(3);
  broken.sent[0]?.answer(true);
  broken.end();
  await run;
  expect(outbox.queues.telemetry.acknowledgedSequence).toBe(4);
  expect(await attach("unit-3", 3)).toEqual(["telemetry 3", "telemetry 4", "telemetry 5"]);
  await outbox.close();
});

test("where the disk no longer holds the frame after the receipt, nothing is repeated", async () => {
  const folder = temporaryFolder();
  const options = testOutboxOptions(folder);
  const outbox = await openOutbox({ ...options, segmentMax_bytes: 1 });
  const windows = { telemetry: 8, urgent: 1 };
  const sender = new FrameSender({
    queues: outbox.queues,
    windows,
    onAcknowledged: () => {},
    shown: () => 1,
  });
  for (const from of [1, 3, 5, 7]) {
    outbox.writer.offer(testCut(from, from + 1));
    await outbox.writer.settle();
  }
  const first = fakeSession("unit-1");
  const running = sender.run(first.session);
  await first.until(4);
  for (const { answer } of first.sent.slice(0, 3)) answer(true);
  first.end();
  await running;
  const second = fakeSession("unit-2");
  const again = sender.run(second.session);
  await second.until(1);
  expect(second.names()).toEqual(["telemetry 4"]);
  second.end();
  await again;
  await outbox.close();
});

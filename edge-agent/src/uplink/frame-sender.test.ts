import { streams } from "@voltfog/messages";
import type { UnitId } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { openOutbox } from "../outbox/open-outbox.ts";
import { readFrame } from "../testing/read-frames.ts";
import { temporaryFolder, testAlarm, testCut, testOutboxOptions } from "../testing/test-vehicle.ts";
import { FrameSender } from "./frame-sender.ts";
import type { UplinkSession } from "./uplink-session.ts";

/** A session whose acknowledgements the test gives. */
function fakeSession() {
  const sent: { name: string; answer: (acknowledged: boolean) => void }[] = [];
  let end = (_reason: string): void => {};
  let look = (): void => {};
  const closed = new Promise<string>((resolve) => {
    end = resolve;
  });
  const session: UplinkSession = {
    target: { unitId: "unit-1" as UnitId, host: "", port: 1 },
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
  const sender = new FrameSender({ queues: outbox.queues, windows, onAcknowledged: () => {} });
  const take = async (from: number, alarm = false): Promise<void> => {
    outbox.writer.offer(testCut(from, from + 1, { alarms: alarm ? [testAlarm(from)] : [] }));
    await outbox.writer.settle();
    sender.wake();
  };
  return { outbox, sender, take };
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

import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { DownQueue } from "./down-queue.ts";

/** A connection that takes so many messages before it must drain. */
class SlowOutlet extends EventEmitter {
  writableNeedDrain = false;
  readonly written: string[] = [];
  #room: number;

  constructor(room: number) {
    super();
    this.#room = room;
  }

  write(topic: string): void {
    this.written.push(topic);
    this.#room -= 1;
    this.writableNeedDrain = this.#room <= 0;
  }

  drained(room: number): void {
    this.#room = room;
    this.writableNeedDrain = false;
    this.emit("drain");
  }
}

function queueOver(outlet: SlowOutlet): DownQueue {
  return new DownQueue({ outlet, write: ({ topic }) => outlet.write(topic) });
}

const bytes = new Uint8Array(1000);

test("what a slow reader waits for comes by class: commands, receipts, refusals", () => {
  const outlet = new SlowOutlet(1);
  const queue = queueOver(outlet);
  for (const [downClass, topic] of [
    ["bulk", "refusal 1"],
    ["bulk", "refusal 2"],
    ["telemetry", "receipt"],
    ["command", "command"],
  ] as const) {
    expect(queue.send(downClass, { topic, bytes })).toBe(true);
  }
  expect(outlet.written).toEqual(["refusal 1"]);
  outlet.drained(2);
  expect(outlet.written).toEqual(["refusal 1", "command", "receipt"]);
  outlet.drained(9);
  expect(outlet.written.at(-1)).toBe("refusal 2");
});

test("a class that waits too long misses messages, and the others do not", () => {
  const outlet = new SlowOutlet(1);
  const queue = queueOver(outlet);
  const sent = Array.from({ length: 400 }, () => queue.send("bulk", { topic: "refusal", bytes }));
  expect(sent.filter((taken) => !taken).length).toBeGreaterThan(100);
  expect(queue.send("command", { topic: "command", bytes })).toBe(true);
  outlet.drained(1);
  expect(outlet.written.at(-1)).toBe("command");
});

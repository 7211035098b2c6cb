import type { Clock } from "@voltfog/runtime";
import { sharedTime_ms } from "../../measure/shared-time.ts";
import { ClientLog } from "./client-log.ts";
import type { ClientRun, Until } from "./client-messages.ts";
import type { OrderLinks } from "./door-links.ts";
import type { Script } from "./pair-script.ts";

/** Somebody with a script who brings everything to one door. */
export interface Client {
  readonly script: Script;
  readonly door: number;
}

/** Every client sends when the one before is answered. One whose order was turned away ends: its numbers are off. */
export async function runClosed(o: {
  links: OrderLinks;
  clock: Clock;
  clients: readonly Client[];
  until: Until;
}): Promise<ClientRun> {
  const { clients, clock, until } = o;
  const log = new ClientLog(o);
  const stop_ms = await new Promise<number>((resolve) => {
    let isOver = false;
    const end = (): void => {
      isOver = true;
      cancel();
      resolve(sharedTime_ms());
    };
    // Also where nobody is answered any more.
    const cancel = clock.after(until.for_ms, end);
    const sendNext = ({ script, door }: Client): void => {
      if (!isOver && log.sent >= until.operations) end();
      if (isOver) return;
      const answered = (): void => sendNext({ script, door });
      log.send({ signed: script.next(), door, intended_ms: sharedTime_ms(), answered });
    };
    for (const client of clients) sendNext(client);
  });
  return log.run(stop_ms);
}

/**
 * An order every interval, sent by whoever is free: the oldest that waits goes to who became free first. Its
 * time counts from when it was due, also where nobody was free.
 */
export async function runAtRate(o: {
  links: OrderLinks;
  clock: Clock;
  clients: readonly Client[];
  rate_Hz: number;
  for_ms: number;
}): Promise<ClientRun> {
  const log = new ClientLog(o);
  const free = [...o.clients];
  const due_ms: number[] = [];
  const count = Math.floor((o.rate_Hz * o.for_ms) / 1000);
  const pair = (): void => {
    while (free.length > 0 && due_ms.length > 0) {
      const client = free.shift();
      const intended_ms = due_ms.shift();
      if (client === undefined || intended_ms === undefined) return;
      const { script, door } = client;
      const answered = (): void => {
        free.push(client);
        pair();
      };
      log.send({ signed: script.next(), door, intended_ms, answered });
    }
  };
  let next = 0;
  while (next < count) {
    const now_ms = sharedTime_ms();
    for (; next < count && dueAt(log.start_ms, next, o.rate_Hz) <= now_ms; next++) {
      due_ms.push(dueAt(log.start_ms, next, o.rate_Hz));
    }
    pair();
    await log.wait(1);
  }
  const stop_ms = log.start_ms + o.for_ms;
  const patience_ms = sharedTime_ms() + 2 * o.for_ms;
  while (due_ms.length > 0 && sharedTime_ms() < patience_ms) {
    await log.wait(1);
  }
  const unsent = due_ms.splice(0).length;
  const run = await log.run(stop_ms);
  return { ...run, missing: run.missing + unsent };
}

function dueAt(start_ms: number, place: number, rate_Hz: number): number {
  return start_ms + (1000 * place) / rate_Hz;
}

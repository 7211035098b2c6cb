import { systemClock as clock } from "@voltfog/runtime/node";
import { expect, it } from "vitest";
import { sharedTime_ms } from "../../measure/shared-time.ts";
import { type Client, runAtRate, runClosed } from "./client-loops.ts";
import type { OrderLinks } from "./door-links.ts";
import type { Signed } from "./pair-script.ts";

/** Answers a turn later, and notes how many waited at most. */
function links(): OrderLinks & { readonly most: number } {
  let [waiting, most] = [0, 0];
  return {
    get most() {
      return most;
    },
    get waiting() {
      return waiting;
    },
    submit(_signed, _door, answered) {
      waiting++;
      most = Math.max(most, waiting);
      setImmediate(() => {
        waiting--;
        answered({ word: "done", at_ms: sharedTime_ms() });
      });
    },
    forget: () => waiting,
  };
}

function clients(count: number): readonly Client[] {
  const next = (): Signed => ({ bytes: new Uint8Array(243), hash: new Uint8Array(32) });
  return Array.from({ length: count }, (_, door) => ({ script: { next, prepare() {} }, door }));
}

it("in the closed loop everybody waits for an answer, and so many are sent as were asked for", async () => {
  const one = links();
  const until = { for_ms: 60_000, operations: 50 };
  const run = await runClosed({ links: one, clock, clients: clients(5), until });
  expect(one.most).toBe(5);
  expect(run.answered_ms).toHaveLength(50);
  expect(run).toMatchObject({ missing: 0, refused: 0, payload_bytes: 100 });
});

it("at a rate nobody sends twice at once, and what waited is late", async () => {
  const one = links();
  const rate = { rate_Hz: 10_000, for_ms: 20 };
  const run = await runAtRate({ ...rate, links: one, clock, clients: clients(3) });
  expect(one.most).toBeLessThanOrEqual(3);
  expect(run.answered_ms.length + run.missing).toBe(200);
  expect(run.took_ms.every((took_ms) => took_ms >= 0)).toBe(true);
});

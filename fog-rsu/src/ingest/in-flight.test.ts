import { expect, test } from "vitest";
import { type Gate, InFlight } from "./in-flight.ts";

function gate(): Gate & { held: boolean } {
  return {
    held: false,
    hold() {
      this.held = true;
    },
    release() {
      this.held = false;
    },
  };
}

test("a sender over its bound is held until half of it is free, and others are not", () => {
  const bound = new InFlight({ perSenderMax_bytes: 4096, totalMax_bytes: 1_000_000 });
  const [busy, quiet] = [gate(), gate()];
  const ends = [0, 1, 2].map(() => bound.begin({ gate: busy, length_bytes: 1024 }));
  bound.begin({ gate: quiet, length_bytes: 10 });
  expect(busy.held).toBe(true);
  expect(quiet.held).toBe(false);
  ends[0]?.();
  expect(busy.held).toBe(true);
  ends[1]?.();
  expect(busy.held).toBe(false);
});

test("all senders together are bounded too", () => {
  const bound = new InFlight({ perSenderMax_bytes: 1_000_000, totalMax_bytes: 5000 });
  const gates = [gate(), gate(), gate()];
  const ends = gates.map((one) => bound.begin({ gate: one, length_bytes: 1500 }));
  expect(gates.map(({ held }) => held)).toEqual([false, false, true]);
  for (const end of ends) end();
  expect(gates.map(({ held }) => held)).toEqual([false, false, false]);
  expect(bound.total_bytes).toBe(0);
});

test("empty messages count as well", () => {
  const bound = new InFlight({ perSenderMax_bytes: 4096, totalMax_bytes: 1_000_000 });
  const one = gate();
  for (let i = 0; i < 9; i++) bound.begin({ gate: one, length_bytes: 0 });
  expect(one.held).toBe(true);
});

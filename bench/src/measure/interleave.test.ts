import { expect, it } from "vitest";
import { interleave } from "./interleave.ts";

it("every case runs once per repeat, every second repeat backwards, one at a time", async () => {
  const order: string[] = [];
  let running = 0;
  const results = await interleave({
    cases: ["a", "b", "c"],
    repeats: 3,
    run: async ({ case: one, repeat }) => {
      running++;
      order.push(one);
      await Promise.resolve();
      expect(running--).toBe(1);
      return `${one}${repeat}`;
    },
  });
  expect(order.join("")).toBe("abccbaabc");
  expect([...results]).toEqual([
    ["a", ["a0", "a1", "a2"]],
    ["b", ["b0", "b1", "b2"]],
    ["c", ["c0", "c1", "c2"]],
  ]);
});

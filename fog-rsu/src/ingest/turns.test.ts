import fc from "fast-check";
import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("work of one key ends in the order in which it began, whatever finishes first", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom("a", "b"), { maxLength: 20 }),
      async (scheduler, keys) => {
        const turns = new Turns();
        const ended: Record<string, number[]> = { a: [], b: [] };
        const all = keys.map(async (key, i) => {
          const value = await turns.inTurn(key, scheduler.schedule(Promise.resolve(i)));
          ended[key]?.push(value);
        });
        await scheduler.waitAll();
        await Promise.all(all);
        for (const [key, order] of Object.entries(ended)) {
          expect(order).toEqual(keys.flatMap((one, i) => (one === key ? [i] : [])));
        }
        expect(turns.size).toBe(0);
      },
    ),
  );
});

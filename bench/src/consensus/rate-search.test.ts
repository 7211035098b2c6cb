import { expect, it } from "vitest";
import { searchRate } from "./rate-search.ts";

async function search(first_Hz: number, limit_Hz: number, stepsMax = 8) {
  const tried: number[] = [];
  const best = await searchRate({
    first_Hz,
    stepsMax,
    run: async (rate_Hz) => {
      tried.push(rate_Hz);
      return rate_Hz;
    },
    isGood: (rate_Hz) => rate_Hz <= limit_Hz,
  });
  return { tried, best: best?.rate_Hz };
}

it("doubles until the bound breaks, then halves the ratio between good and bad", async () => {
  expect(await search(100, 500, 5)).toEqual({ tried: [100, 200, 400, 800, 566], best: 400 });
  expect((await search(100, 600, 5)).best).toBe(566);
});

it("comes down where it began too high, and says so where nothing was good", async () => {
  expect(await search(400, 120, 4)).toEqual({ tried: [400, 200, 100, 141], best: 100 });
  expect((await search(400, 0, 3)).best).toBeUndefined();
});

import { expect, test } from "vitest";
import { runSeeds } from "./run-seeds.ts";

const progress = (): void => {};

test("the true engine runs all seeds, each row can be run again and gives the same trace", () => {
  const seeds = { from: 7, to: 10 };
  const run = runSeeds({ seeds, mutation: undefined, voters: undefined, progress });
  expect(run.scenarios.map(({ seed }) => seed)).toEqual([7, 8, 9, 10]);
  expect([run.violations, run.caught]).toEqual([0, null]);
  const [, , third] = run.scenarios;
  expect(third?.replay).toBe("voltfog simulate chain --engine poa --seeds 9..9");
  const again = runSeeds({
    seeds: { from: 9, to: 9 },
    mutation: undefined,
    voters: undefined,
    progress,
  });
  expect(again.scenarios).toEqual([third]);
});

test("with a mutation the run ends where a checker for it objects, and says how to see it again", () => {
  const seeds = { from: 0, to: 50 };
  const run = runSeeds({ seeds, mutation: "duplicate-signer-counted", voters: 4, progress });
  const last = run.scenarios.at(-1);
  expect(run.caught).toEqual({ seed: last?.seed, checker: "certificates" });
  expect(last?.replay).toContain("--n 4 --mutation duplicate-signer-counted");
});

test("a row of another engine names it, and runs again as it ran", () => {
  const engine = { name: "sbft", redundant: 1 } as const;
  const rows = [1, 2].map(() =>
    runSeeds({
      engine,
      seeds: { from: 3, to: 3 },
      mutation: undefined,
      voters: undefined,
      progress,
    }),
  );
  expect(rows[0]?.engine).toBe("sbft:1");
  expect(rows[0]?.scenarios[0]).toMatchObject({
    n: 9,
    replay: "voltfog simulate chain --engine sbft:1 --seeds 3..3",
  });
  expect(rows[1]).toEqual(rows[0]);
});

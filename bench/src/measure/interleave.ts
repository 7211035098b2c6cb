/**
 * Runs every case once per repeat, in turn, so that whatever else the machine does falls on all alike.
 * The order is reversed in every second repeat: no case always comes after the same other.
 */
export async function interleave<Case, Result>(o: {
  cases: readonly Case[];
  repeats: number;
  run: (the: { case: Case; repeat: number }) => Promise<Result>;
}): Promise<ReadonlyMap<Case, readonly Result[]>> {
  const results = new Map<Case, Result[]>(o.cases.map((one) => [one, []]));
  for (let repeat = 0; repeat < o.repeats; repeat++) {
    const order = repeat % 2 === 0 ? o.cases : [...o.cases].reverse();
    for (const one of order) results.get(one)?.push(await o.run({ case: one, repeat }));
  }
  return results;
}

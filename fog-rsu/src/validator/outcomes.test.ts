import type { Result } from "@voltfog/ledger";
import { expect, test } from "vitest";
import { Outcomes } from "./outcomes.ts";

/** A log of results that keeps all from `from` on. */
class FewResults {
  readonly results: Result[] = [];
  from = 0;
  /** The same of every sender. */
  nonce = 0;

  nonceOf(): number {
    return this.nonce;
  }

  get resultsSize(): number {
    return this.results.length;
  }

  resultAt(index: number): Result | undefined {
    return index < this.from ? undefined : this.results[index];
  }

  add(count: number): { resultsSize: number; results: readonly Result[] } {
    const first = this.resultsSize;
    const added = Array.from({ length: count }, (_, at) => resultOf(first + at));
    this.results.push(...added);
    return { resultsSize: this.resultsSize, results: added };
  }
}

function hashOf(index: number): Uint8Array {
  return new Uint8Array(32).fill(index);
}

function resultOf(index: number): Result {
  const empty = { txIndex: 0, module: 1, action: 1, code: "OK", data: new Uint8Array() };
  return { ...empty, height: index, txHash: hashOf(index), sender: new Uint8Array(32) };
}

test("an outcome is found by its transaction once its block was told, also of before the start", () => {
  const chain = new FewResults();
  chain.add(3);
  const outcomes = new Outcomes({ chain });
  expect(outcomes.of(hashOf(2))?.height).toBe(2);
  const block = chain.add(2);
  expect(outcomes.of(hashOf(4))).toBeUndefined();
  outcomes.take(block);
  expect([3, 4].map((index) => outcomes.of(hashOf(index))?.height)).toEqual([3, 4]);
});

test("the oldest go beyond the limit, and where the chain keeps their results no more", () => {
  const chain = new FewResults();
  chain.add(3);
  const outcomes = new Outcomes({ chain, limit: 4 });
  outcomes.take(chain.add(3));
  chain.from = 3;
  const found = [0, 1, 2, 3, 4, 5].map((index) => outcomes.of(hashOf(index)) !== undefined);
  expect(found).toEqual([false, false, false, true, true, true]);
});

test("what a later transaction of its sender overtook is told apart from what waits or is final", () => {
  const chain = new FewResults();
  const outcomes = new Outcomes({ chain });
  const sender = new Uint8Array(32);
  for (const [at, nonce] of [3, 5, 6].entries()) {
    outcomes.submitted({ hash: hashOf(at), sender, nonce });
  }
  const said = (): unknown => [0, 1, 2].map((at) => outcomes.overtakenBy(hashOf(at)));
  expect(said()).toEqual([undefined, undefined, undefined]);
  // The block of the one with nonce 5 is the chain's, and not told yet.
  chain.nonce = 5;
  const first = resultOf(1);
  chain.results.push(first);
  expect(said()).toEqual([undefined, undefined, undefined]);
  outcomes.take({ resultsSize: 1, results: [first] });
  expect(said()).toEqual([5, undefined, undefined]);
  expect(outcomes.of(hashOf(1))?.height).toBe(1);
});

import type { EngineName } from "@voltfog/ledger";

/** Messages that one block takes where nothing fails, clients' messages left out (docs/specs/engines.md). */
const formulas: Readonly<Record<EngineName, (n: number) => number>> = {
  poa: (n) => (n - 1) * (2 * n + 1),
  pbft: (n) => 2 * n * (n - 1),
  linear: (n) => 5 * (n - 1),
  sbft: (n) => 3 * (n - 1),
  // Two views a block, two messages to or from every other voter in each; what decides travels in the next proposal.
  hotstuff: (n) => 4 * (n - 1),
};

export function messagesByFormula(engine: EngineName, n: number): number {
  return formulas[engine](n);
}

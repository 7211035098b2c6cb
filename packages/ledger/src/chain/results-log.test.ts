import { concatBytes } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { inclusionPath, rootOf } from "../log/proofs.ts";
import { ResultsLog } from "./results-log.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const crypto = nodeCrypto;

function leaf(i: number): Uint8Array {
  return crypto.sha256(Uint8Array.of(i & 255, i >> 8));
}

it("the log of results has the roots and paths of RFC 6962, however it was filled", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }), (batches) => {
      const log = new ResultsLog({ crypto });
      const leaves: Uint8Array[] = [];
      for (const count of batches) {
        const batch = Array.from({ length: count }, (_, i) => leaf(leaves.length + i));
        const ahead = log.after(concatBytes(...batch));
        leaves.push(...batch);
        expect(ahead).toEqual({ size: leaves.length, root: rootOf(leaves, crypto) });
        expect(log.size).toBe(leaves.length - count);
        log.append(concatBytes(...batch));
        expect(log.after(new Uint8Array())).toEqual(ahead);
      }
      for (const index of leaves.keys()) {
        expect(log.path(index)).toEqual(inclusionPath({ leaves, index, crypto }));
        expect(log.leaf(index)).toEqual(leaves[index]);
        if (index % 16 !== 0) continue;
        const size = Math.ceil((index + 1 + leaves.length) / 2);
        expect(log.path(index, size)).toEqual(inclusionPath({ leaves, index, size, crypto }));
      }
      expect(log.between({ begin: 0, end: log.size })).toEqual(concatBytes(...leaves));
    }),
    { numRuns: 40 },
  );
});

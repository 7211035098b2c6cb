import type { ChainView } from "@voltfog/messages";
import { expect, test } from "vitest";
import { engineSentence } from "./engine-words.ts";

const chain: ChainView = {
  ...{ chain: "north", chainId: "00", engine: "poa", redundant: 0, validators: 4 },
  ...{ faultyMax: 1, quorum: 3, fastQuorum: null },
};

test("the chain page names the engine and the seals that it takes", () => {
  expect(engineSentence(chain)).toMatch(
    /^Engine poa: .* 3 of 4 seals make a block final; up to 1 /,
  );
  const alone = { ...chain, engine: "linear", validators: 1, faultyMax: 0, quorum: 1 } as const;
  expect(engineSentence(alone)).toMatch(/^Engine linear: .*none may be faulty\.$/);
});

test("a fast path is told with its redundant validators", () => {
  const sbft = {
    ...chain,
    ...({ engine: "sbft", redundant: 1, validators: 6, quorum: 4, fastQuorum: 5 } as const),
  };
  expect(engineSentence(sbft)).toMatch(
    /^Engine sbft with 1 redundant: .* 4 of 6 seals make a block final, or 5 on the fast path;/,
  );
});

import type { Crypto } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { expect, it } from "vitest";
import { createConsortium } from "../testing/consortium.ts";
import { VotingSite } from "../testing/members.ts";
import { Chain } from "./chain.ts";
import { EpochTrail, provenValidators } from "./epochs.ts";

let verifications = 0;
const crypto: Crypto = {
  sha256: (...parts) => nodeCrypto.sha256(...parts),
  verify: (options) => {
    verifications++;
    return nodeCrypto.verify(options);
  },
};
const consortium = createConsortium({ crypto: nodeCrypto });
const { genesis } = consortium;
const chain = Chain.fromGenesis({ genesis, crypto: nodeCrypto });
const site = new VotingSite({ consortium, chain });
for (const name of ["one", "two", "three"]) {
  site.carry(site.admission(name));
  site.settle();
  site.settle();
}
const { steps } = chain.electorate;

function countOf(work: () => unknown): number {
  verifications = 0;
  work();
  return verifications;
}

it("what is known of earlier epochs is not verified again", () => {
  const trail = new EpochTrail({ genesis, crypto });
  const two = steps.slice(0, 2);
  expect(countOf(() => trail.prove({ epoch: 2, steps: two }))).toBe(3 + 4);
  expect(countOf(() => trail.prove({ epoch: 2, steps: two }))).toBe(0);
  expect(countOf(() => trail.prove({ epoch: 3, steps }))).toBe(4);
  expect(countOf(() => provenValidators({ genesis, crypto, epoch: 3, steps }))).toBe(11);
  const proven = trail.prove({ epoch: 3, steps });
  const keys = proven.ok ? proven.value.map(({ voteKey }) => voteKey) : [];
  expect(keys).toEqual(chain.validators.map(({ voteKey }) => voteKey));
  const first = trail.prove({ epoch: 0, steps: [] });
  expect(first.ok && first.value).toEqual(genesis.validators);
});

it("what does not follow is refused before and after the true steps are known", () => {
  const trail = new EpochTrail({ genesis, crypto });
  const [first, second, third] = steps;
  if (first === undefined || second === undefined || third === undefined) throw new Error("three");
  const wrong = [first, third, second];
  expect(trail.prove({ epoch: 3, steps: wrong }).ok).toBe(false);
  expect(trail.prove({ epoch: 3, steps }).ok).toBe(true);
  expect(trail.prove({ epoch: 3, steps: wrong }).ok).toBe(false);
  expect(trail.prove({ epoch: 2, steps }).ok).toBe(false);
  expect(trail.prove({ epoch: 3, steps }).ok).toBe(true);
});

import { encodeChainEvidence } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, expect, it } from "vitest";
import { Chain } from "../../../ledger/src/chain/chain.ts";
import { createConsortium } from "../../../ledger/src/testing/consortium.ts";
import { VotingSite } from "../../../ledger/src/testing/members.ts";
import { sortedSet } from "./anchor-statement.ts";
import type { FinalHeaders } from "./final-evidence.ts";
import { registeredAddresses } from "./registered-addresses.ts";

const consortium = createConsortium({ crypto });
const { genesis } = consortium;
let site: VotingSite;

beforeEach(() => {
  site = new VotingSite({ consortium, chain: Chain.fromGenesis({ genesis, crypto }) });
});

const headers: FinalHeaders = {
  newest: async () => {
    const evidence = site.chain.evidence({ results: [], names: [] });
    return evidence && { evidence, bytes: encodeChainEvidence(evidence) };
  },
  prove: async (names) => site.chain.evidence({ results: [], names }),
};
const addresses = (): Promise<readonly string[] | undefined> =>
  registeredAddresses({ headers, genesis, crypto });

function addressOf(number: number): Uint8Array {
  return new Uint8Array(20).fill(number);
}

function register(id: string, number: number): void {
  const contact = {
    cosignerKey: crypto.sha256(addressOf(number)),
    anchorAddress: addressOf(number),
    endpoint: "127.0.0.1:1",
  };
  expect(site.propose(id, { kind: "register", id, ...contact }).code).toBe("OK");
}

it("the set for the contract is known once every validator has registered its address", async () => {
  expect(await addresses()).toBeUndefined();
  for (const number of [1, 2, 3]) register(`validator-${number}`, number);
  site.settle();
  expect(await addresses()).toBeUndefined();
  register("validator-4", 4);
  site.settle();
  expect(await addresses()).toEqual(sortedSet([1, 2, 3, 4].map((n) => `0x${toHex(addressOf(n))}`)));
});

it("the set follows admissions and removals, each proven from the genesis file on", async () => {
  for (const number of [1, 2, 3, 4]) register(`validator-${number}`, number);
  const anchorAddress = addressOf(9);
  expect(site.carry(site.admission("newcomer", { anchorAddress })).decided).toBe(true);
  site.settle();
  site.settle();
  const five = [1, 2, 3, 4, 9].map((n) => `0x${toHex(addressOf(n))}`);
  expect(await addresses()).toEqual(sortedSet(five));
  expect(site.carry({ kind: "remove-validator", id: "validator-2" }).decided).toBe(true);
  site.settle();
  site.settle();
  expect(await addresses()).toEqual(sortedSet(five.filter((_, at) => at !== 1)));
});

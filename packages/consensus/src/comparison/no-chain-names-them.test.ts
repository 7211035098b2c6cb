import { encodeGenesis, engineNames, parseGenesis } from "@voltfog/ledger";
import { expect, test } from "vitest";
import { simulatedCrypto as crypto, simulatedSigner } from "../simulation/keyed-hash.ts";

const genesisText = new TextDecoder().decode(
  encodeGenesis({
    chain: "test",
    created_ms: 1_760_000_000_000,
    blockInterval_ms: 1000,
    emptyBlockInterval_ms: 10_000,
    engine: { name: "pbft", redundant: 0 },
    organisations: [{ id: "north", name: "North" }],
    validators: [
      { id: "validator-1", organisation: "north", voteKey: simulatedSigner(0).publicKey },
    ],
    units: [],
    vehicles: [],
  }),
);
const isRead = (name: string): boolean => {
  const text = genesisText.replace('"pbft"', JSON.stringify(name));
  return parseGenesis(new TextEncoder().encode(text), crypto).ok;
};

test.each(["pow", "poa-published", "raft"])("no chain can be decided by %s", (name) => {
  expect(isRead("pbft")).toBe(true);
  expect(isRead(name)).toBe(false);
  expect(engineNames).not.toContain(name);
});

import { encodeGenesis, type Genesis, idCommitmentOf, parseGenesis } from "@voltfog/ledger";
import type { Signer } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { TestVehicle } from "./test-vehicle.ts";

/** A consortium of one organisation with one unit, "unit-1", and the given validators and vehicles. */
export function testGenesis(options: {
  unit: Signer;
  validators: readonly Signer[];
  vehicles: readonly TestVehicle[];
  blockInterval_ms?: number;
}): Genesis {
  const bytes = encodeGenesis({
    chain: "test",
    created_ms: 1_600_000_000_000,
    blockInterval_ms: options.blockInterval_ms ?? 1000,
    emptyBlockInterval_ms: 10_000,
    organisations: [{ id: "org", name: "An organisation" }],
    validators: options.validators.map(({ publicKey: voteKey }, i) => {
      return { id: `validator-${i + 1}`, organisation: "org", voteKey };
    }),
    units: [{ id: "unit-1", organisation: "org", key: options.unit.publicKey }],
    vehicles: options.vehicles.map(({ id, signer }) => {
      const idCommitment = idCommitmentOf({ salt: new Uint8Array(16), id }, nodeCrypto);
      return { organisation: "org", key: signer.publicKey, idCommitment };
    }),
  });
  const parsed = parseGenesis(bytes, nodeCrypto);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

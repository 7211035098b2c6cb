import { ByteWriter, type Crypto, utf8 } from "@voltfog/runtime";
import type { PileContractRecord } from "./pile-contract.ts";

const termsDomain = utf8("voltfog/pile-terms/1\n");
const confirmDomain = utf8("voltfog/pile-confirm/1\n");

/** What the parties sign of a contract. */
type SignedTerms = Pick<
  PileContractRecord,
  | "template"
  | "buyer"
  | "owner"
  | "pileKey"
  | "zone"
  | "energy_Wh"
  | "cost"
  | "margin"
  | "window"
  | "cataloguePricePerKWh"
>;

/** A contract, its id and the chain that it is on. */
export interface NamedContract {
  readonly chainId: Uint8Array;
  readonly contractId: Uint8Array;
  readonly contract: PileContractRecord;
}

/** What both parties sign: the template and everything that fills it. Nothing in it changes later. */
export function pileTermsHash(
  named: Omit<NamedContract, "contract"> & { readonly contract: SignedTerms },
  crypto: Crypto,
): Uint8Array {
  const { chainId, contractId, contract } = named;
  const { window } = contract;
  const writer = new ByteWriter().raw(termsDomain).raw(chainId).raw(contractId);
  writer.raw(contract.template).raw(contract.buyer).raw(contract.owner).raw(contract.pileKey);
  writer.u32(contract.zone).u64(contract.energy_Wh).u64(contract.cost).u64(contract.margin);
  writer.u64(window.from_ms).u64(window.to_ms).u64(contract.cataloguePricePerKWh);
  return crypto.sha256(writer.finish());
}

/**
 * What a member of a group signs to confirm for one side: the terms and both readings. Within one contract a
 * key counts once, for whichever side.
 */
export function confirmStatement(
  named: NamedContract & { side: "buyer" | "owner"; ring: readonly Uint8Array[] },
  crypto: Crypto,
): { ring: readonly Uint8Array[]; context: Uint8Array; message: Uint8Array } {
  const { chainId, contractId, contract, side, ring } = named;
  const context = new ByteWriter().raw(confirmDomain).raw(chainId).raw(contractId).finish();
  const message = new ByteWriter()
    .raw(pileTermsHash(named, crypto))
    .u8(side === "buyer" ? 1 : 2)
    .u64(contract.given_Wh ?? 0)
    .u64(contract.received_Wh ?? 0)
    .finish();
  return { ring, context, message };
}

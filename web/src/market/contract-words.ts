import type { PileContractView } from "@voltfog/messages";

type Contract = Pick<
  PileContractView,
  "state" | "signedByBuyer" | "signedByOwner" | "confirmedByBuyer" | "confirmedByOwner" | "rowHash"
>;

/** Whose word a contract waits for; empty where it waits for nobody's. */
export function contractProgress(contract: Contract): string {
  const missing = (buyer: boolean, owner: boolean): string =>
    [...(buyer ? [] : ["the buyer"]), ...(owner ? [] : ["the owner"])].join(" and ");
  if (contract.state === "proposed") {
    const who = missing(contract.signedByBuyer, contract.signedByOwner);
    return who === "" ? "" : `${who} must sign`;
  }
  if (contract.state === "metered") {
    const who = missing(contract.confirmedByBuyer, contract.confirmedByOwner);
    return who === "" ? "" : `${who} must confirm`;
  }
  return contract.state === "settled" && contract.rowHash === null ? "waits for the database" : "";
}

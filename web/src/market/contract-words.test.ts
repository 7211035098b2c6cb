import { expect, it } from "vitest";
import { contractProgress } from "./contract-words.ts";

const open = {
  state: "proposed",
  signedByBuyer: false,
  signedByOwner: false,
  confirmedByBuyer: false,
  confirmedByOwner: false,
  rowHash: null,
};

it("a contract says whose word it waits for", () => {
  expect(contractProgress(open)).toBe("the buyer and the owner must sign");
  expect(contractProgress({ ...open, signedByBuyer: true })).toBe("the owner must sign");
  const metered = { ...open, state: "metered", confirmedByOwner: true };
  expect(contractProgress(metered)).toBe("the buyer must confirm");
  expect(contractProgress({ ...metered, confirmedByBuyer: true })).toBe("");
  expect(contractProgress({ ...open, state: "settled" })).toBe("waits for the database");
  expect(contractProgress({ ...open, state: "complete", rowHash: "00" })).toBe("");
});

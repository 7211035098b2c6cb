import { expect, test } from "vitest";
import { opinions, type ValidatorRow, type ValidatorStatus } from "./opinions.ts";

const row = (id: string, change: Partial<ValidatorRow> = {}): ValidatorRow => ({
  id,
  organisation: "north",
  state: "agile",
  cause: null,
  participation: 1,
  delay_ms: 10,
  bandwidth_bytes_per_s: 1_000_000,
  clockOffset_ms: 0,
  weight: 1,
  quarantined: false,
  ...change,
});
const status = (id: string, validators: readonly ValidatorRow[]): ValidatorStatus => ({
  id,
  height: 7,
  validators,
});
const ids = ["a", "b", "c", "d"];

test("what most of the others say of a validator counts, not what it says itself", () => {
  const blunt = { state: "blunt", cause: "clock" } as const;
  const honest = ["a", "b", "c"].map((id) =>
    status(
      id,
      ids.map((each) => row(each, each === "d" ? blunt : {})),
    ),
  );
  const wrong = status(
    "d",
    ids.map((each) => row(each, each === "d" ? {} : blunt)),
  );
  const said = opinions([...honest, wrong]);
  expect(said.map(({ state }) => state)).toEqual(["agile", "agile", "agile", "blunt"]);
  expect(said[3]?.cause).toBe("clock");
});

test("one validator alone is asked of itself too", () => {
  const said = opinions([status("a", [row("a", { state: "unknown" }), row("b")])]);
  expect(said.map(({ state }) => state)).toEqual(["unknown", "agile"]);
});

import { type EngineChoice, encodeResult, type Result } from "@voltfog/ledger";
import { CodedError, toHex } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import { type AskValidator, agreedOutcome } from "./agreed-outcome.ts";

const validators = ["validator-1", "validator-2", "validator-3", "validator-4"];
const engine: EngineChoice = { name: "pbft", redundant: 0 };
const hash = "ab".repeat(32);
const final: Result = {
  height: 7,
  txIndex: 0,
  txHash: new Uint8Array(32).fill(0xab),
  sender: new Uint8Array(32),
  module: 4,
  action: 1,
  code: "OK",
  data: new Uint8Array([1]),
};
const refusal: Result = { ...final, code: "FUNDS_SHORT", data: new Uint8Array() };

/** What each validator answers to a question about the transaction. */
function asker(answers: Readonly<Record<string, unknown>>, seats = validators): AskValidator {
  return (id, path) => {
    const status = { validators: seats.map((seat) => ({ id: seat })) };
    return Promise.resolve(path === "/v1/status" ? status : answers[id]);
  };
}

const answer = (result: Result): object => ({ result: toHex(encodeResult(result)) });
const parts = { validators, engine, hash, limit_ms: 0, clock: systemClock };

test("the outcome that two of four say is taken, not the one that a liar says first", async () => {
  const ask = asker({
    "validator-1": answer(refusal),
    "validator-3": answer(final),
    "validator-4": answer(final),
  });
  const { result, by, needed } = await agreedOutcome({ ...parts, ask });
  expect(result).toEqual(final);
  expect(by).toEqual(["validator-3", "validator-4"]);
  expect(needed).toBe(2);
});

test("one validator's word is nothing, nor is the outcome of another transaction, nor rubbish", async () => {
  const other = { ...final, txHash: new Uint8Array(32) };
  const worlds: Readonly<Record<string, unknown>>[] = [
    { "validator-1": answer(final) },
    { "validator-1": answer(final), "validator-2": answer(refusal) },
    { "validator-1": answer(other), "validator-2": answer(other) },
    { "validator-1": { result: 5 }, "validator-2": null, "validator-3": [], "validator-4": "00" },
  ];
  for (const world of worlds) {
    const asked = agreedOutcome({ ...parts, ask: asker(world) });
    await expect(asked).rejects.toMatchObject({ code: "NOT_FINAL" });
  }
});

test("how many must agree follows the seats that the chain has now", async () => {
  const seven = [...validators, "validator-5", "validator-6", "validator-7"];
  const said = Object.fromEntries(seven.slice(3, 6).map((id) => [id, answer(final)]));
  const agreed = await agreedOutcome({ ...parts, ask: asker(said, seven) });
  expect(agreed).toMatchObject({ needed: 3, by: ["validator-4", "validator-5", "validator-6"] });
  // Who lost its seat is not asked.
  const left = asker(
    { "validator-1": answer(final), "validator-4": answer(final) },
    seven.slice(1),
  );
  await expect(agreedOutcome({ ...parts, ask: left })).rejects.toBeInstanceOf(CodedError);
});

test("redundant servers bear no lie: with c of them fewer need to agree", async () => {
  const six = [1, 2, 3, 4, 5, 6].map((k) => `validator-${k}`);
  const sbft: EngineChoice = { name: "sbft", redundant: 1 };
  const said = { "validator-5": answer(final), "validator-6": answer(final) };
  const agreed = await agreedOutcome({
    ...{ ...parts, validators: six, engine: sbft, ask: asker(said, six) },
  });
  expect(agreed.needed).toBe(2);
});

test("where nobody answers there is no validator to believe", async () => {
  const ask = (): Promise<undefined> => Promise.resolve(undefined);
  await expect(agreedOutcome({ ...parts, ask })).rejects.toMatchObject({ code: "NO_VALIDATOR" });
});

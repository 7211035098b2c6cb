import fc from "fast-check";
import { expect, test } from "vitest";
import { readService, serviceOf } from "./validator-service.ts";

const row = (id: string, state: string, cause: string | null = null): object => ({
  ...{ id, state, cause, participation: 0.9, delay_ms: 12 },
  ...{ bandwidth_bytes_per_s: 5e6, clockOffset_ms: -3 },
});
const status = (id: string, rows: readonly object[]) => ({ id, words: readService(rows) });

test("what most of the others say of a validator is shown, and how many of them say so", () => {
  const statuses = [
    status("v1", [row("v3", "blunt", "clock")]),
    status("v2", [row("v3", "blunt", "clock")]),
    status("v4", [row("v3", "agile")]),
    status("v3", [row("v3", "agile")]),
  ];
  expect(serviceOf("v3", statuses)).toMatchObject({
    ...{ state: "blunt", cause: "clock", participation: 0.9, clockOffset_ms: -3 },
    ...{ asked: 3, agreed: 2 },
  });
});

test("a validator that is asked alone speaks for itself; nobody's word is no word", () => {
  expect(serviceOf("v1", [status("v1", [row("v1", "agile")])])).toMatchObject({
    ...{ state: "agile", asked: 1, agreed: 1 },
  });
  expect(serviceOf("v1", [])).toMatchObject({ state: "unknown", asked: 0 });
});

test("whatever a status holds, it is read to words of the closed sets", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const word of readService(value).values()) {
        expect(["agile", "blunt", "unknown"]).toContain(word.state);
      }
    }),
  );
  const [word] = readService([row("x", "splendid", "magic")]).values();
  expect(word).toMatchObject({ state: "unknown", cause: null });
});

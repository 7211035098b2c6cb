import type { SettlementExportView } from "@voltfog/messages";
import { expect, it } from "vitest";
import { exportWords, isBeforeChain, organisationName } from "./clearing-words.ts";

const following: SettlementExportView = {
  state: "following",
  code: null,
  message: null,
  since_ms: null,
  rows: 12,
  waiting: 0,
  unacknowledged: 0,
  isDurable: true,
};

it("an operator that nobody named is the union's desk", () => {
  expect(organisationName(null)).toBe("the union's desk");
});

it("a day is before the chain where it was over before the first block", () => {
  const began = { chainBegan_ms: Date.parse("2026-05-03T00:00:00Z") };
  const days = ["2026-05-02", "2026-05-03", "2026-05-04"];
  expect(days.map((day) => isBeforeChain({ day, ...began }))).toEqual([true, false, false]);
  expect(isBeforeChain({ day: "2026-05-02", chainBegan_ms: null })).toBe(false);
});

it("the export says whether the database has everything", () => {
  expect(exportWords(following).sentence).toBe(
    "12 rows are in the database, nothing waits, every one is acknowledged on the chain.",
  );
  const open = exportWords({ ...following, rows: 1, waiting: 3, unacknowledged: 2 });
  expect(open.sentence).toMatch(/^1 row is .* 3 final results wait, 2 are not yet acknowledged/);
  expect(exportWords({ ...following, isDurable: false }).tone).toBe("warn");
});

it("an export that is off or fails says why", () => {
  expect(exportWords({ ...following, state: "off" }).tone).toBe("plain");
  const failing = {
    ...following,
    state: "failing",
    code: "SQL_AWAY",
    message: "no answer",
  } as const;
  expect(exportWords(failing).sentence).toMatch(/^SQL_AWAY: no answer\. 12 rows/);
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DayClearingView, SettlementExportView } from "@voltfog/messages";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clearingText } from "./clearing-text.ts";
import { writeClearing } from "./write-clearing.ts";

const clearing: DayClearingView = {
  ...{
    day: "2026-05-03",
    currency: "EUR",
    isFinal: true,
    chainBegan_ms: 1_700_000_000_000,
    sessions: 3,
    energy_Wh: 31_500,
  },
  ...{ beans_Wh: 1500, amount: 9_000_000, refunds: 500_000 },
  lines: [
    { home: null, operator: "north", sessions: 1, energy_Wh: 1500, beans_Wh: 1500, amount: 0 },
    {
      home: "south",
      operator: "north",
      sessions: 2,
      energy_Wh: 30_000,
      beans_Wh: 0,
      amount: 9_000_000,
    },
  ],
  positions: [
    { organisation: null, receives: 0, owes: 0, net: 0 },
    { organisation: "north", receives: 9_000_000, owes: 0, net: 9_000_000 },
    { organisation: "south", receives: 0, owes: 9_000_000, net: -9_000_000 },
  ],
  contracts: { count: 2, energy_Wh: 4000, amount: 1_000_000 },
  trades: { count: 3, energy_Wh: 9000, amount: 2_500_000 },
};
const off: SettlementExportView = {
  ...{ state: "off", code: null, message: null, since_ms: null, isDurable: null },
  ...{ rows: 0, waiting: 0, unacknowledged: 0 },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cli-settle-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a day's clearing is a table of pairs and one of positions", () => {
  const text = clearingText(clearing, off);
  expect(text).toContain("2026-05-03 (final): 3 sessions, 31.5 kWh, 9.00 EUR");
  expect(text).toContain("0.50 given back after disputes");
  expect(text).toContain("3 trades between vehicles, 2.50");
  expect(text).toMatch(/^south +north +2 +30 kWh +0 kWh +9\.00$/m);
  expect(text).toMatch(/^south +0\.00 +9\.00 +-9\.00$/m);
  expect(text).toContain("database: none is named (settlementUrl)");
});

test("a database that cannot be reached is said with its code", () => {
  const failing: SettlementExportView = {
    ...{ ...off, state: "failing", code: "SETTLEMENT_UNREACHABLE", message: "no answer" },
    waiting: 7,
  };
  expect(clearingText(clearing, failing)).toContain(
    "database: SETTLEMENT_UNREACHABLE: no answer (0 rows, 7 waiting, 0 orders not acknowledged yet)",
  );
});

test("files of the day hold the same figures, and no cell that a spreadsheet would run", () => {
  const cdrs = [
    { id: "=1+1", party_id: "NOR", total_energy: 30, currency: "EUR", total_cost: { excl_vat: 9 } },
    { id: "b,c", credit: true },
  ];
  const paths = writeClearing({ clearing, cdrs, folder: join(folder, "day") });
  expect(paths.map((path) => path.split("/").at(-1))).toEqual([
    "clearing.csv",
    "sessions.csv",
    "cdrs.json",
  ]);
  const read = (name: string): string => readFileSync(join(folder, "day", name), "utf8");
  expect(read("clearing.csv").split("\r\n")).toEqual([
    "day,drivers_of,piles_of,sessions,energy_wh,beans_wh,amount_millionths,currency",
    "2026-05-03,,north,1,1500,1500,0,EUR",
    "2026-05-03,south,north,2,30000,0,9000000,EUR",
    "",
  ]);
  expect(read("sessions.csv").split("\r\n").slice(1)).toEqual([
    "'=1+1,NOR,,,30,EUR,9,",
    '"b,c",,,,,,,credit',
    "",
  ]);
  expect(JSON.parse(read("cdrs.json"))).toEqual(cdrs);
});

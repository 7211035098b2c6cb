import { expect, it } from "vitest";
import { batteryFindings } from "./battery-findings.ts";
import { usualLink } from "./battery-rounds.ts";
import type { BatteryCell, BatteryRun, CellRun } from "./battery-run.ts";
import type { LoadStep } from "./load-step.ts";
import type { ReplicaTotals } from "./replica-messages.ts";

const cell: BatteryCell = { engine: "pow", n: 4, link: usualLink, blockInterval_ms: 250 };
const latency = { p50_ms: 100, p95_ms: 200, p99_ms: 300 };
const work: ReplicaTotals = {
  ...{ cpu_ms: 50, sent_bytes: 1000, messages: 10, signaturesVerified: 100, hashes: 5 },
  kinds: { proposal: 4 },
};

function step(changes: Partial<LoadStep>): LoadStep {
  return {
    ...{ offered_Hz: 200, sent: 100, missing: 0, final_Hz: 190, records: 100, for_ms: 1000 },
    ...{ blocks: 4, fullestBlock: 40, interval_ms: 250, works: [work, work, work, work] },
    ...{ inclusion: latency, finality: latency, inclusionAnd6: latency },
    reorganised: { blocks: 2, finalBlocks: 1, deepest: 1 },
    overTime_ms: [100],
    ...changes,
  };
}

const late = { p50_ms: 3000, p95_ms: Infinity, p99_ms: Infinity };
const run: BatteryRun = {
  light: step({ offered_Hz: 25, inclusionAnd6: { ...latency, p95_ms: Infinity } }),
  steps: [step({}), step({ offered_Hz: 600 }), step({ offered_Hz: 1600, inclusion: late })],
  blocksAfterLoss: 7,
};
const done: CellRun = { cell, outcome: { isDone: true, run } };

function found(runs: readonly CellRun[]) {
  const { rows, items } = batteryFindings({ runs, load: 0, fileSystem: "ext4" });
  const row = (name: string) => rows.find(({ metric }) => metric === `engines.battery.pow.${name}`);
  return { row, items };
}

it("figures per record and block are those of all replicas at the common rate", () => {
  const { row, items } = found([done]);
  expect(row("cpu_us_per_record")?.value).toBe((1000 * 4 * 50) / 100);
  expect(row("messages_per_block")?.value).toBe((4 * 10) / 4);
  expect(row("cpu_share")?.value).toBe(0.05);
  expect(items[0]).toMatchObject({ kindsPerBlock: { proposal: 4 }, f: 1, repeats: 1 });
});

it("reorganised blocks are those of all loads of a run", () => {
  expect(found([done]).row("reorganised_blocks")?.value).toBe(4 * 2);
  expect(found([done]).items[0]).toMatchObject({ deepest_reorganisation: { value: 1 } });
});

it("the rate is the highest one that was kept up", () => {
  expect(found([done]).row("tx_per_s")?.value).toBe(600);
});

it("what never happened is no figure, and nothing that JSON does not know", () => {
  const { items } = found([done]);
  expect(items[0]).not.toHaveProperty("inclusion_and_6_p95_ms");
  expect(JSON.parse(JSON.stringify(items))).toEqual(items);
});

it("cells that failed or had no time left are named beside those that were done", () => {
  const failed: CellRun = { cell, outcome: { isDone: false, reason: "no luck" } };
  const { items, row } = found([done, failed, { cell, outcome: undefined }]);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ repeats: 1, failures: ["no luck"], leftOutForTime: 1 });
  expect(row("finality_ms")?.n).toBe(1);
});

it("a cell of which nothing was done is an item without figures", () => {
  const { items, row } = found([{ cell, outcome: undefined }]);
  expect(items[0]).toMatchObject({ engine: "pow", repeats: 0, leftOutForTime: 1 });
  expect(row("finality_ms")).toBeUndefined();
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Report, reportRow } from "@voltfog/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runFlow, runInterval } from "../virtual/virtual-cases.ts";
import { enginePage } from "./engine-page.ts";
import { type EngineResults, readEngineResults } from "./engine-results.ts";
import { escaped } from "./html-text.ts";
import { deliverableFigures } from "./published-deliverable.ts";
import { thesisFigures } from "./published-thesis.ts";

const link = { mean_ms: 5, jitter_ms: 0 };
const virtual: Report = {
  name: "engines-virtual",
  commit: "c0ffee",
  machine: { cpu: "A CPU", cores: 2, memory_MB: 24_106, os: "An OS", node: "v20.0.0" },
  method: "As it <was> done.",
  inputs: { command: "voltfog bench engines --experiment virtual" },
  rows: [
    reportRow({
      metric: "engines.message_exponent.pbft",
      unit: "exponent",
      values: [1.9],
      goal: { sense: "at-most", goal: 2 },
    }),
  ],
  items: [
    ...[4, 7].map((n) => runFlow({ engine: "pbft", redundant: 0, n, silent: 0, link }, 2)),
    ...[250, 1000].map((blockInterval_ms) =>
      runInterval({ engine: "pbft", n: 20, link, blockInterval_ms, decisions: 2 }),
    ),
  ],
};

function trades(): Report {
  const common = { n: 4, cell: "published", payload_bytes: 104, mode: "processes" };
  const items = ["pbft", "linear"].map((engine) => ({
    ...{ ...common, engine },
    ...{ ops_per_s: 812, p50_ms: 11.5 },
  }));
  const rows = ["pbft", "sbft:1"].map((engine) =>
    reportRow({ metric: `engines.ops_per_s.${engine}`, unit: "1/s", values: [4321] }),
  );
  return { ...virtual, name: "engines-trades", inputs: { n: 4 }, rows, items };
}

function battery(): Report {
  const items = ["poa-published", "poa", "pbft", "pow", "raft"].flatMap((engine) =>
    [4, 10].map((n) => ({
      ...{ engine, n, link_ms: 5, jitter_ms: 2, loss: 0, T_s: 0.25, mode: "processes" },
      ...{ inclusion_ms: { value: 150 }, finality_ms: { value: 160 } },
      ...{ inclusion_and_6_ms: { value: 1650 }, cpu_share: { value: 0.021 } },
      ...{ energy_mJ: { value: 6.1 }, battery_transactions: { value: 5_900_000 } },
      ...{
        tx_per_s: { value: 600 },
        finalityOverTime_ms: [160, null, 170],
        steps: [[{ records_per_block: 50, final_per_s: 200 }]],
      },
    })),
  );
  return { ...virtual, name: "engines-battery", rows: [], items };
}

describe("the page of the engines", () => {
  it("names what is not measured yet, and holds every published figure all the same", () => {
    const page = enginePage({});
    expect(page).toContain("voltfog bench engines --experiment battery");
    for (const { said } of [...deliverableFigures, ...thesisFigures]) {
      expect(page).toContain(escaped(said));
    }
  });

  it("shows what was measured beside what was published", () => {
    const page = enginePage({ virtual: [virtual], trades: [trades()] });
    expect(page).toContain("pbft 812/s, linear 812/s");
    expect(page).toContain('id="messages-plot"');
    expect(page).toContain('id="d53-interval"');
    expect(page).toContain("As it &lt;was&gt; done.");
    expect(page).toContain("1 of 1 met");
    expect(page).toContain('<th scope="col">sbft:1</th>');
  });

  it("shows figures 6 to 10 of D5.3 again from processes", () => {
    const page = enginePage({ battery: [battery()] });
    for (const id of [
      "battery-latency",
      "d53-throughput",
      "d53-battery",
      "d53-energy",
      "d53-cpu",
      "battery-over-time",
    ]) {
      expect(page).toContain(`<figure id="${id}">`);
    }
    expect(page).toContain("600 final transactions a second (10 replicas, processes)");
    expect(page).toMatch(/aria-label="[^"]*PBFT: published 4,000,000, ours 600/);
  });

  it.each([
    ["nothing", {}],
    ["virtual runs", { virtual: [virtual] }],
    ["everything", { virtual: [virtual], trades: [trades()], battery: [battery()] }],
  ] as const)(
    "is whole with %s: no script, nothing from elsewhere, no figure that is none",
    (_, results: EngineResults) => {
      const page = enginePage(results);
      expect(page).not.toMatch(/<script|<link|@import|url\(|https?:|NaN|Infinity|undefined/);
      const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
      expect(enginePage(results)).toBe(page);
    },
  );
});

describe("the results of the engines", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-results-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are read where they are there", () => {
    expect(readEngineResults(folder)).toEqual({});
    writeFileSync(join(folder, "engines-virtual.json"), JSON.stringify(virtual));
    expect(readEngineResults(folder).virtual).toEqual([virtual]);
  });

  it.each(["", "{}", "null", '{"name":"x","method":"y","rows":1,"items":[],"machine":{}}'])(
    "refuse a file that is no result: %s",
    (text) => {
      writeFileSync(join(folder, "engines-trades.json"), text);
      expect(() => readEngineResults(folder)).toThrowError(
        expect.objectContaining({ code: "RESULT_UNREADABLE" }),
      );
    },
  );
});

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite } from "./running-site.ts";

/** Debian's Prometheus. vitest.config.ts leaves this file out, and says so, where it is absent. */
const prometheus = "/usr/bin/prometheus";
const folder = join("docs", "operations", "grafana");

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

let site: RunningSite;
let server: ChildProcess;
let address: string;
let data: string;

beforeAll(async () => {
  site = await startSite("--vehicles", "2", "--units", "2");
  data = mkdtempSync(join(tmpdir(), "voltfog-prometheus-"));
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  writeFileSync(join(data, "prometheus.yml"), JSON.stringify(scraping()));
  server = spawn(
    prometheus,
    [
      ...[`--config.file=${join(data, "prometheus.yml")}`, `--storage.tsdb.path=${data}/data`],
      ...[`--web.listen-address=127.0.0.1:${port}`, "--log.level=warn"],
    ],
    { stdio: "ignore" },
  );
  await eventually("Prometheus to have scraped samples twice", async () => {
    const found = await ask("rate(voltfog_cloud_samples_total[1m]) > 0").catch(() => []);
    return found.length > 0 ? true : undefined;
  });
});
afterAll(async () => {
  server?.kill();
  await site?.stop();
  rmSync(data, { recursive: true, force: true });
});

/** YAML reads JSON too. */
function scraping(): object {
  const roles = [...new Set(site.processes.map(({ role }) => role))];
  return {
    global: { scrape_interval: "1s", scrape_timeout: "1s" },
    scrape_configs: roles.map((role) => ({
      job_name: role,
      static_configs: [
        {
          targets: site.processes
            .filter((one) => one.role === role && one.ports["http"] !== undefined)
            .map(({ ports }) => `127.0.0.1:${ports["http"]}`),
        },
      ],
    })),
  };
}

async function ask(query: string): Promise<readonly unknown[]> {
  const response = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(query)}`);
  const answer = (await response.json()) as {
    status: string;
    error?: string;
    data?: { result: readonly unknown[] };
  };
  if (answer.status !== "success") throw new Error(`${query}: ${answer.error}`);
  return answer.data?.result ?? [];
}

const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const boards = files.map((name) => ({
  name,
  panels: (JSON.parse(readFileSync(join(folder, name), "utf8")) as { panels: readonly Panel[] })
    .panels,
}));
const queries = boards.flatMap(({ name, panels }) =>
  panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, refId }) => ({ name: `${name}, ${title}, ${refId}`, expr })),
  ),
);

test("every panel but a heading has a query, and no two panels have one number", () => {
  expect(boards.length).toBeGreaterThan(0);
  for (const { panels } of boards) {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { type, title, targets } of panels) {
      expect((targets?.length ?? 0) > 0, title).toBe(type !== "row");
    }
  }
});

/** Whether a process says that it has such a metric, with or without a series of it yet. */
async function isDescribed(metric: string): Promise<boolean> {
  const name = metric.replace(/_bucket$/, "");
  const response = await fetch(`${address}/api/v1/metadata?metric=${name}`);
  const { data: found } = (await response.json()) as { data: Record<string, unknown> };
  return found[name] !== undefined;
}

test.each(queries)("$name gives figures of a running site", async ({ expr, name }) => {
  for (const [metric] of expr.matchAll(/voltfog_\w+/g)) {
    expect(await isDescribed(metric), metric).toBe(true);
  }
  // A counter by code has no series until the first refusal, and an honest site refuses nothing.
  if (expr.includes("refusals_total")) expect(await ask(expr)).toEqual([]);
  else
    await eventually(name, async () => ((await ask(expr)).length > 0 ? true : undefined), 60_000);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sourceFiles } from "./source-files.ts";

const folder = join("docs", "operations", "grafana");

test("dashboards ask for metrics that some process has", () => {
  const sources = sourceFiles()
    .map(({ text }) => text)
    .join("\n");
  const boards = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const asked = boards.flatMap((name) =>
    [
      ...readFileSync(join(folder, name), "utf8").matchAll(
        /voltfog_(?:cloud|rsu|validator|controller|edge)_\w+/g,
      ),
    ].map(([metric]) => metric.replace(/_bucket$/, "")),
  );
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((metric) => !sources.includes(`"${metric}"`))).toEqual([]);
});

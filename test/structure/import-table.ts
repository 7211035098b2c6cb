import { ownerOf, type SourceFile } from "./source-files.ts";

/** Who may import whom; ARCHITECTURE.md prints the same table. A folder missing here may not import at all. */
export const importTable: Readonly<Record<string, readonly string[]>> = {
  "packages/runtime": [],
  "packages/messages": ["runtime"],
  "packages/battery": ["runtime"],
  "packages/forecasting": ["runtime"],
  "packages/ledger": ["runtime"],
  "packages/consensus": ["ledger", "runtime"],
  "edge-agent": ["messages", "battery", "runtime"],
  "sdn-controller": ["messages", "runtime"],
  "fog-rsu": ["messages", "battery", "ledger", "consensus", "forecasting", "runtime"],
  cloud: ["messages", "battery", "ledger", "forecasting", "runtime"],
  web: ["messages", "ledger"],
  datasets: ["battery", "forecasting", "runtime"],
  // Anything but the command line, which starts it; so far these.
  bench: ["battery", "datasets", "forecasting", "ledger", "messages", "runtime"],
  cli: [
    "battery",
    "bench",
    "cloud",
    "consensus",
    "datasets",
    "edge-agent",
    "fog-rsu",
    "forecasting",
    "ledger",
    "messages",
    "runtime",
    "sdn-controller",
  ],
};

/** A library that only one folder may know, so that it can be replaced there. */
const keptTo: Readonly<Record<string, string>> = {
  aedes: "fog-rsu/src/ingest/", // And bench, where it is measured beside the unit.
  "@duckdb/node-api": "cloud/src/store/",
  mqtt: "edge-agent/src/uplink/",
  "mqtt-packet": "edge-agent/src/uplink/",
  commander: "cli/src/",
  "@peculiar/x509": "packages/runtime/src/node/certificates/",
};

const imported = /(?:\bfrom|\bimport)\s*\(?\s*"((?:@[a-z0-9-]+\/)?[^"/]+)(\/[^"]*)?"/g;

/** Every import that the table or the two rules beside it forbid, as "file imports target". */
export function forbiddenImports(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    [...file.text.matchAll(imported)]
      .map(([, name = "", rest = ""]) => ({ name, rest }))
      .filter((target) => isForbidden(file.path, target))
      .map((target) => `${file.path} imports ${target.name}${target.rest}`),
  );
}

function isForbidden(path: string, target: { name: string; rest: string }): boolean {
  const owner = ownerOf(path);
  if (target.name.startsWith("@voltfog/")) {
    const name = target.name.slice("@voltfog/".length);
    return owner.split("/").at(-1) !== name && !(importTable[owner] ?? []).includes(name);
  }
  if (target.name.startsWith("node:")) {
    const nodeSide = path.includes("/src/node/") || !owner.startsWith("packages/");
    return !nodeSide || owner === "web";
  }
  if (target.name === ".." || target.name === ".") return leavesItsFolder(path, target.rest);
  if (owner === "bench") return false;
  const only = keptTo[target.name];
  return only !== undefined && !path.startsWith(only);
}

function leavesItsFolder(path: string, rest: string): boolean {
  const depthBelowSource = path.split("/src/").slice(1).join("/src/").split("/").length - 1;
  const up = 1 + (rest.match(/\/\.\.(?=\/)/g) ?? []).length;
  return rest.includes("..") && up > depthBelowSource;
}

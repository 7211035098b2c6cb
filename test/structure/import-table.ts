import { ownerOf, type SourceFile } from "./source-files.ts";

/** Who may import whom; ARCHITECTURE.md prints the same table. A folder missing here may not import at all. */
export const importTable: Readonly<Record<string, readonly string[]>> = {
  "packages/runtime": [],
  "packages/messages": ["runtime"],
  "packages/battery": ["runtime"],
  "packages/forecasting": ["runtime"],
  "packages/market": ["runtime"],
  "packages/ledger": ["market", "runtime"],
  "packages/consensus": ["ledger", "runtime"],
  "packages/evm": ["ledger", "runtime"],
  "edge-agent": ["messages", "battery", "runtime"],
  "sdn-controller": ["messages", "runtime"],
  "fog-rsu": ["messages", "battery", "ledger", "consensus", "evm", "forecasting", "runtime"],
  cloud: ["messages", "battery", "ledger", "forecasting", "market", "runtime"],
  web: ["messages", "ledger", "market"],
  datasets: ["battery", "forecasting", "runtime"],
  // Anything but the command line, which starts it; so far these.
  bench: [
    "battery",
    "cloud",
    "consensus",
    "datasets",
    "forecasting",
    "ledger",
    "market",
    "messages",
    "runtime",
    "sdn-controller",
  ],
  cli: [
    "battery",
    "bench",
    "cloud",
    "consensus",
    "datasets",
    "edge-agent",
    "evm",
    "fog-rsu",
    "forecasting",
    "ledger",
    "market",
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
  "@nats-io/transport-node": "packages/runtime/src/node/nats/",
  "@nats-io/jetstream": "packages/runtime/src/node/nats/",
  commander: "cli/src/",
  ethers: "packages/evm/src/node/",
  highs: "sdn-controller/src/solver/",
  mysql2: "cloud/src/settlement/",
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

/**
 * Files that import Ethereum's libraries at their own start, so that every process that loads them would
 * carry megabytes for nothing. A type costs nothing, and import() loads where it is used.
 */
export function loadedTooEarly(files: readonly SourceFile[]): readonly string[] {
  const early = /^(?:import|export) (?:\{[^}]*\}|\*[^;"]*) from "@voltfog\/evm/m;
  return files
    .filter(({ path, text }) => ownerOf(path) !== "packages/evm" && early.test(text))
    .map(({ path }) => path);
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

import { expect, it } from "vitest";
import { processRoles } from "./process-roles.ts";
import { flagHelp, flagName } from "./setting-flags.ts";

it("names a flag after its setting, unit included", () => {
  expect(["httpPort", "rate_Hz", "frameAge_ms", "p2pPort", "dataDir"].map(flagName)).toEqual([
    "http-port",
    "rate-hz",
    "frame-age-ms",
    "p2p-port",
    "data-dir",
  ]);
});

it("gives every setting of every process a flag of its own", async () => {
  for (const role of processRoles) {
    const { schema } = await role.load();
    const names = Object.keys(schema.settings).map(flagName);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain("config");
  }
});

it("says range, unit and default in the help", () => {
  const setting = {
    kind: "integer",
    min: 1,
    max: 5,
    unit: "ms",
    default: 2,
    description: "a pause",
  } as const;
  expect(flagHelp(setting)).toBe("a pause (1..5 ms) [2]");
  expect(flagHelp({ kind: "path", description: "a key" })).toBe("a key [required]");
});

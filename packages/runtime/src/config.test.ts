import { expect, test } from "vitest";
import { defineConfig } from "./config.ts";

const schema = defineConfig({
  process: "fog-rsu",
  settings: {
    id: { kind: "text", description: "name", pattern: /^[a-z0-9-]+$/ },
    httpPort: { kind: "integer", default: 8080, min: 0, max: 65535, description: "port" },
    skewMax_ms: { kind: "number", unit: "ms", default: 5, min: 0, max: 10, description: "skew" },
    replay: { kind: "flag", default: true, description: "replay" },
    peers: { kind: "list", default: [], description: "peers" },
    dataDir: { kind: "path", default: "data", description: "folder" },
  },
});

test("later sources win: default, file, environment, flags", () => {
  const parsed = schema.parse({
    file: { id: "file", httpPort: 1, replay: false },
    environment: { VOLTFOG_FOG_RSU_HTTP_PORT: "2", VOLTFOG_FOG_RSU_PEERS: "a,b", PATH: "/bin" },
    flags: { id: "flag", dataDir: undefined },
  });
  expect(parsed).toEqual({
    ok: true,
    value: {
      id: "flag",
      httpPort: 2,
      skewMax_ms: 5,
      replay: false,
      peers: ["a", "b"],
      dataDir: "data",
    },
  });
});

test.each([
  [{ file: { id: "a", nope: 1 } }, "CONFIG_UNKNOWN_KEY"],
  [{ file: { id: "a" }, environment: { VOLTFOG_FOG_RSU_NOPE: "1" } }, "CONFIG_UNKNOWN_KEY"],
  [{ file: { id: "a", toString: 1 } }, "CONFIG_UNKNOWN_KEY"],
  [{}, "CONFIG_MISSING"],
  [{ flags: { id: "UPPER" } }, "CONFIG_INVALID"],
  [{ flags: { id: 5 } }, "CONFIG_INVALID"],
  [{ flags: { id: "a", httpPort: 1.5 } }, "CONFIG_INVALID"],
  [{ flags: { id: "a", httpPort: 70_000 } }, "CONFIG_INVALID"],
  [{ flags: { id: "a", httpPort: "" } }, "CONFIG_INVALID"],
  [{ flags: { id: "a", skewMax_ms: Number.NaN } }, "CONFIG_INVALID"],
  [{ flags: { id: "a", replay: "yes" } }, "CONFIG_INVALID"],
  [{ flags: { id: "a", peers: [1] } }, "CONFIG_INVALID"],
  [{ flags: { id: "a", dataDir: "" } }, "CONFIG_INVALID"],
])("a wrong setting is refused with its code: %j", (sources, code) => {
  expect(schema.parse(sources)).toMatchObject({ ok: false, problem: { code } });
});

test("a number out of range is told the range and its unit", () => {
  const parsed = schema.parse({ flags: { id: "a", skewMax_ms: 11 } });
  expect(parsed.ok ? "" : parsed.problem.detail).toBe(
    "skewMax_ms is 11, but must be a number from 0 to 10 ms",
  );
});

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readState, StateFile } from "./state-file.ts";

const state = {
  version: 4,
  attachments: [
    {
      vehicleId: "vehicle-01",
      unitId: "unit-2",
      latency_ms: 1.5,
      reason: "lowest latency",
      since_ms: 1000,
      considered: [],
    },
  ],
};

describe("StateFile", () => {
  let dataDir = "";
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "controller-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const load = (): unknown =>
    new StateFile({ dataDir }).load({ lostVersion: 900, logger: silentLogger });

  it("starts empty, and gives back after a restart what was saved", () => {
    expect(load()).toEqual({ version: 0, attachments: [] });
    new StateFile({ dataDir }).save(state, silentLogger);
    expect(load()).toEqual(state);
  });

  it("sets a damaged file aside and takes a version above every stored one", () => {
    const file = new StateFile({ dataDir });
    file.save(state, silentLogger);
    writeFileSync(file.path, readFileSync(file.path, "utf8").slice(0, -20));
    expect(load()).toEqual({ version: 900, attachments: [] });
    expect(existsSync(`${file.path}.damaged`)).toBe(true);
  });

  it("reads only its own form, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readState(text)).toBeUndefined();
      }),
    );
  });
});

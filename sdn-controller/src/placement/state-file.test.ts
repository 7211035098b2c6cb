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
      standbyUnitId: "unit-1",
      latency_ms: 1.5,
      reason: "lowest latency",
      since_ms: 1000,
      considered: [],
    },
  ],
  moves: [
    {
      vehicleId: "vehicle-01",
      from: "unit-1",
      to: "unit-2",
      trigger: "dead" as const,
      why: "unit-1 is dead",
      at_ms: 900,
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
    expect(load()).toEqual({ version: 0, attachments: [], moves: [] });
    new StateFile({ dataDir }).save(state, silentLogger);
    expect(load()).toEqual(state);
  });

  it("sets a damaged file aside and takes a version above every stored one", () => {
    const file = new StateFile({ dataDir });
    file.save(state, silentLogger);
    writeFileSync(file.path, readFileSync(file.path, "utf8").slice(0, -20));
    expect(load()).toEqual({ version: 900, attachments: [], moves: [] });
    expect(existsSync(`${file.path}.damaged`)).toBe(true);
  });

  it("reads the format before this one, which knew no standbys", () => {
    const [{ standbyUnitId: _, ...attachment } = {}] = state.attachments;
    const text = JSON.stringify({ format: 1, version: 3, attachments: [attachment] });
    expect(readState(text)).toMatchObject({
      version: 3,
      attachments: [{ unitId: "unit-2", standbyUnitId: null }],
    });
  });

  it("reads only its own form, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readState(text)).toBeUndefined();
      }),
    );
  });
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VehicleFault } from "@voltfog/battery";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { decodePackFile } from "./pack-file.ts";
import { fleetStart_ms, simulateFleet } from "./simulate-fleet.ts";

const root = mkdtempSync(join(tmpdir(), "fleet-"));
afterAll(() => rmSync(root, { recursive: true }));

function simulate(name: string, faults: readonly VehicleFault[]): Uint8Array {
  const out = join(root, name);
  simulateFleet({
    out,
    seed: 5,
    vehicles: 1,
    days: 2,
    preset: "lmo48",
    steps: { driving_s: 5, charging_s: 60, parked_s: 300 },
    faults,
    onVehicle: () => undefined,
  });
  return new Uint8Array(readFileSync(join(out, "vehicle-0001.pack")));
}

const onset_s = 30 * 3600;
const sound = simulate("sound", []);
const faulty = simulate("faulty", [
  { vehicle: 1, fault: { kind: "internal-short", onset_s, cell: 4, resistance_Ohm: 1 } },
]);

describe("a simulated fleet", () => {
  it("gives the same bytes for the same seed", () => {
    expect(simulate("again", [])).toEqual(sound);
  });

  it("gives equal files with and without a fault up to its onset", () => {
    const decoded = decodePackFile(sound);
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    const { header, records } = decoded.value;
    const head = sound.indexOf(10) + 1;
    const before = records.filter((record) => record.monotonic_ms <= onset_s * 1000).length;
    const end = head + before * header.record_bytes;
    expect(before).toBeGreaterThan(500);
    expect(faulty.subarray(0, end)).toEqual(sound.subarray(0, end));
    expect(faulty).not.toEqual(sound);
  });

  it("says that it is simulated, and the truth beside it", () => {
    const truth = JSON.parse(readFileSync(join(root, "faulty", "truth.json"), "utf8"));
    expect(truth.origin).toBe("simulated");
    expect(truth.vehicles[0].faults).toEqual([
      {
        kind: "internal-short",
        onset_s,
        cell: 4,
        resistance_Ohm: 1,
        onset_ms: fleetStart_ms + onset_s * 1000,
      },
    ]);
    expect(new TextDecoder().decode(sound.subarray(0, 60))).toContain('"origin":"simulated"');
  });

  it("does not write into a folder with files", () => {
    expect(() => simulate("sound", [])).toThrow(/not empty/);
  });
});

describe("a pack file", () => {
  it("is read back as rising time and plausible cells", () => {
    const decoded = decodePackFile(sound);
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    decoded.value.records.forEach((record, i) => {
      expect(record.monotonic_ms).toBeGreaterThan(decoded.value.records[i - 1]?.monotonic_ms ?? 0);
      expect(record.cellVoltage_mV).toHaveLength(48);
      expect(record.cellVoltage_mV.every((mV) => mV > 3000 && mV < 4250)).toBe(true);
    });
  });

  it("never throws, and is refused when cut or foreign", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 0, max: 2000 }),
        (noise, cut) => {
          expect(decodePackFile(noise).ok).toBe(false);
          const head = sound.indexOf(10) + 1;
          expect(decodePackFile(sound.subarray(0, cut)).ok).toBe(
            cut >= head && (cut - head) % 156 === 0,
          );
        },
      ),
    );
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { OwnQuarantine } from "./own-quarantine.ts";
import { PolicyFile, parsePolicyFile } from "./policy-file.ts";

const policies = {
  ...{ term: 1, controllerId: "controller", version: 2, limits: [], released: [] },
  quarantine: [{ vehicleId: "vehicle-01", since_ms: 5, reason: "forged" }],
  deny: [{ address: "10.0.0.0/8" }],
};
const own: OwnQuarantine[] = [
  {
    ...{ vehicleId: "vehicle-02", since_ms: 7, reason: "3 frames with false signatures" },
    ...{ offence: "SIGNATURE_FORGED", count: 3, budget: 3 },
    evidence: {
      ...{ logIndex: 9, stream: "telemetry", sequence: 4, origin: "measured" },
      commitment: "ab".repeat(32),
    },
  },
];
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "voltfog-policies-"));
});

afterEach(() => rmSync(dataDir, { recursive: true }));

test("what is saved is loaded again", () => {
  const file = new PolicyFile({ dataDir });
  expect(file.load(silentLogger)).toEqual({ policies: undefined, own: [] });
  file.save({ policies, own });
  expect(new PolicyFile({ dataDir }).load(silentLogger)).toEqual({ policies, own });
  file.save({ own });
  expect(file.load(silentLogger)).toEqual({ policies: undefined, own });
});

test("a damaged file is set aside, and the next one is kept", () => {
  const file = new PolicyFile({ dataDir });
  file.save({ policies, own });
  writeFileSync(file.path, readFileSync(file.path, "utf8").slice(0, 40));
  expect(file.load(silentLogger)).toEqual({ policies: undefined, own: [] });
  expect(readFileSync(`${file.path}.damaged`, "utf8")).toHaveLength(40);
  file.save({ policies, own });
  expect(file.load(silentLogger)).toEqual({ policies, own });
});

test("any text at all is read or refused", () => {
  const near = fc.json().map((one) => `{"format":1,"policies":null,"own":[${one}]}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), near), (text) => {
      expect(parsePolicyFile(text)).toBeUndefined();
    }),
  );
  const [good] = own;
  const fields = Object.keys(good ?? {}).map((key) => [key, fc.jsonValue()] as const);
  const changed = fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  fc.assert(
    fc.property(changed, (change) => {
      const text = JSON.stringify({ format: 1, policies: null, own: [{ ...good, ...change }] });
      const kept = parsePolicyFile(text);
      if (kept !== undefined) expect(kept.own).toHaveLength(1);
    }),
  );
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@voltfog/runtime";
import { createSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FactoryCounts, openFactoryRecord, sealFactoryRecord } from "./factory-record.ts";
import { factoryOf } from "./read-factory-record.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-factory-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const counts: FactoryCounts = {
  ...{ pack: "vehicle-01", manufacturer: "Example", exit_ms: 1_772_323_200_000 },
  ...{ nominal_Wh: 55_000, charged_Ah: 310, discharged_Ah: 290 },
  ...{ charged_Wh: 112_000, discharged_Wh: 104_000 },
};

function sealed(): { text: string; key: string } {
  const signer = createSigningKey(join(folder, "maker.key"));
  return { text: sealFactoryRecord(counts, signer), key: toHex(signer.publicKey) };
}

describe("a manufacturer's record", () => {
  it("opens to what was sealed, however its JSON is laid out", () => {
    const { text } = sealed();
    const opened = openFactoryRecord(JSON.stringify(JSON.parse(text)), nodeCrypto);
    expect(opened).toMatchObject({ ok: true, value: counts });
  });

  it("is refused where any number or name of it was changed", () => {
    const { text } = sealed();
    const record = JSON.parse(text) as Record<string, unknown>;
    for (const name of Object.keys(counts)) {
      const was = record[name];
      const changed = typeof was === "number" ? was + 1 : `${String(was)}x`;
      const opened = openFactoryRecord(JSON.stringify({ ...record, [name]: changed }), nodeCrypto);
      const problem = { code: "FACTORY_RECORD_SIGNATURE_INVALID" };
      expect(opened).toMatchObject({ ok: false, problem });
    }
    const more = JSON.stringify({ ...record, note: "as new" });
    const problem = { code: "FACTORY_RECORD_MALFORMED" };
    expect(openFactoryRecord(more, nodeCrypto)).toMatchObject({ ok: false, problem });
  });

  it("is refused, never thrown at, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(openFactoryRecord(text, nodeCrypto).ok).toBe(false);
      }),
    );
  });

  it("counts only for its own pack and under the key that the reader was told", () => {
    const { text, key } = sealed();
    const factory = join(folder, "record.json");
    writeFileSync(factory, text);
    expect(readFileSync(factory, "utf8")).toBe(text);
    expect(factoryOf({ factory, manufacturer: key }, "vehicle-01")).toMatchObject(counts);
    expect(factoryOf({}, "vehicle-01")).toBeUndefined();
    const codeOf = (flags: object, pack: string): unknown => {
      try {
        return factoryOf(flags, pack);
      } catch (thrown) {
        return (thrown as { code?: unknown }).code;
      }
    };
    expect(codeOf({ factory, manufacturer: key }, "vehicle-02")).toBe("FACTORY_RECORD_OTHER_PACK");
    const other = { factory, manufacturer: "00".repeat(32) };
    expect(codeOf(other, "vehicle-01")).toBe("FACTORY_RECORD_OTHER_SIGNER");
    expect(codeOf({ factory }, "vehicle-01")).toBe("FLAG_MISSING");
  });
});

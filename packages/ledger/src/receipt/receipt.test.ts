import { utf8 } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeGenesis } from "../genesis/genesis.ts";
import { encodeDispute } from "../modules/session-payloads.ts";
import { portableCrypto } from "../portable-crypto.ts";
import { createConsortium } from "../testing/consortium.ts";
import { ReceiptSite } from "../testing/receipt-site.ts";
import { decodeReceipt, type Receipt, receiptJson } from "./receipt.ts";
import { verifyReceipt } from "./verify-receipt.ts";

let site: ReceiptSite;
let genesisBytes: Uint8Array;

beforeAll(() => {
  site = new ReceiptSite({ crypto });
  genesisBytes = encodeGenesis(site.charging.site.consortium.genesis);
});

function bytesOf(receipt: Receipt, indent = 2): Uint8Array {
  return utf8(`${JSON.stringify(receiptJson(receipt), null, indent)}\n`);
}

function codeOf(bytes: Uint8Array): string {
  const verdict = verifyReceipt({ bytes, genesisBytes, crypto });
  return verdict.ok ? "OK" : verdict.problem.code;
}

describe("a receipt", () => {
  it("shows offline what was metered, paid and settled, and by whose signatures", () => {
    const verdict = verifyReceipt({ bytes: bytesOf(site.receipt()), genesisBytes, crypto });
    expect(verdict).toMatchObject({
      ok: true,
      value: {
        session: { organisation: "north", pricePerKWh: 400_000, sessionFee: 500_000 },
        settlement: { energy_Wh: 10_000, paid: 4_500_000, shortfall: 0 },
        meter: { meterSerial: "M-7", energy_Wh: 10_000 },
        ...{ state: "settled", vehicle: undefined },
      },
    });
    expect(verdict.ok && verdict.value.signers.length).toBeGreaterThanOrEqual(3);
  });

  it("gets the same verdict in the browser's cryptography", () => {
    const bytes = bytesOf(site.receipt(site.count(9500)));
    expect(verifyReceipt({ bytes, genesisBytes, crypto: portableCrypto }).ok).toBe(true);
  });

  it("is refused with any of its bytes altered, and in any other form than the two it has", () => {
    const bytes = bytesOf(site.receipt(site.count(9500)));
    expect(codeOf(bytes)).toBe("OK");
    expect(codeOf(bytesOf(site.receipt(site.count(9500)), 0))).toBe("OK");
    fc.assert(
      fc.property(fc.nat(bytes.length - 2), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ bits;
        expect(codeOf(changed)).not.toBe("OK");
      }),
      { numRuns: 400 },
    );
    const text = new TextDecoder().decode(bytes);
    expect(codeOf(utf8(text.replace('"receipt": 1,', '"receipt":  1,')))).toBe("RECEIPT_MALFORMED");
    expect(codeOf(utf8(`${text}\n`))).toBe("RECEIPT_MALFORMED");
    expect(codeOf(utf8(text.replace("{\n", '{\n  "paid": 1,\n')))).toBe("RECEIPT_MALFORMED");
  });

  it("names a tariff or an amount that is not what the chain settled", () => {
    const text = new TextDecoder().decode(bytesOf(site.receipt()));
    for (const [before, after] of [
      ['"paid": 4500000', '"paid": 4500001'],
      ['"pricePerKWh": 400000', '"pricePerKWh": 300000'],
      ['"operator": "north"', '"operator": "south"'],
    ] as const) {
      expect(codeOf(utf8(text.replace(before, after)))).toBe("RECEIPT_DIFFERS");
    }
  });

  it("rests on the meter values that the session was settled with, and on no others", () => {
    const times = { begin_ms: 1000, end_ms: 2000 };
    const other = { ...site.receipt(), meter: site.signed(times) };
    expect(codeOf(bytesOf(other))).toBe("METER_NOT_SETTLED");
  });

  it("needs the settling result and the session's record, of this session", () => {
    const { chain } = site.charging.site;
    const at = (results: readonly number[], names: readonly string[]): string => {
      const evidence = chain.evidence({ results, names });
      if (evidence === undefined) throw new Error("the chain has blocks");
      return codeOf(bytesOf({ ...site.receipt(), evidence }));
    };
    expect(at([], [])).toBe("RECEIPT_LACKS");
    expect(at([site.resultIndex], [])).toBe("RECEIPT_LACKS");
    expect(at([site.resultIndex], [`session/${"00".repeat(16)}`])).toBe("RECEIPT_LACKS");
    expect(at([site.resultIndex - 1], [])).toBe("RECEIPT_LACKS");
    const other = { ...site.receipt(), sessionId: new Uint8Array(16) };
    expect(codeOf(bytesOf(other))).toBe("RECEIPT_LACKS");
  });

  it("is of one consortium", () => {
    const { genesis } = createConsortium({ crypto, chain: "other" });
    const bytes = bytesOf(site.receipt());
    const verdict = verifyReceipt({ bytes, genesisBytes: encodeGenesis(genesis), crypto });
    expect(verdict).toMatchObject({ ok: false, problem: { code: "WRONG_GENESIS" } });
    const none = verifyReceipt({ bytes, genesisBytes: utf8("{}"), crypto });
    expect(none).toMatchObject({ ok: false, problem: { code: "GENESIS_INVALID" } });
  });

  it("never makes its decoder throw", () => {
    const parts = fc.oneof(fc.string(), fc.json(), fc.constant('{"receipt":1}'));
    fc.assert(
      fc.property(parts, fc.uint8Array(), (text, bytes) => {
        expect(typeof decodeReceipt(utf8(text)).ok).toBe("boolean");
        expect(decodeReceipt(bytes).ok).toBe(false);
      }),
    );
    const fields = receiptJson(site.receipt()) as Record<string, unknown>;
    const value = fc.oneof(fc.jsonValue(), fc.constant(undefined));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(fields)), value, (name, other) => {
        fc.pre(JSON.stringify(other) !== JSON.stringify(fields[name]));
        const text = JSON.stringify({ ...fields, [name]: other });
        expect(decodeReceipt(utf8(text)).ok).toBe(false);
      }),
    );
  });
});

describe("the vehicle's own count", () => {
  it("agrees within what chargers lose, and is named where it does not", () => {
    for (const [pack_Wh, agrees] of [
      [9500, true],
      [5000, false],
      [12_000, false],
    ] as const) {
      const bytes = bytesOf(site.receipt(site.count(pack_Wh)));
      expect(verifyReceipt({ bytes, genesisBytes, crypto })).toMatchObject({
        ok: true,
        value: { vehicle: { isLinked: false, agreement: { agrees, charger_Wh: 10_000, pack_Wh } } },
      });
    }
  });

  it("is of the driver's vehicle where the chain says so", () => {
    const linked = new ReceiptSite({ crypto });
    linked.linkVehicle();
    const bytes = bytesOf(linked.receipt(linked.count(9500)));
    expect(verifyReceipt({ bytes, genesisBytes, crypto })).toMatchObject({
      ok: true,
      value: { vehicle: { isLinked: true, agreement: { agrees: true } } },
    });
  });

  it("is the vehicle's word and nobody else's", () => {
    const count = { ...site.count(9500), energy_Wh: 9600 };
    expect(codeOf(bytesOf(site.receipt(count)))).toBe("VEHICLE_SIGNATURE_INVALID");
  });
});

describe("a receipt of a session that was disputed since", () => {
  it("still holds, and says so", () => {
    const later = new ReceiptSite({ crypto });
    const { sessionId } = later;
    const evidenceHash = new Uint8Array(32);
    const order = encodeDispute({ sessionId, vehicleEnergy_Wh: 5000, evidenceHash });
    expect(later.charging.session(later.driver, "dispute", order)).toBe("OK");
    const verdict = verifyReceipt({ bytes: bytesOf(later.receipt()), genesisBytes, crypto });
    expect(verdict).toMatchObject({ ok: true, value: { state: "disputed" } });
  });
});

import { generateKeyPairSync, sign } from "node:crypto";
import { fromHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { energyAgreement } from "./energy-agreement.ts";
import { meterHash, readMeter } from "./metered-session.ts";
import { decodeOcmf } from "./ocmf.ts";
import { ocmfPayload } from "./ocmf-payload.ts";
import { type OcmfAlgorithm, ocmfKeyOf, signOcmf } from "./ocmf-signature.ts";

const secretKey = Uint8Array.from({ length: 32 }, (_, at) => at + 1);
const algorithms: readonly OcmfAlgorithm[] = ["ECDSA-secp256r1-SHA256", "ECDSA-secp256k1-SHA256"];

function payload(readings: Parameters<typeof ocmfPayload>[0]["readings"]): string {
  return ocmfPayload({
    ...{ gateway: "cp-1", meterSerial: "M-1", transaction: 7, chargePoint: "pile-1" },
    ...{ identification: "00112233445566778899aabbccddeeff", readings },
  });
}

const usual = payload([
  { time_ms: 1_700_000_000_123, reason: "B", register_Wh: 1000 },
  { time_ms: 1_700_000_600_123, reason: "C", register_Wh: 5000 },
  { time_ms: 1_700_003_600_123, reason: "E", register_Wh: 11_500 },
]);

function signed(text: string, algorithm: OcmfAlgorithm = "ECDSA-secp256r1-SHA256") {
  const key = ocmfKeyOf({ algorithm, secretKey });
  return { key, records: [signOcmf({ payload: text, algorithm, secretKey })] };
}

function codeOf(meter: { key: Uint8Array; records: readonly string[] }): string {
  const read = readMeter(meter);
  return read.ok ? "OK" : read.problem.code;
}

describe("a meter's record", () => {
  it.each(algorithms)("of %s says what the meter counted", (algorithm) => {
    const read = readMeter(signed(usual, algorithm));
    expect(read).toMatchObject({
      ok: true,
      value: {
        ...{ meterSerial: "M-1", chargePoint: "pile-1", energy_Wh: 10_500 },
        begin: { time_ms: 1_700_000_000_123, register_Wh: 1000, clock: "S" },
        end: { register_Wh: 11_500 },
      },
    });
  });

  it.each([
    ["prime256v1", "ECDSA-secp256r1-SHA256"],
    ["secp256k1", "ECDSA-secp256k1-SHA256"],
  ])("signed by another implementation with %s is accepted", (namedCurve, algorithm) => {
    for (let round = 0; round < 8; round++) {
      const pair = generateKeyPairSync("ec", { namedCurve });
      const key = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }));
      const seal = sign("sha256", Buffer.from(usual), pair.privateKey).toString("hex");
      const text = `OCMF|${usual}|{"SA":"${algorithm}","SE":"hex","SD":"${seal.toUpperCase()}"}`;
      expect(codeOf({ key, records: [text] })).toBe("OK");
      const base64 = Buffer.from(seal, "hex").toString("base64");
      const other = `OCMF|${usual}|{"SA":"${algorithm}","SE":"base64","SD":"${base64}"}`;
      expect(codeOf({ key, records: [other] })).toBe("OK");
    }
  });

  it("is refused with any letter of its payload or of its signature's data altered", () => {
    const { key, records } = signed(usual);
    const [text = ""] = records;
    const data = text.indexOf('"SD":"') + '"SD":"'.length;
    const inPayload = fc.integer({ min: "OCMF|".length, max: "OCMF|".length + usual.length - 1 });
    const inData = fc.integer({ min: data, max: text.length - 3 });
    fc.assert(
      fc.property(fc.oneof(inPayload, inData), (at) => {
        const letter = text.charAt(at);
        const other = letter === "1" ? "2" : "1";
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        expect(codeOf({ key, records: [changed] })).not.toBe("OK");
      }),
      { numRuns: 60 },
    );
  });

  it("is refused under another key, a key of another curve and an unknown algorithm", () => {
    const { records } = signed(usual);
    const [text = ""] = records;
    const other = ocmfKeyOf({
      algorithm: algorithms[0] ?? "ECDSA-secp256r1-SHA256",
      secretKey: secretKey.map((b) => b + 1),
    });
    const k1 = ocmfKeyOf({ algorithm: "ECDSA-secp256k1-SHA256", secretKey });
    expect(codeOf({ key: other, records })).toBe("OCMF_SIGNATURE_INVALID");
    expect(codeOf({ key: k1, records })).toBe("OCMF_KEY_MALFORMED");
    const unknown = text.replace("ECDSA-secp256r1-SHA256", "ECDSA-brainpool256r1-SHA256");
    expect(codeOf({ key: other, records: [unknown] })).toBe("OCMF_ALGORITHM_UNKNOWN");
  });

  it("keeps every digit of a value in kilowatt-hours", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 11 }), (value_Wh) => {
        const kilo = `${Math.floor(value_Wh / 1000)}.${String(value_Wh % 1000).padStart(3, "0")}`;
        const text = usual
          .replace('"RV":1000,', `"RV":${kilo},`)
          .replace('"RU":"Wh"', '"RU":"kWh"');
        const decoded = decodeOcmf(`OCMF|${text}|{"SD":"00"}`);
        expect(decoded.ok && decoded.value.record.readings[0]?.register_Wh).toBe(value_Wh);
      }),
    );
  });

  it.each([
    [
      "runs backwards",
      [
        { at: 0, reason: "B", register_Wh: 10 },
        { at: 1, reason: "E", register_Wh: 9 },
      ],
    ],
    [
      "has no beginning",
      [
        { at: 0, reason: "C", register_Wh: 10 },
        { at: 1, reason: "E", register_Wh: 11 },
      ],
    ],
    [
      "has no end",
      [
        { at: 0, reason: "B", register_Wh: 10 },
        { at: 1, reason: "C", register_Wh: 11 },
      ],
    ],
    [
      "ends before it begins",
      [
        { at: 1, reason: "B", register_Wh: 10 },
        { at: 0, reason: "E", register_Wh: 11 },
      ],
    ],
    [
      "ends twice",
      [
        { at: 0, reason: "B", register_Wh: 1 },
        { at: 1, reason: "E", register_Wh: 2 },
        { at: 2, reason: "E", register_Wh: 3 },
      ],
    ],
  ] as const)("that %s is refused", (_name, list) => {
    const text = payload(
      list.map(({ at, reason, register_Wh }) => ({ time_ms: at * 1000, reason, register_Wh })),
    );
    expect(codeOf(signed(text))).toBe("OCMF_READINGS");
  });

  it("of a meter that reports a fault is refused", () => {
    expect(codeOf(signed(usual.replace('"ST":"G"', '"ST":"F"')))).toBe("OCMF_READINGS");
    expect(codeOf(signed(usual.replace('"EF":""', '"EF":"E"')))).toBe("OCMF_READINGS");
  });

  it("never makes its decoder throw, whatever it is", () => {
    const part = fc.oneof(fc.string(), fc.json(), fc.constantFrom(usual, '{"SD":"00"}'));
    fc.assert(
      fc.property(part, part, (a, b) => {
        expect(typeof decodeOcmf(`OCMF|${a}|${b}`).ok).toBe("boolean");
        expect(typeof decodeOcmf(a).ok).toBe("boolean");
      }),
      { numRuns: 1000 },
    );
    expect(decodeOcmf(`OCMF|${usual.replace("2023-11-14", "2023-02-30")}|{"SD":"00"}`).ok).toBe(
      false,
    );
  });
});

describe("the hash that goes on the chain", () => {
  it("differs for another key, another record and another division into records", () => {
    const { key, records } = signed(usual);
    const [text = ""] = records;
    const hashes = [
      meterHash({ key, records }, nodeCrypto),
      meterHash({ key: key.slice(1), records }, nodeCrypto),
      meterHash({ key, records: [text, text] }, nodeCrypto),
      meterHash({ key, records: [`${text} `] }, nodeCrypto),
    ].map((hash) => Buffer.from(hash).toString("hex"));
    expect(new Set(hashes).size).toBe(4);
    expect(fromHex(hashes[0] ?? "")).toHaveLength(32);
  });
});

describe("the counts of charger and vehicle", () => {
  it.each([
    [10_000, 9000, true],
    [10_000, 7900, true],
    [10_000, 7899, false],
    [10_000, 10_300, true],
    [10_000, 10_301, false],
    [0, 0, true],
    [50, 0, true],
    [0, 101, false],
  ])("of %i and %i Wh agree: %s", (charger_Wh, pack_Wh, agrees) => {
    expect(energyAgreement({ charger_Wh, pack_Wh }).agrees).toBe(agrees);
  });
});

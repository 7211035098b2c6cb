import type { UnitId, VehicleId } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConnectToken, connectTokenLife_ms, sealConnectToken } from "./connect-token.ts";
import { publishedSigner as signer } from "./node/published-signer.ts";

const wall_ms = 1_790_000_000_000;
const names = { unitId: "unit-1" as UnitId, vehicleId: "vehicle-01" as VehicleId };
const token = sealConnectToken({ ...names, signer, wall_ms });
const asked = { ...names, token, publicKey: signer.publicKey, now_ms: wall_ms, crypto };

describe("a connect token", () => {
  it("is good for its vehicle and unit within five minutes, before and after", () => {
    for (const now_ms of [wall_ms, wall_ms - connectTokenLife_ms, wall_ms + connectTokenLife_ms]) {
      expect(checkConnectToken({ ...asked, now_ms })).toBe(true);
    }
  });

  it("is not good later, earlier, or at a time that is no number", () => {
    for (const now_ms of [
      wall_ms + connectTokenLife_ms + 1,
      wall_ms - connectTokenLife_ms - 1,
      Number.NaN,
    ]) {
      expect(checkConnectToken({ ...asked, now_ms })).toBe(false);
    }
  });

  it("is not good for another unit, another vehicle or another key", () => {
    expect(checkConnectToken({ ...asked, unitId: "unit-2" as UnitId })).toBe(false);
    expect(checkConnectToken({ ...asked, vehicleId: "vehicle-02" as VehicleId })).toBe(false);
    expect(checkConnectToken({ ...asked, publicKey: new Uint8Array(32) })).toBe(false);
  });

  it("is not good with any one digit changed, in capitals, shorter or longer", () => {
    for (let place = 0; place < token.length; place++) {
      const digit = token[place] === "0" ? "1" : "0";
      const altered = token.slice(0, place) + digit + token.slice(place + 1);
      expect(checkConnectToken({ ...asked, token: altered })).toBe(false);
    }
    for (const other of [token.toUpperCase(), token.slice(2), `${token}00`, ""]) {
      expect(checkConnectToken({ ...asked, token: other })).toBe(false);
    }
  });

  it("is refused, never thrown at, whatever the text", () => {
    fc.assert(fc.property(fc.string(), (text) => !checkConnectToken({ ...asked, token: text })));
  });
});

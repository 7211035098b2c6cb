import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePolicies, policyRowsMax } from "./traffic-policies.ts";

const good = {
  term: 3,
  controllerId: "controller-1",
  version: 7,
  limits: [
    { vehicleId: "*", rate_bytes: 100_000, ratePackets: 50 },
    { vehicleId: "vehicle-01", rate_bytes: 2048 },
  ],
  quarantine: [
    { vehicleId: "vehicle-02", since_ms: 1000, reason: "forged frames" },
    { address: "10.0.0.0/8", since_ms: 1000, reason: "a botnet" },
  ],
  released: [{ vehicleId: "vehicle-03", until_ms: 900, why: "a test bench" }],
  deny: [{ address: "2001:db8::/32" }],
};

test("policies are read, and a limit without packets has the widest", () => {
  const decoded = decodePolicies(good);
  expect(decoded.ok && decoded.value.limits[1]?.ratePackets).toBe(1_000_000);
  expect(decoded).toMatchObject({ ok: true, value: { version: 7, deny: good.deny } });
});

test("policies that release nobody need not say so", () => {
  const { released: _, ...without } = good;
  expect(decodePolicies(without)).toMatchObject({ ok: true, value: { released: [] } });
});

test.each([
  ["no object", []],
  ["a field too many", { ...good, allow: [] }],
  ["a term that is no count", { ...good, term: -1 }],
  ["a version that is no number", { ...good, version: Number.NaN }],
  ["a controller without a name", { ...good, controllerId: "" }],
  ["a limit of nobody", { ...good, limits: [{ vehicleId: "", rate_bytes: 2048 }] }],
  ["a limit that stops everything", { ...good, limits: [{ vehicleId: "*", rate_bytes: 0 }] }],
  ["an endless limit", { ...good, limits: [{ vehicleId: "*", rate_bytes: Infinity }] }],
  ["a limit in text", { ...good, limits: [{ vehicleId: "*", rate_bytes: "2048" }] }],
  ["a quarantine of nobody", { ...good, quarantine: [{ since_ms: 1, reason: "?" }] }],
  ["a quarantine without a reason", { ...good, quarantine: [{ vehicleId: "v", since_ms: 1 }] }],
  ["an address that is none", { ...good, deny: [{ address: "10.0.0.256" }] }],
  ["everybody denied", { ...good, deny: [{ address: "0.0.0.0/0" }] }],
  ["no list", { ...good, deny: {} }],
  ["too many rows", { ...good, deny: new Array(policyRowsMax + 1).fill({ address: "10.0.0.1" }) }],
])("%s is refused", (_what, value) => {
  expect(decodePolicies(value)).toMatchObject({ problem: { code: "POLICY_INVALID" } });
});

test("any value at all is read or refused, and what is read is read again as itself", () => {
  const rows = fc.array(
    fc.record(
      {
        vehicleId: fc.oneof(fc.constantFrom("*", "vehicle-01"), fc.anything()),
        address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.anything()),
        since_ms: fc.oneof(fc.nat(), fc.anything()),
        until_ms: fc.oneof(fc.nat(), fc.anything()),
        reason: fc.oneof(fc.string({ minLength: 1 }), fc.anything()),
        why: fc.oneof(fc.string({ minLength: 1 }), fc.anything()),
        rate_bytes: fc.oneof(fc.nat(), fc.anything()),
        ratePackets: fc.oneof(fc.nat(), fc.anything()),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 3 },
  );
  const lists = { limits: rows, quarantine: rows, released: rows, deny: rows };
  const near = fc.record(
    { term: fc.nat(), version: fc.nat(), controllerId: fc.constant("c"), ...lists },
    { requiredKeys: ["term", "version", "controllerId"] },
  );
  fc.assert(
    fc.property(fc.oneof(near, fc.anything()), (value) => {
      const decoded = decodePolicies(value);
      if (!decoded.ok) return decoded.problem.code === "POLICY_INVALID";
      const again = decodePolicies(JSON.parse(JSON.stringify(decoded.value)));
      // As text: JSON knows no -0.
      expect(JSON.stringify(again)).toBe(JSON.stringify(decoded));
      return true;
    }),
  );
});

import type { TrafficPolicies } from "@voltfog/messages";
import { describe, expect, it } from "vitest";
import {
  adopt,
  allow,
  auditMax,
  deny,
  limit,
  noPolicies,
  type PolicyState,
  quarantine,
  release,
  unlimit,
} from "./policy-book.ts";

const asker = { who: "operator", why: "a reason", at_ms: 1000 };

function made(changed: ReturnType<typeof quarantine>): PolicyState {
  if (!changed.ok) throw new Error(changed.problem.detail);
  return changed.value;
}

describe("the book of policies", () => {
  it("keeps who, when and why of every change, and counts versions", () => {
    const one = made(quarantine(noPolicies, { vehicleId: "vehicle-01" }, asker));
    const two = made(deny(one, "10.0.0.0/8", asker));
    const row = { vehicleId: "*", rate_bytes: 5000, ratePackets: 10 };
    const three = made(limit(two, row, asker));
    expect(three.version).toBe(3);
    expect(three.audit.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      "quarantine vehicle-01",
      "deny 10.0.0.0/8",
      "limit *",
    ]);
    const back = made(unlimit(made(allow(three, "10.0.0.0/8", asker)), "*", asker));
    expect(back).toMatchObject({ version: 5, limits: [], deny: [] });
  });

  it("says the first reason of a quarantine, and does not count the second as a change", () => {
    const one = made(quarantine(noPolicies, { vehicleId: "vehicle-01" }, asker));
    expect(made(quarantine(one, { vehicleId: "vehicle-01" }, { ...asker, why: "other" }))).toBe(
      one,
    );
  });

  it("releases what a unit found, even where the unit's clock is ahead", () => {
    const found = { who: "unit-1", why: "forged", at_ms: 9000 };
    const out = made(quarantine(noPolicies, { vehicleId: "vehicle-01" }, found));
    const free = made(release(out, "vehicle-01", asker));
    expect(free.quarantine).toEqual([]);
    expect(free.released).toEqual([{ vehicleId: "vehicle-01", until_ms: 9000, why: "a reason" }]);
  });

  it("refuses to end what was not begun, and changes without a reason or a sound subject", () => {
    for (const changed of [
      release(noPolicies, "vehicle-01", asker),
      allow(noPolicies, "10.0.0.0/8", asker),
      unlimit(noPolicies, "*", asker),
    ]) {
      expect(changed).toMatchObject({ problem: { code: "POLICY_UNKNOWN" } });
    }
    for (const changed of [
      deny(noPolicies, "10.0.0.0/8", { ...asker, why: "" }),
      deny(noPolicies, "0.0.0.0/0", asker),
      quarantine(noPolicies, { vehicleId: "No Vehicle" }, asker),
    ]) {
      expect(changed).toMatchObject({ problem: { code: "POLICY_INVALID" } });
    }
  });

  it("is full at a limit, and says so", () => {
    const full = { ...noPolicies, deny: new Array(2000).fill({ address: "10.0.0.1" }) };
    expect(deny(full, "10.0.0.2", asker)).toMatchObject({ problem: { code: "POLICIES_FULL" } });
  });

  it("keeps the newest of its audit", () => {
    let state = noPolicies;
    for (let i = 0; i < auditMax / 2 + 5; i++) {
      state = made(allow(made(deny(state, "10.0.0.1", asker)), "10.0.0.1", asker));
    }
    expect(state.audit).toHaveLength(auditMax);
    expect(state.audit.at(-1)?.action).toBe("allow");
  });

  it("takes over what units hold of a newer term or version, and nothing older", () => {
    const held: TrafficPolicies = {
      ...{ term: 2, controllerId: "other", version: 4, limits: [], released: [], deny: [] },
      quarantine: [{ vehicleId: "vehicle-01", since_ms: 1, reason: "forged" }],
    };
    const from = { unitId: "unit-1", at_ms: 1 };
    const adopted = adopt({ ...noPolicies, term: 1, version: 9 }, held, from);
    expect(adopted).toMatchObject({ term: 2, version: 4, quarantine: held.quarantine });
    expect(adopted.audit.at(-1)).toMatchObject({ action: "adopt", who: "unit-1" });
    expect(adopt(adopted, { ...held, version: 3, quarantine: [] }, from)).toBe(adopted);
    expect(adopt(adopted, { ...held, term: 1, version: 9 }, from)).toBe(adopted);
  });
});

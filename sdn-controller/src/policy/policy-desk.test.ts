import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrafficPolicies } from "@voltfog/messages";
import { CodedError, ManualClock, silentLogger } from "@voltfog/runtime";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { allow, deny, limit, quarantine, release } from "./policy-book.ts";
import { PolicyDesk } from "./policy-desk.ts";
import { PolicyFile, readPolicyState } from "./policy-file.ts";
import {
  type JournalledOrder,
  type OwnQuarantine,
  type PolicyClient,
  readUnitPolicies,
} from "./unit-policies.ts";

/** A unit that holds what it was told. */
class FakeUnit implements PolicyClient {
  readonly unitId: string;
  policies: TrafficPolicies | null = null;
  own: OwnQuarantine[] = [];
  isDown = false;
  isFull = false;
  readonly orders: string[] = [];

  constructor(unitId: string) {
    this.unitId = unitId;
  }

  async read() {
    if (this.isDown) throw new CodedError({ code: "UNREACHABLE", message: "down" });
    return { policies: this.policies, own: this.own, inForce_ms: 1, cannot: [] };
  }

  async put(policies: TrafficPolicies): Promise<void> {
    if (this.isDown) throw new CodedError({ code: "UNREACHABLE", message: "down" });
    this.policies = policies;
  }

  async journal({ id, action, subject }: JournalledOrder): Promise<string> {
    if (this.isDown || this.isFull) throw new CodedError({ code: "ORDER_NOT_KEPT", message: "" });
    this.orders.push(`${id} ${action} ${subject}`);
    return "ab".repeat(32);
  }

  close(): void {}
}

describe("the desk of policies", () => {
  let dataDir = "";
  let units: FakeUnit[] = [];
  let term: number | undefined;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "voltfog-policies-"));
    units = [new FakeUnit("unit-1"), new FakeUnit("unit-2")];
    term = 1;
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  function open(): PolicyDesk {
    return new PolicyDesk({
      file: new PolicyFile({ dataDir }),
      units,
      claim: () => (term === undefined ? undefined : { term, controllerId: "controller" }),
      homeOf: (vehicleId) => (vehicleId === "vehicle-01" ? "unit-2" : undefined),
      clock: new ManualClock(5000),
      logger: silentLogger,
    });
  }

  const rate = { rate_bytes: 2048, ratePackets: 9 };
  const asker = { who: "operator", why: "a reason", at_ms: 5000 };
  const out = (desk: PolicyDesk, vehicleId = "vehicle-01"): Promise<unknown> =>
    desk.change((state) => quarantine(state, { vehicleId }, asker));
  const heldBy = (at: number): unknown[] | undefined =>
    units[at]?.policies?.quarantine.map(({ vehicleId }) => vehicleId);

  it("has one unit journal each order, the vehicle's own where there is one, and says as which event", async () => {
    const desk = open();
    await desk.review();
    await out(desk);
    await desk.change((state) => deny(state, "192.0.2.0/24", asker));
    await desk.change((state) => limit(state, { ...rate, vehicleId: "*" }, asker));
    await desk.change((state) => allow(state, "192.0.2.0/24", asker));
    await desk.change((state) => release(state, "vehicle-01", asker));
    for (const unit of units) unit.own = [{ vehicleId: "v9", since_ms: 9, reason: "forged" }];
    await desk.review();
    await desk.review();
    expect(units.map(({ orders }) => orders)).toEqual([
      ["v4-5000 allow 192.0.2.0/24", "v2-5000 deny 192.0.2.0/24"].reverse(),
      ["v1-5000 quarantine vehicle-01", "v5-5000 release vehicle-01"],
    ]);
    const events = desk.view.audit.map(({ action, order }) => [action, order?.event?.unitId]);
    expect(events.reverse()).toEqual([
      ["quarantine", "unit-2"],
      ["deny", "unit-1"],
      ["limit", undefined],
      ["allow", "unit-1"],
      ["release", "unit-2"],
      ["quarantine", undefined],
    ]);
  });

  it("goes on asking until an order is journalled, over a restart and without leading", async () => {
    const desk = open();
    await desk.review();
    for (const unit of units) unit.isFull = true;
    await out(desk);
    await desk.review();
    expect(desk.view.audit).toMatchObject([{ order: { id: "v1-5000", event: null } }]);
    for (const unit of units) unit.isFull = false;
    term = undefined;
    const next = open();
    await next.review();
    const event = { id: "ab".repeat(32), unitId: "unit-2" };
    expect(next.view.audit).toMatchObject([{ order: { id: "v1-5000", event } }]);
    expect(
      readPolicyState(JSON.stringify({ format: 1, ...next.view, units: undefined })),
    ).toBeDefined();
  });

  it("tells every unit at once, and one that was down when it is back", async () => {
    const desk = open();
    await desk.review();
    const [first] = units;
    if (first === undefined) throw new Error("a unit");
    first.isDown = true;
    await out(desk);
    expect([heldBy(0), heldBy(1)]).toEqual([undefined, ["vehicle-01"]]);
    expect(desk.view.units).toMatchObject([{ behind: "down" }, { behind: null, version: 1 }]);
    first.isDown = false;
    await desk.review();
    expect(heldBy(0)).toEqual(["vehicle-01"]);
  });

  it("puts a vehicle out everywhere that one unit put out, until an operator releases it", async () => {
    const desk = open();
    const found = { vehicleId: "vehicle-02", since_ms: 6000, reason: "3 forged frames" };
    units[0]?.own.push(found);
    await desk.review();
    expect(heldBy(1)).toEqual(["vehicle-02"]);
    expect(desk.view.audit[0]).toMatchObject({ who: "unit-1", action: "quarantine" });
    await desk.change((state) => release(state, "vehicle-02", asker));
    await desk.review();
    expect(heldBy(1)).toEqual([]);
    expect(units[1]?.policies?.released).toMatchObject([{ vehicleId: "vehicle-02" }]);
    units[0]?.own.splice(0, 1, { ...found, since_ms: 7000 });
    await desk.review();
    expect(heldBy(1)).toEqual(["vehicle-02"]);
  });

  it("goes on after a restart, and after a loss of its disk from what the units hold", async () => {
    const desk = open();
    await desk.review();
    await out(desk);
    expect(open().view).toMatchObject({ version: 1, quarantine: [{ vehicleId: "vehicle-01" }] });
    rmSync(join(dataDir, "policies.json"));
    const anew = open();
    await anew.review();
    expect(anew.view).toMatchObject({ version: 1, quarantine: [{ vehicleId: "vehicle-01" }] });
    await out(anew, "vehicle-02");
    expect(heldBy(0)).toEqual(["vehicle-01", "vehicle-02"]);
  });

  it("tells nobody anything while another controller leads, and takes over what that one told", async () => {
    term = undefined;
    const desk = open();
    for (const unit of units) {
      unit.policies = {
        ...{ term: 4, controllerId: "other", version: 8, limits: [], released: [], deny: [] },
        quarantine: [{ vehicleId: "vehicle-03", since_ms: 1, reason: "?" }],
      };
    }
    await desk.review();
    expect(desk.view.version).toBe(8);
    expect(units[0]?.policies?.term).toBe(4);
    term = 5;
    await desk.review();
    expect(units[0]?.policies).toMatchObject({ term: 5, controllerId: "controller", version: 8 });
    expect(heldBy(0)).toEqual(["vehicle-03"]);
  });
});

it("any text and any answer at all is read or refused", () => {
  const near = fc
    .json()
    .map((lists) => `{"format":1,"audit":[],"version":1,"term":1,"deny":${lists}}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), near), (text) => {
      expect(readPolicyState(text)).toBeUndefined();
    }),
  );
  const answers = fc.record(
    {
      policies: fc.anything(),
      own: fc.oneof(fc.anything(), fc.array(fc.anything())),
      drivers: fc.oneof(fc.anything(), fc.array(fc.anything())),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(answers, fc.anything()), (answer) => {
      const read = readUnitPolicies(answer);
      if (read !== undefined) expect(read.cannot.length).toBeLessThanOrEqual(100);
    }),
  );
});

it("a driver of a unit's answer that is nothing leaves nothing undone", () => {
  const read = readUnitPolicies({ policies: null, drivers: [null, undefined, { cannot: [null] }] });
  expect(read?.cannot).toEqual(["?: ?, because ?"]);
});

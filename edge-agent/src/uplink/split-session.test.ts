import type { UpTopic } from "@voltfog/messages";
import { CodedError, silentLogger, type UnitId, type VehicleId } from "@voltfog/runtime";
import type { TlsIdentity } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import { splitSessions, urgentTargets } from "./split-session.ts";
import type { OpenSession, UplinkSession, UplinkTarget } from "./uplink-session.ts";

class FakeSession implements UplinkSession {
  readonly target: UplinkTarget;
  readonly roundTrip_ms = 1;
  readonly sent: UpTopic[] = [];
  end: (reason: string) => void = () => {};
  readonly closed = new Promise<string>((resolve) => {
    this.end = resolve;
  });

  constructor(target: UplinkTarget) {
    this.target = target;
  }

  async publish(topic: UpTopic): Promise<boolean> {
    this.sent.push(topic);
    return true;
  }

  async close(): Promise<void> {
    this.end("closed here");
  }
}

const asked = {
  target: { unitId: "unit-1" as UnitId, host: "unit", port: 1 },
  vehicleId: "vehicle-01" as VehicleId,
  identity: {} as TlsIdentity,
  onMessage: () => {},
};

function split(
  openUrgent?: () => Promise<UplinkSession>,
  settings = { urgentUnits: [] as string[], urgentPort: 2 },
) {
  const opened: FakeSession[] = [];
  const open: OpenSession = async ({ target }) => {
    const session = new FakeSession(target);
    opened.push(session);
    return session;
  };
  const options = {
    urgentOf: urgentTargets(settings),
    openMain: open,
    openUrgent: openUrgent ?? open,
  };
  return { opened, open: splitSessions({ ...options, logger: silentLogger }) };
}

test("alarms go to the port of alarms, everything else to the other", async () => {
  const { opened, open } = split();
  const session = await open(asked);
  for (const topic of ["telemetry", "urgent", "hello"] as const) {
    expect(await session.publish(topic, new Uint8Array())).toBe(true);
  }
  expect(opened.map(({ target, sent }) => [target.port, sent])).toEqual([
    [1, ["telemetry", "hello"]],
    [2, ["urgent"]],
  ]);
  expect(session.target.port).toBe(1);
});

test("when one connection is lost the session is over, and the other one is closed", async () => {
  for (const lost of [0, 1]) {
    const { opened, open } = split();
    const session = await open(asked);
    opened[lost]?.end("lost");
    expect(await session.closed).toBe("lost");
    expect(await opened[1 - lost]?.closed).toBe("closed here");
  }
});

test("a unit without a port of alarms gets them with the rest", async () => {
  const refuse = (): Promise<never> =>
    Promise.reject(new CodedError({ code: "UNIT_UNREACHABLE", message: "no such port" }));
  const { opened, open } = split(refuse);
  const session = await open(asked);
  await session.publish("urgent", new Uint8Array());
  expect(opened.map(({ sent }) => sent)).toEqual([["urgent"]]);
});

test("a unit with a port of alarms of its own is found by its id, others at the common one or not at all", () => {
  const urgentUnits = ["unit-1@roof:7"];
  const other = { ...asked.target, unitId: "unit-2" as UnitId };
  const common = urgentTargets({ urgentUnits, urgentPort: 2 });
  expect(common(asked.target)).toEqual({ unitId: "unit-1", host: "roof", port: 7 });
  expect(common(other)).toEqual({ unitId: "unit-2", host: "unit", port: 2 });
  expect(urgentTargets({ urgentUnits, urgentPort: 0 })(other)).toBeUndefined();
  expect(() => urgentTargets({ urgentUnits: ["unit-1"], urgentPort: 0 })).toThrow(/^urgentUnits/);
});

test("of a unit whose port of alarms nobody named there is one connection", async () => {
  const { opened, open } = split(undefined, { urgentUnits: [], urgentPort: 0 });
  const session = await open(asked);
  await session.publish("urgent", new Uint8Array());
  expect(opened.map(({ sent }) => sent)).toEqual([["urgent"]]);
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Child, type ChildEnd, startChild } from "./child-process.ts";
import { restartDelay_ms } from "./restart-delay.ts";
import { type SupervisedPlan, Supervisor, type SupervisorEvent } from "./supervisor.ts";

/** A process that says it runs, and writes its stop to a file that all share. */
const child = `
const { appendFileSync } = require("node:fs");
const [id, mode, record] = process.argv.slice(2);
if (mode === "refuses") process.exit(2);
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => {
  if (mode === "deaf") return;
  appendFileSync(record, id + "\\n");
  process.exit(0);
});
process.send({ kind: "running", ports: {} });
setInterval(() => {}, 1000);
`;

describe("Supervisor", () => {
  let folder = "";
  let events: SupervisorEvent[] = [];
  let supervisor: Supervisor | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "supervisor-"));
    writeFileSync(join(folder, "child.cjs"), child);
    writeFileSync(join(folder, "stops"), "");
    events = [];
  });
  afterEach(async () => {
    supervisor?.killAll();
    await supervisor?.stop();
    rmSync(folder, { recursive: true });
  });

  function plan(
    id: string,
    options: { mode?: string; turn?: number; limit_ms?: number } = {},
  ): SupervisedPlan {
    const script = join(folder, "child.cjs");
    return {
      id,
      command: [process.execPath, script, id, options.mode ?? "good", join(folder, "stops")],
      logFile: join(folder, "logs", `${id}.log`),
      stopTurn: options.turn ?? 0,
      stopLimit_ms: options.limit_ms ?? 20_000,
    };
  }

  function supervise(plans: readonly SupervisedPlan[]): Supervisor {
    supervisor = new Supervisor({
      plans,
      start: startChild,
      clock: systemClock,
      report: (event) => events.push(event),
    });
    supervisor.start();
    return supervisor;
  }

  const running = (id: string): number =>
    events.filter((event) => event.kind === "running" && event.id === id).length;
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const patience = { timeout: 20_000 };

  it("keeps a process away that it holds down, until it lets it up", async () => {
    const supervised = supervise([plan("a"), plan("b")]);
    await expect.poll(() => running("a") + running("b"), patience).toBe(2);
    const pid = supervised.pids().get("a") ?? 0;
    supervised.holdDown("a");
    await expect.poll(() => events.filter(({ kind }) => kind === "away").length, patience).toBe(1);
    expect(isAlive(pid)).toBe(false);
    expect([...supervised.pids().keys()]).toEqual(["b"]);
    supervised.letUp("b");
    supervised.letUp("a");
    await expect.poll(() => running("a"), patience).toBe(2);
    expect(running("b")).toBe(1);
    expect(events.filter(({ kind }) => kind === "died")).toEqual([]);
  });

  it("starts a process again that was killed, and says so", async () => {
    const supervised = supervise([plan("a"), plan("b")]);
    await expect.poll(() => running("a") + running("b"), patience).toBe(2);
    process.kill(supervised.pids().get("a") ?? 0, "SIGKILL");
    await expect.poll(() => running("a"), patience).toBe(2);
    expect(events.filter(({ kind }) => kind === "died")).toEqual([
      { kind: "died", id: "a", end: { code: null, signal: "SIGKILL" }, restart_ms: 250 },
    ]);
    expect(running("b")).toBe(1);
  });

  it("stops turn by turn and leaves nothing running", async () => {
    const supervised = supervise([
      plan("late", { turn: 2 }),
      plan("early"),
      plan("middle", { turn: 1 }),
    ]);
    await expect.poll(() => supervised.pids().size, patience).toBe(3);
    await expect
      .poll(() => events.filter(({ kind }) => kind === "running").length, patience)
      .toBe(3);
    const pids = [...supervised.pids().values()];
    await supervised.stop();
    expect(readFileSync(join(folder, "stops"), "utf8")).toBe("early\nmiddle\nlate\n");
    expect(pids.filter(isAlive)).toEqual([]);
    expect(supervised.pids().size).toBe(0);
  });

  it("kills a process that does not stop in time", async () => {
    const supervised = supervise([plan("a", { mode: "deaf", limit_ms: 50 })]);
    await expect.poll(() => running("a"), patience).toBe(1);
    await supervised.stop();
    expect(events.at(-1)).toEqual({ kind: "killed", id: "a" });
    expect(supervised.pids().size).toBe(0);
  });

  it("does not try again a process that refuses its configuration at its first start", async () => {
    const supervised = supervise([plan("a", { mode: "refuses" })]);
    await expect
      .poll(() => events.map(({ kind }) => kind), patience)
      .toEqual(["started", "refused"]);
    expect(supervised.pids().size).toBe(0);
  });

  it("starts nothing again once it stops, not even what waits for its next start", async () => {
    const clock = new ManualClock();
    let starts = 0;
    let end: (end: ChildEnd) => void = () => {};
    const start = (): Child => {
      starts += 1;
      const ended = new Promise<ChildEnd>((resolve) => {
        end = resolve;
      });
      return { pid: starts, ended, running: Promise.resolve({}), kill() {} };
    };
    const report = (event: SupervisorEvent): number => events.push(event);
    const supervised = new Supervisor({ plans: [plan("a")], start, clock, report });
    supervised.start();
    end({ code: 1, signal: null });
    await expect.poll(() => events.at(-1)?.kind).toBe("died");
    clock.advance(250);
    expect(starts).toBe(2);
    end({ code: 1, signal: null });
    await expect.poll(() => events.at(-1)?.kind).toBe("died");
    await supervised.stop();
    clock.advance(60_000);
    expect(starts).toBe(2);
  });
});

describe("restartDelay_ms", () => {
  it("doubles up to ten seconds, and begins anew after half a minute of health", () => {
    const delays: number[] = [];
    let failures = 0;
    for (let i = 0; i < 8; i++) {
      const next = restartDelay_ms({ failures, lived_ms: 100 });
      failures = next.failures;
      delays.push(next.delay_ms);
    }
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(restartDelay_ms({ failures, lived_ms: 30_000 })).toEqual({ delay_ms: 250, failures: 1 });
  });
});

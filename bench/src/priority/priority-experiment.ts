import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Findings, type Goal, quantile, reportRow } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { LinkShaper } from "@voltfog/runtime/node";
import { type RunningUnit, UnitSite } from "../ingest/unit-under-test.ts";
import { interleave } from "../measure/interleave.ts";
import { BenchChild } from "../processes/bench-child.ts";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { inside, LinkUnderTest, unitAddress, vehicleDevice } from "./link-under-test.ts";
import type { PriorityReply, PriorityRequest } from "./priority-messages.ts";

const goals: Readonly<Record<string, Goal>> = {
  "priority.alert_p99_ms": { sense: "at-most", goal: 10 },
  "priority.utilisation": { sense: "at-least", goal: 0.93 },
  "priority.ratio_to_fifo": { sense: "at-least", goal: 10 },
  "quarantine.in_force_ms": { sense: "at-most", goal: 1000, moonshot: 100 },
};

/** 10 Mbit/s. */
const rate_bytes = 1_250_000;
const loadShare = 0.95;
const alertRate_Hz = 50;
const vehicles = 20;
const urgentPort = 8884;
const mqttPort = 8883;
const backbonePort = 8093;
const connecting = { kind: "connect", host: unitAddress, port: mqttPort, urgentPort } as const;
const backboneUrl = `https://${unitAddress}:${backbonePort}`;
const warmUp_ms = 2000;
const cuts = 20;
/** How long what a frame and an alert take of the link, with all headers, is measured for. */
const calibration = { duration_ms: 3000, frameRate_Hz: 100, alertRate_Hz: 100 };
const seed = 1;

/** Queues of the link's sender. Both have one rate; only the order of what waits is different. */
type Queue = "fifo" | "priority";

type Child = BenchChild<PriorityRequest, PriorityReply>;

interface Run extends Sent {
  readonly alerts_ms: Float64Array;
  readonly telemetry_ms: Float64Array;
  readonly utilisation: number;
  readonly unacknowledged: number;
}

/** Whether alerts get through a full link, and how soon a quarantine holds. */
export const priorityExperiment: Experiment = {
  name: "priority",
  summary: "Alerts through a link of 10 Mbit/s at 95 % load, by class and first in first out",
  run: async (context) => {
    const link = LinkUnderTest.open();
    const module = new URL("./priority-process", import.meta.url);
    const child: Child = new BenchChild(module, { prefix: inside(link.vehicles) });
    try {
      return await measure({ context, link, child });
    } finally {
      await child.stop();
      link.close();
    }
  },
};

async function measure(o: {
  context: ExperimentContext;
  link: LinkUnderTest;
  child: Child;
}): Promise<Findings> {
  const { context, link, child } = o;
  const start_ms = context.clock.wall_ms() - 86_400_000;
  const authority = await CertificateAuthority.create({ name: "bench", now_ms: start_ms });
  const names = Array.from({ length: vehicles }, (_, i) => `vehicle-${i + 1}`);
  const { certificate, key } = authority;
  const { devices } = await child.ask(
    { kind: "prepare", vehicles: names, seed, start_ms, authority: { certificate, key } },
    "prepared",
  );
  const folder = join(context.folder, "site");
  const site = await UnitSite.create({ folder, devices, created_ms: start_ms, authority });
  const memory = mkdtempSync(
    join(existsSync("/dev/shm") ? "/dev/shm" : context.folder, "voltfog-"),
  );
  const forget = (): void => rmSync(memory, { recursive: true, force: true });
  process.once("exit", forget);
  const unit = await site.start({
    self: [...inside(link.unit), ...context.self],
    dataDir: join(memory, "unit", "data"),
    settings: { host: unitAddress, mqttPort, urgentPort, backbonePort },
  });
  try {
    return await withUnit({ ...o, unit });
  } finally {
    await unit.stop();
    forget();
    process.off("exit", forget);
  }
}

async function withUnit(o: {
  context: ExperimentContext;
  link: LinkUnderTest;
  child: Child;
  unit: RunningUnit;
}): Promise<Findings> {
  const { context, child } = o;
  const repeats = context.isQuick ? 3 : 5;
  const duration_ms = context.isQuick ? 6000 : 12_000;
  await child.ask({ kind: "functions-off", backboneUrl }, "done");
  const wire = await calibrate(o);
  const cases: readonly Queue[] = ["fifo", "priority"];
  let done = 0;
  const results = await interleave({
    cases,
    repeats,
    run: ({ case: queue, repeat }) => {
      const doing = `${queue}, repeat ${repeat + 1}`;
      context.progress({ done: done++, total: 2 * repeats + 1, doing });
      return runOnce({ ...o, queue, duration_ms, wire });
    },
  });
  context.progress({ done, total: done + 1, doing: "quarantine" });
  const cut_ms: number[] = [];
  for (let i = 0; i < cuts; i++) {
    await child.ask({ ...connecting, vehicles: 1 }, "connected");
    const asked = { kind: "quarantine", backboneUrl, version: 3 * i } as const;
    cut_ms.push((await child.ask(asked, "cut")).took_ms);
    await child.ask({ kind: "close" }, "closed");
  }
  const [fifo = [], priority = []] = cases.map((queue) => results.get(queue));
  return findingsOf({ fifo, priority, cut_ms, repeats, duration_ms });
}

/** Bytes on the link, with all headers and the acknowledgements of answers. */
interface Wire {
  readonly frame_bytes: number;
  readonly alert_bytes: number;
}

async function calibrate(o: { link: LinkUnderTest; child: Child }): Promise<Wire> {
  const { duration_ms, frameRate_Hz, alertRate_Hz: alerts_Hz } = calibration;
  const one = { ...o, queue: "fifo" as const, duration_ms };
  const frames = await offer({ ...one, frameRate_Hz, alerts_Hz: 0.001 });
  const alerts = await offer({ ...one, frameRate_Hz: 0.001, alerts_Hz });
  return {
    frame_bytes: frames.sent_bytes / Math.max(1, frames.sent.frames),
    alert_bytes: alerts.sent_bytes / Math.max(1, alerts.sent.alerts),
  };
}

async function runOnce(o: {
  link: LinkUnderTest;
  child: Child;
  queue: Queue;
  duration_ms: number;
  wire: Wire;
}): Promise<Run> {
  const { frame_bytes, alert_bytes } = o.wire;
  const frameRate_Hz = (loadShare * rate_bytes - alertRate_Hz * alert_bytes) / frame_bytes;
  const run = await offer({ ...o, frameRate_Hz, alerts_Hz: alertRate_Hz });
  const carried_bytes = (rate_bytes * run.duration_ms) / 1000;
  return { ...run, utilisation: run.sent_bytes / carried_bytes };
}

/** What went through all classes, and through the first. */
interface Sent {
  readonly sent_bytes: number;
  readonly first_bytes: number;
}

async function offer(o: {
  link: LinkUnderTest;
  child: Child;
  queue: Queue;
  duration_ms: number;
  frameRate_Hz: number;
  alerts_Hz: number;
}): Promise<Extract<PriorityReply, { kind: "loaded" }> & Sent> {
  const { link, child, queue, duration_ms, frameRate_Hz, alerts_Hz } = o;
  // A third more than are sent on average, as vehicles take turns by chance.
  const framesPerVehicle = Math.ceil((1.33 * frameRate_Hz * duration_ms) / 1000 / vehicles) + 5;
  await child.ask({ kind: "make", framesPerVehicle }, "made");
  await child.ask({ ...connecting, vehicles }, "connected");
  const ports = queue === "priority" ? [[urgentPort], [backbonePort], [mqttPort]] : [];
  const shaper = await LinkShaper.open(
    { device: vehicleDevice, rate_bytes, side: "vehicle", ports },
    { netns: link.vehicles },
  );
  try {
    const load = { kind: "load", frameRate_Hz, alertRate_Hz: alerts_Hz, duration_ms } as const;
    const loaded = await child.ask({ ...load, warmUp_ms }, "loaded");
    const classes = await shaper.sent_bytes();
    const bytesOf = (id: string): number => classes.get(id) ?? 0;
    return { ...loaded, sent_bytes: bytesOf("1:1"), first_bytes: bytesOf("1:10") };
  } finally {
    await shaper.close();
    await child.ask({ kind: "close" }, "closed");
  }
}

function findingsOf(o: {
  fifo: readonly Run[];
  priority: readonly Run[];
  cut_ms: readonly number[];
  repeats: number;
  duration_ms: number;
}): Findings {
  const { fifo, priority, cut_ms, repeats, duration_ms } = o;
  const p99 = ({ alerts_ms }: Run): number => quantile(alerts_ms, 0.99);
  const row = (metric: string, unit: string, values: readonly number[]) =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  const ratios = priority.map((run, i) => p99(fifo[i] ?? run) / p99(run));
  return {
    method: `Two network namespaces, a pair of virtual devices between them, and htb of 10 Mbit/s where the vehicles send; packets of 1,500 bytes at most. ${vehicles} vehicles in one process send frames of 64 samples over mutual TLS to a real roadside unit at random moments (Poisson), at 95 % of the link (what a frame and an alarm take of it, headers and acknowledgements included, is measured first), and ${alertRate_Hz} alarms a second over their second connections. No functions are assigned. The time of an alert is from its write to its acknowledgement, which comes when the unit has it in its log; the log is in memory here, so that the link is measured and not a disk. "fifo" is one queue; "priority" has a class for the unit's port of alarms, one for its backbone and one for telemetry, by \`tc\`. Both queues in turn, ${repeats} times ${duration_ms / 1000} s each, the first ${warmUp_ms / 1000} s not counted; one unit and one set of connections' keys for all. Utilisation is the kernel's count of bytes sent, over what the link carries in the time. Quarantine: from the controller's request, on a connection that is there, until a connected vehicle sees its connection closed, ${cuts} times without load.`,
    inputs: { rate_bytes, loadShare, alertRate_Hz, vehicles, repeats, duration_ms, seed, goals },
    rows: [
      row("priority.alert_p99_ms", "ms", priority.map(p99)),
      row("priority.fifo_p99_ms", "ms", fifo.map(p99)),
      row("priority.ratio_to_fifo", "×", ratios),
      row("priority.utilisation", "ratio", priority.map(({ utilisation }) => utilisation)), // biome-ignore format: one row each
      row("priority.fifo_utilisation", "ratio", fifo.map(({ utilisation }) => utilisation)), // biome-ignore format: one row each
      row("priority.unacknowledged", "frames", priority.map((run) => run.unacknowledged)), // biome-ignore format: one row each
      row("quarantine.in_force_ms", "ms", cut_ms),
    ],
    items: [...itemsOf("fifo", fifo), ...itemsOf("priority", priority), { quarantine_ms: cut_ms }],
  };
}

function itemsOf(queue: Queue, runs: readonly Run[]): Findings["items"] {
  return runs.map(({ alerts_ms, telemetry_ms, utilisation, unacknowledged, ...sent }) => ({
    ...{ queue, utilisation, unacknowledged, alerts: alerts_ms.length },
    ...{ sent_bytes: sent.sent_bytes, firstClass_bytes: sent.first_bytes },
    alertMedian_ms: quantile(alerts_ms, 0.5),
    alertP99_ms: quantile(alerts_ms, 0.99),
    telemetryMedian_ms: quantile(telemetry_ms, 0.5),
    telemetryP99_ms: quantile(telemetry_ms, 0.99),
  }));
}

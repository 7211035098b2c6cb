import { type RefusalCode, sampleCount } from "@voltfog/messages";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { FunctionStatus } from "../functions/function-host.ts";
import type { LogItem } from "../log/log-item.ts";

/** Counted where it happens. */
export interface UnitMeters {
  committed(group: readonly LogItem[]): void;
  wrote(commit: { frames: number; took_ms: number }): void;
  refused(code: RefusalCode): void;
  dropped(reason: string): void;
}

/** Read at the moment of the scrape. */
export interface UnitGauges {
  readonly connected: () => number;
  readonly logSize: () => number;
  readonly finalSize: () => number;
  readonly eventsPending: () => number;
  readonly eventsLost: () => number;
  readonly functions: () => readonly FunctionStatus[];
}

export function addMeters(registry: Registry): UnitMeters {
  const registers = [registry];
  const counter = <T extends string>(
    name: string,
    help: string,
    labelNames: T[] = [],
  ): Counter<T> => new Counter({ name, help, labelNames, registers });
  const frames = counter("voltfog_rsu_frames_total", "frames made durable, refused ones included");
  const samples = counter("voltfog_rsu_samples_total", "samples in frames that were accepted");
  const refusals = counter("voltfog_rsu_refusals_total", "frames refused, by code", ["code"]);
  const dropped = counter("voltfog_rsu_dropped_total", "connections dropped, by reason", [
    "reason",
  ]);
  const commit_s = new Histogram({
    name: "voltfog_rsu_commit_seconds",
    help: "time from handing a group to the log until it is durable",
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1],
    registers,
  });
  const groupFrames = new Histogram({
    name: "voltfog_rsu_group_frames",
    help: "frames that shared one group commit",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    registers,
  });
  return {
    committed(group) {
      frames.inc(group.length);
      samples.inc(
        group.reduce((sum, { payload }) => sum + (payload ? sampleCount(payload) : 0), 0),
      );
    },
    wrote(commit) {
      commit_s.observe(commit.took_ms / 1000);
      groupFrames.observe(commit.frames);
    },
    refused: (code) => refusals.inc({ code }),
    dropped: (reason) => dropped.inc({ reason }),
  };
}

export function addGauges(registry: Registry, read: UnitGauges): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    const collect = function (this: Gauge): void {
      this.set(value());
    };
    new Gauge({ name, help, registers: [registry], collect });
  };
  gauge("voltfog_rsu_connected_vehicles", "vehicles connected now", read.connected);
  gauge("voltfog_rsu_log_entries", "durable entries of the log", read.logSize);
  gauge("voltfog_rsu_final_lag_entries", "durable entries that are not final yet", () =>
    Math.max(0, read.logSize() - read.finalSize()),
  );
  gauge("voltfog_rsu_events_pending", "events that are not final yet", read.eventsPending);
  gauge("voltfog_rsu_events_lost", "events that the disk refused too long", read.eventsLost);
  addFunctionGauges(registry, read.functions);
}

function addFunctionGauges(registry: Registry, functions: UnitGauges["functions"]): void {
  const shown: readonly (readonly [string, (status: FunctionStatus) => number])[] = [
    ["running", ({ health }) => (health.state === "running" ? 1 : 0)],
    ["restarts", ({ health }) => health.restarts],
    ["samples_seen", ({ health }) => health.samplesSeen],
    ["samples_shed", ({ health }) => health.samplesShed],
    ["cpu_share", ({ health }) => health.cpu],
  ];
  for (const [what, value] of shown) {
    new Gauge({
      name: `voltfog_rsu_function_${what}`,
      help: `${what.replace("_", " ")} of a function`,
      labelNames: ["function"],
      registers: [registry],
      collect() {
        for (const status of functions()) this.set({ function: status.id }, value(status));
      },
    });
  }
}

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@voltfog/runtime";
import { freePort } from "@voltfog/runtime/node";

export interface RunningInflux {
  readonly url: string;
  readonly version: string;
  readonly dataFolder: string;
  stop(): Promise<void>;
}

const program = "/usr/bin/influxd";
const attempts = 600;

/** Whether this machine has InfluxDB, from the system's packages. */
export function influxIsHere(): boolean {
  return existsSync(program);
}

/** influxd with its own defaults, but for folders, addresses and reports to its makers. */
export async function startInflux(o: { folder: string; clock: Clock }): Promise<RunningInflux> {
  mkdirSync(o.folder, { recursive: true });
  const [http, rpc] = [await freePort(), await freePort()];
  const settings = Object.fromEntries([
    ["INFLUXDB_REPORTING_DISABLED", "true"],
    ["INFLUXDB_BIND_ADDRESS", `127.0.0.1:${rpc}`],
    ["INFLUXDB_META_DIR", join(o.folder, "meta")],
    ["INFLUXDB_DATA_DIR", join(o.folder, "data")],
    ["INFLUXDB_DATA_WAL_DIR", join(o.folder, "wal")],
    ["INFLUXDB_HTTP_BIND_ADDRESS", `127.0.0.1:${http}`],
    ["INFLUXDB_HTTP_LOG_ENABLED", "false"],
    ["INFLUXDB_MONITOR_STORE_ENABLED", "false"],
  ]);
  const child = spawn(program, ["-config", "/dev/null"], {
    stdio: "ignore",
    env: { ...process.env, ...settings },
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${http}`;
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${url}/ping`).catch(() => undefined);
    if (answer?.status === 204) break;
    if (attempt === attempts || child.exitCode !== null) throw new Error("influxd does not answer");
    await new Promise<void>((resolve) => o.clock.after(50, resolve));
  }
  return {
    url,
    version: versionOf(),
    dataFolder: o.folder,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function versionOf(): string {
  const { stdout } = spawnSync(program, ["version"], { encoding: "utf8" });
  return /v(\S+)/.exec(stdout ?? "")?.[1] ?? "unknown";
}

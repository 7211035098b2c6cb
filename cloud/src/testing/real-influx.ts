import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, systemClock } from "@voltfog/runtime/node";

const patience_ms = 30_000;

/** A real influxd on a free port of this machine, with its own folder, that can be killed and started again. */
export class RealInflux {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "cloud-influx-"));
  readonly #ports: { readonly http: number; readonly rpc: number };
  #child: ChildProcess | undefined;

  private constructor(ports: { http: number; rpc: number }) {
    this.#ports = ports;
  }

  static async start(): Promise<RealInflux> {
    const influx = new RealInflux({ http: await freePort(), rpc: await freePort() });
    await influx.start();
    return influx;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports.http}`;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const place = (name: string): string => join(this.#folder, name);
    this.#child = spawn("influxd", ["-config", "/dev/null"], {
      stdio: "ignore",
      env: {
        ...process.env,
        ...Object.fromEntries([
          ["INFLUXDB_REPORTING_DISABLED", "true"],
          ["INFLUXDB_BIND_ADDRESS", `127.0.0.1:${this.#ports.rpc}`],
          ["INFLUXDB_META_DIR", place("meta")],
          ["INFLUXDB_DATA_DIR", place("data")],
          ["INFLUXDB_DATA_WAL_DIR", place("wal")],
          ["INFLUXDB_HTTP_BIND_ADDRESS", `127.0.0.1:${this.#ports.http}`],
          ["INFLUXDB_HTTP_LOG_ENABLED", "false"],
          ["INFLUXDB_MONITOR_STORE_ENABLED", "false"],
        ]),
      },
    });
    const start_ms = systemClock.monotonic_ms();
    for (;;) {
      const answer = await fetch(`${this.url}/ping`).catch(() => undefined);
      if (answer?.status === 204) return;
      const waited_ms = systemClock.monotonic_ms() - start_ms;
      if (waited_ms > patience_ms) throw new Error("influxd does not answer");
      await new Promise<void>((resolve) => systemClock.after(20, resolve));
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort, systemClock } from "@voltfog/runtime/node";
import { type MariadbAddress, openMariadb } from "../mariadb-connection.ts";

const patience_ms = 60_000;

/** A real mariadbd on a free port of this machine, with its own folder, that can be killed and started again. */
export class RealMariadb {
  readonly #folder: string;
  #options: readonly string[];
  readonly address: MariadbAddress;
  #child: ChildProcess | undefined;

  private constructor(o: { folder: string; port: number; options: readonly string[] }) {
    this.#folder = o.folder;
    this.#options = o.options;
    const { port } = o;
    const login = { user: "root", password: "", database: "test", authority: undefined };
    this.address = { host: "127.0.0.1", port, ...login };
  }

  static async start(...options: readonly string[]): Promise<RealMariadb> {
    const folder = mkdtempSync(join(tmpdir(), "cloud-mariadb-"));
    execFileSync(
      "mariadb-install-db",
      [
        ...["--no-defaults", `--datadir=${join(folder, "data")}`, `--user=${userInfo().username}`],
        ...["--auth-root-authentication-method=normal", "--skip-name-resolve"],
        ...options,
      ],
      { stdio: "ignore" },
    );
    const server = new RealMariadb({ folder, port: await freePort(), options });
    await server.start();
    return server;
  }

  /** Resolves when it answers; with other options from now on where some are given. */
  async start(...options: readonly string[]): Promise<void> {
    if (options.length > 0) this.#options = options;
    const place = (name: string): string => join(this.#folder, name);
    this.#child = spawn(
      "/usr/sbin/mariadbd",
      [
        ...["--no-defaults", `--datadir=${place("data")}`, `--socket=${place("socket")}`],
        ...[`--port=${this.address.port}`, "--bind-address=127.0.0.1", "--skip-name-resolve"],
        ...[`--user=${userInfo().username}`, `--pid-file=${place("pid")}`],
        ...["--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"],
        ...this.#options,
      ],
      { stdio: "ignore" },
    );
    const start_ms = systemClock.monotonic_ms();
    for (;;) {
      const connection = await openMariadb(this.address).catch(() => undefined);
      if (connection !== undefined) {
        connection.close();
        return;
      }
      const waited_ms = systemClock.monotonic_ms() - start_ms;
      if (waited_ms > patience_ms) throw new Error("mariadbd does not answer");
      await new Promise<void>((resolve) => systemClock.after(50, resolve));
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

import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import { type Finished, type RunningSite, voltfogMain } from "./running-site.ts";

/** The market's commands, run against a site with one wallet and one passphrase. */
export class MarketCommands {
  readonly #site: RunningSite;
  readonly #folder: string;

  /** The folder holds the wallet, and the passphrase in its file pass. */
  constructor(site: RunningSite, folder: string) {
    this.#site = site;
    this.#folder = folder;
  }

  /** Runs one subcommand of trade, authority or operator to its end. */
  run(...args: readonly string[]): Promise<Finished> {
    const [command = "", name = "", ...rest] = args;
    const flags = [...rest, ...(command === "trade" ? this.wallet : [])];
    const who = ["--data", this.#site.dataDir, "--passphrase-file", join(this.#folder, "pass")];
    const child = spawn(process.execPath, [voltfogMain, command, name, ...flags, ...who], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    return new Promise((resolve) =>
      child.once("close", (code) => resolve({ code, stdout, stderr })),
    );
  }

  get wallet(): readonly string[] {
    return ["--wallet", join(this.#folder, "wallet")];
  }

  /** What a subcommand answers as JSON; it must be done. */
  async done<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run(...args, "--json");
    expect([args.join(" "), code, code === 0 ? "" : stdout, stderr]).toEqual([
      ...[args.join(" "), 0, "", ""],
    ]);
    return JSON.parse(stdout) as T;
  }

  readonly trade = <T>(...args: readonly string[]): Promise<T> => this.done("trade", ...args);

  readonly authority = <T>(...args: readonly string[]): Promise<T> =>
    this.done("authority", ...args);

  /** The code with which the chain refuses a request; "OK" where it was done. */
  async codeOf(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args, "--json");
    expect([args.join(" "), code === 0 || code === 1, stderr]).toEqual([args.join(" "), true, ""]);
    return (JSON.parse(stdout) as { code: string }).code;
  }

  /** The code with which the command refuses a request before any block has it. */
  async complaintOf(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    expect([args.join(" "), code, stdout]).toEqual([args.join(" "), 2, ""]);
    return /^voltfog: ([A-Z_]+): /.exec(stderr)?.[1] ?? stderr;
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ValidatorSite } from "../../fog-rsu/src/validator/testing/validator-site.ts";
import type { ValidatorConfig } from "../../fog-rsu/src/validator/validator-config.ts";
import { eventually, voltfog, voltfogMain } from "./running-site.ts";

/** One validator as another sees it. */
export interface SeenValidator {
  readonly id: string;
  readonly state: "agile" | "blunt" | "unknown";
  readonly cause: string | null;
  readonly participation: number | null;
  readonly clockOffset_ms: number | null;
  readonly bandwidth_bytes_per_s: number | null;
}

/** The validators of a site as processes. */
export class ValidatorSiteRun {
  readonly #site: ValidatorSite;
  readonly #processes = new Map<number, ChildProcess>();

  constructor(site: ValidatorSite) {
    this.#site = site;
  }

  /** Settings take the place of the site's own. */
  start(
    i: number,
    options: { settings?: Partial<ValidatorConfig>; environment?: object } = {},
  ): void {
    const path = join(this.#site.folder, `validator-${i + 1}.json`);
    writeFileSync(path, JSON.stringify({ ...this.#site.validators[i], ...options.settings }));
    const child = spawn(process.execPath, [voltfogMain, "validator", "--config", path], {
      stdio: "ignore",
      env: { ...process.env, ...options.environment },
    });
    this.#processes.set(i, child);
  }

  signal(i: number, signal: "SIGSTOP" | "SIGCONT"): void {
    this.#processes.get(i)?.kill(signal);
  }

  /** Kills one and waits until it is gone. */
  async kill(i: number): Promise<void> {
    const child = this.#processes.get(i);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
  }

  async stopAll(): Promise<void> {
    for (const i of this.#processes.keys()) await this.kill(i);
  }

  url(i: number): string {
    return `http://127.0.0.1:${this.#site.validators[i]?.httpPort}`;
  }

  /** Sends a transaction; its hash, undefined where it was not taken. */
  async send(i: number): Promise<string | undefined> {
    const body = this.#site.nextTransaction() as Uint8Array<ArrayBuffer>;
    const headers = { "content-type": "application/octet-stream" };
    const sent = fetch(`${this.url(i)}/v1/transactions`, { method: "POST", headers, body });
    const answer = await sent.catch(() => undefined);
    return answer?.status === 202 ? ((await answer.json()) as { hash: string }).hash : undefined;
  }

  /** The list as `voltfog validator list --json` prints it, asked of one validator. */
  async list(i: number): Promise<readonly SeenValidator[]> {
    const { code, stdout } = await voltfog("validator", "list", "--url", this.url(i), "--json");
    if (code === 2) return [];
    return (JSON.parse(stdout) as { validators: readonly SeenValidator[] }).validators;
  }

  /** Waits until this validator says that of each of them. */
  async says(i: number, expected: readonly string[]): Promise<readonly SeenValidator[]> {
    let said: readonly SeenValidator[] = [];
    return eventually(`validator ${i + 1} to say ${expected.join(", ")}`, async () => {
      const answer = await fetch(`${this.url(i)}/v1/status`).catch(() => undefined);
      if (answer?.ok !== true) return undefined;
      said = ((await answer.json()) as { validators: readonly SeenValidator[] }).validators;
      const words = said.map(({ state, cause }) => (cause === null ? state : `${state} ${cause}`));
      return words.join() === expected.join() ? said : undefined;
    });
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countSamples, type SampleCount } from "../../cli/src/report/count-samples.ts";
import { readJournals } from "../../cli/src/report/read-journals.ts";
import { createSite } from "../../cli/src/site/create-site.ts";
import { freeBasePort } from "../../cli/src/site/free-base-port.ts";
import { certifySite } from "../../cli/src/site/site-certificates.ts";
import { type SitePaths, sitePaths } from "../../cli/src/site/site-folder.ts";
import { portsAbove } from "../../cli/src/site/site-ports.ts";
import { type SiteProcess, writeSiteProcesses } from "../../cli/src/site/site-processes.ts";
import { systemClock, systemRandom } from "../../packages/runtime/src/node/index.ts";
import { eventually, voltfogMain } from "../system/running-site.ts";
import { readLogged } from "./logged-entries.ts";

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * The keys and configurations of a whole site, whose processes a test starts and ends one by one: only
 * those that it needs, each under the conditions that it sets. Vehicles are simulated ten times a second
 * and know their unit without a controller.
 */
export class HandRunSite {
  readonly paths: SitePaths;
  readonly #processes: readonly SiteProcess[];
  readonly #running = new Map<string, { child: ChildProcess; ended: Promise<Ended> }>();

  private constructor(paths: SitePaths, processes: readonly SiteProcess[]) {
    this.paths = paths;
    this.#processes = processes;
  }

  static async make(size: { units: number; vehicles: number }): Promise<HandRunSite> {
    const paths = sitePaths(mkdtempSync(join(tmpdir(), "voltfog-faults-")));
    const site = createSite({ paths, size, clock: systemClock, random: systemRandom });
    await certifySite({ paths, site, clock: systemClock });
    const processes = writeSiteProcesses({
      paths,
      site,
      ports: portsAbove(await freeBasePort(), size.units),
      choices: {
        rate_Hz: 10,
        frameAge_ms: 500,
        seed: 1,
        replayFiles: [],
        webRoot: paths.root,
        logLevel: "info",
      },
    });
    const made = new HandRunSite(paths, processes);
    made.configure("fleet", { source: "simulator", controllerUrl: "" });
    return made;
  }

  process(id: string): SiteProcess {
    const found = this.#processes.find((process) => process.id === id);
    if (found === undefined) throw new Error(`the site has no ${id}`);
    return found;
  }

  /** Changes settings of a process for its next start. */
  configure(id: string, settings: Readonly<Record<string, unknown>>): void {
    const { configFile } = this.process(id);
    const before = JSON.parse(readFileSync(configFile, "utf8")) as object;
    writeFileSync(configFile, JSON.stringify({ ...before, ...settings }));
  }

  /** Where a process keeps its data. */
  folderOf(id: string): string {
    const { configFile } = this.process(id);
    const { dataDir } = JSON.parse(readFileSync(configFile, "utf8")) as { dataDir: string };
    return dataDir;
  }

  /** Starts a process and gives its pid; it need not be ready yet. */
  start(id: string, environment: Readonly<Record<string, string>> = {}): number {
    const { role, configFile } = this.process(id);
    const log = openSync(this.#logFile(id), "a");
    const child = spawn(process.execPath, [voltfogMain, role, "--config", configFile], {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...environment },
    });
    closeSync(log);
    const ended = new Promise<Ended>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    this.#running.set(id, { child, ended });
    return child.pid ?? 0;
  }

  /** Starts processes and waits until each says that it is ready. */
  async startReady(...ids: readonly string[]): Promise<void> {
    for (const id of ids) this.start(id);
    for (const id of ids) await this.ready(id);
  }

  async ready(id: string): Promise<void> {
    await eventually(`${id} to be ready`, async () => {
      if (this.hasEnded(id)) throw new Error(`${id} ended: ${this.log(id).slice(-2000)}`);
      return (await this.#get(id, "/ready"))?.ok || undefined;
    });
  }

  hasEnded(id: string): boolean {
    const { exitCode = 0, signalCode = null } = this.#running.get(id)?.child ?? {};
    return exitCode !== null || signalCode !== null;
  }

  signal(id: string, signal: NodeJS.Signals): void {
    this.#running.get(id)?.child.kill(signal);
  }

  /** Sends the signal and waits for the end. */
  async end(id: string, signal: NodeJS.Signals): Promise<Ended> {
    this.signal(id, signal);
    return this.ended(id);
  }

  /** How the process ended, once it has. */
  async ended(id: string): Promise<Ended> {
    return (await this.#running.get(id)?.ended) ?? { code: null, signal: null };
  }

  /** The JSON that a process answers with; undefined when it does not within two seconds. */
  async ask<T>(id: string, path: string): Promise<T | undefined> {
    const answer = await this.#get(id, path);
    return answer?.ok === true ? ((await answer.json()) as T) : undefined;
  }

  /** All that a process has said since it was first started. */
  log(id: string): string {
    const path = this.#logFile(id);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** What stopped processes left on disk: the vehicles' journals against the units' logs. */
  async count(): Promise<SampleCount> {
    const units = this.#processes.filter(({ role }) => role === "rsu");
    const logged = await Promise.all(units.map(({ id }) => readLogged(this.folderOf(id))));
    return countSamples({
      journals: await readJournals(this.folderOf("fleet")),
      logged: logged.flat().map(({ counted }) => counted),
    });
  }

  /** Kills what still runs and removes the folder. */
  async remove(): Promise<void> {
    for (const id of this.#running.keys()) await this.end(id, "SIGKILL");
    rmSync(this.paths.root, { recursive: true, force: true });
  }

  #logFile(id: string): string {
    return join(this.paths.config, `${id}.log`);
  }

  #get(id: string, path: string): Promise<Response | undefined> {
    const url = `http://127.0.0.1:${this.process(id).ports.http}${path}`;
    return fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  }
}

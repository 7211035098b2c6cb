import { join } from "node:path";
import { systemClock } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import type { SitePaths } from "../site/site-folder.ts";
import type { SiteProcess } from "../site/site-processes.ts";
import { startChild } from "../supervisor/child-process.ts";
import { capLog, lastLine } from "../supervisor/log-cap.ts";
import { identityOf } from "../supervisor/process-identity.ts";
import { type SupervisedPlan, Supervisor, type SupervisorEvent } from "../supervisor/supervisor.ts";
import { removeUpFile, writeUpFile } from "../supervisor/up-file.ts";

/**
 * The edge first, so that it can still deliver; then the controller, which must not take units that stop for
 * dead ones and move their vehicles; then units, validators and cloud.
 */
const stopTurns = { edge: 0, controller: 1, rsu: 2, validator: 3, cloud: 4 } as const;
/** The edge drains its outbox for at most 25 s by itself. */
const edgeStopLimit_ms = 30_000;
const stopLimit_ms = 10_000;
const logTurn_ms = 5000;
/**
 * A vehicle's computer has little memory. The agent makes some 5 MB of garbage a second, and V8 lets its
 * young generation grow to 16 MB twice for that; with 2 MB it takes some 25 MB less and a few percent more time.
 */
const engineFlags: Partial<Record<SiteProcess["role"], readonly string[]>> = {
  edge: ["--max-semi-space-size=2"],
};

/** A site's processes under their supervisor, with up.json kept true. */
export class SiteRun {
  readonly supervisor: Supervisor;
  readonly processes: readonly SiteProcess[];
  /** Resolves with the reason when the site cannot run at all. */
  readonly refused: Promise<string>;
  readonly #context: CommandContext;
  readonly #paths: SitePaths;
  readonly #started_ms: number;
  readonly #logFiles: ReadonlyMap<string, string>;
  readonly #observe: (event: SupervisorEvent) => void;
  #refuse: (reason: string) => void = () => {};
  #cancelLogTurn: () => void = () => {};
  #isQuiet = false;

  constructor(options: {
    context: CommandContext;
    paths: SitePaths;
    processes: readonly SiteProcess[];
    /** Sees every event of the supervisor too. */
    observe?: (event: SupervisorEvent) => void;
  }) {
    this.#context = options.context;
    this.#observe = options.observe ?? (() => {});
    this.#paths = options.paths;
    this.processes = options.processes;
    this.#started_ms = systemClock.wall_ms();
    this.#logFiles = new Map(
      options.processes.map(({ id }) => [id, join(options.paths.logs, `${id}.log`)]),
    );
    this.refused = new Promise((resolve) => {
      this.#refuse = resolve;
    });
    this.supervisor = new Supervisor({
      plans: options.processes.map((process) => this.#plan(process)),
      start: startChild,
      clock: systemClock,
      report: (event) => this.#onEvent(event),
    });
    this.#capLogs();
  }

  #plan(process: SiteProcess): SupervisedPlan {
    return {
      id: process.id,
      command: [...this.#node(process.role), process.role, "--config", process.configFile],
      logFile: this.#logFiles.get(process.id) ?? "",
      stopTurn: stopTurns[process.role],
      stopLimit_ms: process.role === "edge" ? edgeStopLimit_ms : stopLimit_ms,
    };
  }

  /** Node with this command line, as the role needs it. */
  #node(role: SiteProcess["role"]): readonly string[] {
    const [node = "", ...rest] = this.#context.self;
    return [node, ...(engineFlags[role] ?? []), ...rest];
  }

  get web(): string {
    const cloud = this.processes.find(({ role }) => role === "cloud");
    return `http://127.0.0.1:${cloud?.ports.http}`;
  }

  idsOf(roles: readonly SiteProcess["role"][]): readonly string[] {
    return this.processes.filter(({ role }) => roles.includes(role)).map(({ id }) => id);
  }

  /** Stops everything in order and takes up.json away. */
  async stop(): Promise<void> {
    this.#isQuiet = true;
    await this.supervisor.stop();
    this.close();
  }

  close(): void {
    this.#cancelLogTurn();
    removeUpFile(this.#paths.up);
  }

  #onEvent(event: SupervisorEvent): void {
    const { terminal } = this.#context;
    this.#observe(event);
    switch (event.kind) {
      case "started":
      case "away":
        this.#writeUp();
        break;
      case "running":
        if (event.starts > 1) terminal.note(`${event.id} runs again`);
        break;
      case "died":
        this.#writeUp();
        terminal.note(
          `${event.id} died (${endText(event.end)}); starting it again in ${(event.restart_ms / 1000).toFixed(1)} s, log: ${this.#logFiles.get(event.id)}`,
        );
        break;
      case "refused":
        this.#refuse(`${event.id} did not start: ${this.#lastWords(event.id)}`);
        break;
      case "killed":
        terminal.note(`${event.id} did not stop in time and was killed`);
        break;
    }
  }

  #lastWords(id: string): string {
    return lastLine(this.#logFiles.get(id) ?? "").replace(/^voltfog: /, "");
  }

  #writeUp(): void {
    if (this.#isQuiet) return;
    const pids = this.supervisor?.pids() ?? new Map<string, number>();
    writeUpFile(this.#paths.up, {
      version: 1,
      supervisor: process.pid,
      started_ms: this.#started_ms,
      web: this.web,
      genesis: this.#paths.genesis,
      processes: this.processes.map(({ role, id, ports, dataDir }) => {
        return { role, id, pid: pids.get(id) ?? null, ports, dataDir };
      }),
      identities: [...pids.values()].map(identityOf),
    });
  }

  #capLogs(): void {
    for (const path of this.#logFiles.values()) capLog(path);
    this.#cancelLogTurn = systemClock.after(logTurn_ms, () => this.#capLogs());
  }
}

function endText(end: { code: number | null; signal: string | null }): string {
  return end.signal === null ? `exit code ${end.code}` : end.signal;
}

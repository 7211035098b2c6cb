import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "../../cli/src/report/write-report.ts";
import { freeBasePort } from "../../cli/src/site/free-base-port.ts";
import { eventually, type RunningSite, startSite } from "../system/running-site.ts";

/** Far longer than any test: each ends its run itself. */
const longest = "1h";

/** A whole site under its supervisor whose end is counted from the disk. */
export interface CountedSite extends RunningSite {
  /** Ends the run in an orderly way and gives what `voltfog up --report` counted. */
  count(): Promise<RunReport>;
  /** Address of a process's HTTP side. */
  url(id: string, path: string): string;
  /** The JSON that a process answers with; undefined when it does not within two seconds. */
  ask<T>(id: string, path: string): Promise<T | undefined>;
  /** Sends a signal to the process that does this job now, once there is one, and gives its pid. */
  signal(id: string, signal: NodeJS.Signals): Promise<number>;
  /** Waits until every process says that it is ready. */
  untilReady(): Promise<void>;
}

/** Whether the process was there to get it; the supervisor learns a moment later of one that has ended. */
function isSignalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw thrown;
  }
}

/** Resolves when every process of the site is ready. */
export async function startCountedSite(...args: readonly string[]): Promise<CountedSite> {
  const folder = mkdtempSync(join(tmpdir(), "voltfog-count-"));
  const report = join(folder, "report.json");
  const port = `${await freeBasePort()}`;
  const site = await startSite("--port", port, "--for", longest, "--report", report, ...args);
  const url = (id: string, path: string): string => {
    const { ports } = site.processes.find((process) => process.id === id) ?? {};
    return `http://127.0.0.1:${ports?.["http"]}${path}`;
  };
  const get = (id: string, path: string): Promise<Response | undefined> =>
    fetch(url(id, path), { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  const untilReady = async (): Promise<void> => {
    for (const { id } of site.processes) {
      await eventually(`${id} to be ready`, async () => {
        const answer = await get(id, "/ready");
        return answer?.ok === true ? true : undefined;
      });
    }
  };
  // The fleet starts last, once all others are ready; a fault before that would keep it from starting.
  await untilReady();
  return {
    ...site,
    url,
    async ask<T>(id: string, path: string) {
      const answer = await get(id, path);
      return answer?.ok === true ? ((await answer.json()) as T) : undefined;
    },
    async signal(id, signal) {
      return await eventually(`${id} to be started`, () => {
        const pid = site.pidOf(id);
        return pid !== undefined && isSignalled(pid, signal) ? pid : undefined;
      });
    },
    untilReady,
    async count() {
      const finished = await site.finish();
      if (finished.code !== 0) throw new Error(finished.stderr + finished.stdout);
      return JSON.parse(readFileSync(report, "utf8")) as RunReport;
    },
    remove() {
      site.remove();
      rmSync(folder, { recursive: true, force: true });
    },
    async stop() {
      const finished = await site.stop();
      rmSync(folder, { recursive: true, force: true });
      return finished;
    },
  };
}

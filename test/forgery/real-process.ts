import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { voltfogMain } from "../system/running-site.ts";

/** What a process uses right after a full collection of garbage. */
export interface Memory {
  readonly rss_bytes: number;
  /** Of the heap and of buffers beside it. */
  readonly used_bytes: number;
}

/** One process of the built command. It ends with this process, however that ends. */
export interface RealProcess {
  memory(): Promise<Memory>;
  /** Its exit code after SIGTERM. */
  stop(): Promise<number | null>;
  /** Undefined while it runs. */
  readonly exitCode: number | null | undefined;
}

const probe = pathToFileURL("test/forgery/memory-probe.mjs").href;

/** Starts `voltfog <role> --config <configFile>` and resolves once it serves. */
export async function startProcess(options: {
  role: string;
  configFile: string;
  logFile: string;
  flags?: readonly string[];
}): Promise<RealProcess> {
  const log = openSync(options.logFile, "a");
  const args = ["--expose-gc", "--import", probe, voltfogMain, options.role];
  args.push("--config", options.configFile, ...(options.flags ?? []));
  const child = spawn(process.execPath, args, { stdio: ["ignore", log, log, "ipc"] });
  closeSync(log);
  let exitCode: number | null | undefined;
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      exitCode = code;
      resolve(code);
    });
  });
  const failed = ended.then((code) => {
    throw new Error(
      `${options.role} ended with ${code}: ${readFileSync(options.logFile, "utf8").slice(-2000)}`,
    );
  });
  await Promise.race([told(child, "running"), failed]);
  failed.catch(() => {}); // From here on its end is seen by exitCode.
  return {
    async memory() {
      const answer = told(child, "memory");
      child.send("memory?");
      return (await answer) as Memory;
    },
    async stop() {
      child.kill("SIGTERM");
      return ended;
    },
    get exitCode() {
      return exitCode;
    },
  };
}

/** The next message of this kind. */
function told(child: ChildProcess, kind: string): Promise<unknown> {
  return new Promise((resolve) => {
    const listen = (message: unknown): void => {
      if ((message as { kind?: unknown }).kind !== kind) return;
      child.off("message", listen);
      resolve(message);
    };
    child.on("message", listen);
  });
}

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { messageOf } from "@voltfog/runtime";
import type { FromWorker, TaskAnswer, ToWorker, WorkerStart } from "./worker-messages.ts";

/** One thread that runs one function, until it ends by itself or is stopped. */
export interface FunctionThread {
  post(message: ToWorker): void;
  /** Ends the thread, also out of an endless loop. `ended` is not called any more. */
  stop(): Promise<void>;
}

export interface ThreadOptions {
  readonly start: WorkerStart;
  readonly memory_MB: number;
  readonly ready: () => void;
  readonly answered: (answer: TaskAnswer) => void;
  /** The thread ended although nobody stopped it: a throw, no memory, or an exit of its own. */
  readonly ended: (reason: string) => void;
}

export type ThreadFactory = (options: ThreadOptions) => FunctionThread;

/** Threads run from the sources in development and from the build's JavaScript otherwise. */
const fromSource = import.meta.url.endsWith(".ts");
const entry = new URL(`./function-worker.${fromSource ? "ts" : "js"}`, import.meta.url);

/** URL of a function's module beside this file. */
export function libraryModule(name: string): string {
  return new URL(`./library/${name}.${fromSource ? "ts" : "js"}`, import.meta.url).href;
}

/** Starts a worker thread of node:worker_threads. */
export const startWorkerThread: ThreadFactory = (options) => {
  let over = false;
  const end = (reason: string): void => {
    if (over) return;
    over = true;
    options.ended(reason);
  };
  const worker = newWorker({
    workerData: options.start,
    // What a function has no use for it does not get.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: options.memory_MB },
  });
  worker.on("message", (message: unknown) => {
    if (over) return;
    if (!isFromWorker(message)) end("a message that is none of a function");
    else if (message.kind === "ready") options.ready();
    else options.answered(message);
  });
  worker.on("error", (thrown) => end(messageOf(thrown)));
  worker.on("exit", (code) => end(`exit with code ${code}`));
  return {
    post: (message) => worker.postMessage(message),
    async stop() {
      over = true;
      await worker.terminate();
    },
  };
};

function newWorker(options: WorkerOptions): Worker {
  if (!fromSource) return new Worker(entry, options);
  // A thread does not inherit the loader that lets its process run TypeScript, so it registers its own.
  const loader = join(
    dirname(createRequire(entry).resolve("tsx/package.json")),
    "dist/esm/api/index.mjs",
  );
  const start = `import(${JSON.stringify(pathToFileURL(loader).href)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(entry.href)});
  })`;
  return new Worker(start, { ...options, eval: true, execArgv: ["--conditions=source"] });
}

/** A function's code can post what it likes; only the form that the host relies on gets through. */
function isFromWorker(message: unknown): message is FromWorker {
  if (typeof message !== "object" || message === null) return false;
  const { kind, number, findings, busy, buffers_bytes, saved, refusals } = message as Partial<
    Record<keyof TaskAnswer | "kind", unknown>
  >;
  if (kind === "ready") return true;
  if (kind !== "answer" || typeof number !== "number" || !Array.isArray(findings)) return false;
  if (typeof busy !== "number" || !(saved === undefined || Array.isArray(saved))) return false;
  if (!(buffers_bytes === undefined || typeof buffers_bytes === "number")) return false;
  return refusals === undefined || (typeof refusals === "object" && refusals !== null);
}

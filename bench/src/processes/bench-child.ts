import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What a child answers when a request failed. */
export interface Failure {
  readonly kind: "failed";
  readonly reason: string;
}

/** Processes run from the sources in development and from the build's JavaScript otherwise. */
const fromSource = import.meta.url.endsWith(".ts");

function loaderFlags(): string[] {
  if (!fromSource) return [];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  return ["--conditions=source", "--import", loader];
}

/**
 * A process of the bench's own that answers requests one at a time. It ends when this process does.
 */
export class BenchChild<Request extends object, Reply extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  #ended: string | undefined;

  /**
   * `module` is the URL of the process's file without its extension; `prefix` a command that runs the
   * words behind it in its own place, such as `ip netns exec`.
   */
  constructor(module: URL, { prefix = [] }: { prefix?: readonly string[] } = {}) {
    const [execPath = process.execPath, ...words] = [...prefix, process.execPath];
    this.#child = fork(fileURLToPath(module) + (fromSource ? ".ts" : ".js"), {
      execPath,
      execArgv: [...words, ...loaderFlags()],
      serialization: "advanced", // Float64Array stays one.
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.once("exit", (code, signal) => {
      this.#ended = `a process of the bench ended with ${signal ?? `code ${code}`}`;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves with the reply of the kind that was asked for; rejects on failure or when the process ends. */
  ask<K extends Reply["kind"]>(request: Request, kind: K): Promise<Extract<Reply, { kind: K }>> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(new Error(this.#ended));
      const onExit = (): void => reject(new Error(this.#ended));
      this.#child.once("exit", onExit);
      this.#child.once("message", (message) => {
        this.#child.off("exit", onExit);
        const reply = message as Reply | Failure;
        if (reply.kind === kind) resolve(reply as Extract<Reply, { kind: K }>);
        else reject(new Error((reply as Failure).reason));
      });
      this.#child.send(request);
    });
  }

  /** Ends the process and waits for its end. */
  async stop(): Promise<void> {
    if (this.#ended !== undefined) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.disconnect();
    await ended;
  }
}

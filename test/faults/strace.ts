import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** All by which Node reads and writes files and sockets. */
const calls = "read,readv,pread64,write,writev,pwrite64,pwritev,sendto,sendmsg,fdatasync,fsync";
/** No write of a test is longer; what is cut off would go unseen. */
const stringMax_bytes = 4_000_000;

/** The system calls of a running process and all its threads, in the order in which the kernel saw them. */
export interface Strace {
  /** Lets go of the process and gives strace's lines. */
  finish(): Promise<readonly string[]>;
}

/** Debian's package `strace`. Resolves when every thread of the process is watched. */
export async function straceOf(pid: number): Promise<Strace> {
  const folder = mkdtempSync(join(tmpdir(), "voltfog-strace-"));
  const file = join(folder, "trace");
  const child = spawn(
    "strace",
    ["-f", "-yy", "-xx", "-s", `${stringMax_bytes}`, "-e", `trace=${calls}`].concat([
      "-e",
      "signal=none",
      "-o",
      file,
      "-p",
      `${pid}`,
    ]),
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/attached with \d+ threads/.test(said)) resolve();
    });
    child.once("error", reject);
    void ended.then(() => reject(new Error(`strace ended: ${said}`)));
  });
  return {
    async finish() {
      child.kill("SIGINT");
      await ended;
      const lines = readFileSync(file, "latin1").split("\n");
      rmSync(folder, { recursive: true });
      return lines;
    },
  };
}

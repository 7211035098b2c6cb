// Loaded into the process under test with --import and --expose-gc: it tells its parent how much memory
// is in use after a full collection, each time it is asked over the channel between them.
import { isMainThread } from "node:worker_threads";

const ask = "memory?";

if (isMainThread && process.send !== undefined) {
  process.on("message", (message) => {
    if (message !== ask) return;
    // Twice: what a finaliser of the first collection lets go of is counted as gone.
    globalThis.gc();
    globalThis.gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send({ kind: "memory", rss_bytes: rss, used_bytes: heapUsed + external });
  });
}

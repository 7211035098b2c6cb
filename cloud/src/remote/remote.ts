import type { Clock } from "@voltfog/runtime";
import { createHttpClient, type TlsIdentity } from "@voltfog/runtime/node";

export interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Another process's HTTP side. */
export interface Remote {
  readonly url: string;
  /**
   * GET. Throws UNREACHABLE where nobody answers in time, REPLY_TOO_LARGE where the answer is above
   * the limit; any status that comes back is the caller's to judge.
   */
  get(path: string, options: GetOptions): Promise<Reply>;
  /** Closes connections that wait for the next question. */
  close(): void;
}

export interface GetOptions {
  readonly signal: AbortSignal;
  readonly timeout_ms: number;
  readonly bodyMax_bytes: number;
}

/** The process of that id over HTTPS; both ends show certificates of the site's authority. */
export function createRemote(options: {
  url: string;
  peerId: string;
  identity: TlsIdentity;
  clock: Clock;
}): Remote {
  const client = createHttpClient(options);
  return {
    url: client.url,
    async get(path, get) {
      const stop = new AbortController();
      const abort = (): void => stop.abort();
      const cancel = options.clock.after(get.timeout_ms, abort);
      get.signal.addEventListener("abort", abort);
      try {
        if (get.signal.aborted) abort();
        return await client.call({ path, signal: stop.signal, bodyMax_bytes: get.bodyMax_bytes });
      } finally {
        cancel();
        get.signal.removeEventListener("abort", abort);
      }
    },
    close: () => client.close(),
  };
}

import type { Clock } from "@voltfog/runtime";
import { createHttpClient, type HttpCall, type TlsIdentity } from "@voltfog/runtime/node";

export interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
  /** As the other process asked who comes too early. */
  readonly retryAfter_s?: number | undefined;
}

/** Another process's HTTP side. */
export interface Remote {
  readonly url: string;
  /**
   * GET. Throws UNREACHABLE where nobody answers in time, REPLY_TOO_LARGE where the answer is above
   * the limit; any status that comes back is the caller's to judge.
   */
  get(path: string, options: GetOptions): Promise<Reply>;
  /** POST of JSON, otherwise as get; never sent twice. */
  post(path: string, json: string, options: GetOptions): Promise<Reply>;
  /** POST of bytes (application/octet-stream), otherwise as post. */
  send(path: string, bytes: Uint8Array, options: GetOptions): Promise<Reply>;
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
  const call = async (
    asked: Omit<HttpCall, "signal" | "bodyMax_bytes">,
    { signal, timeout_ms, bodyMax_bytes }: GetOptions,
  ): Promise<Reply> => {
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const cancel = options.clock.after(timeout_ms, abort);
    signal.addEventListener("abort", abort);
    try {
      if (signal.aborted) abort();
      return await client.call({ ...asked, signal: stop.signal, bodyMax_bytes });
    } finally {
      cancel();
      signal.removeEventListener("abort", abort);
    }
  };
  return {
    url: client.url,
    get: (path, get) => call({ path }, get),
    post: (path, json, get) =>
      call({ path, method: "POST", body: { type: "application/json", bytes: json } }, get),
    send: (path, bytes, get) =>
      call({ path, method: "POST", body: { type: "application/octet-stream", bytes } }, get),
    close: () => client.close(),
  };
}

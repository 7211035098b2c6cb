import { type Clock, CodedError, messageOf } from "@voltfog/runtime";

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
}

export interface GetOptions {
  readonly signal: AbortSignal;
  readonly timeout_ms: number;
  readonly bodyMax_bytes: number;
}

export function createRemote(options: { url: string; clock: Clock }): Remote {
  const base = options.url.replace(/\/+$/, "");
  return {
    url: base,
    async get(path, get) {
      const stop = new AbortController();
      const abort = (): void => stop.abort();
      const cancel = options.clock.after(get.timeout_ms, abort);
      get.signal.addEventListener("abort", abort);
      try {
        if (get.signal.aborted) abort();
        const response = await fetch(base + path, { signal: stop.signal, redirect: "error" });
        const body = await readBody(response, get.bodyMax_bytes);
        return { status: response.status, body };
      } catch (thrown) {
        if (thrown instanceof CodedError) throw thrown;
        const reason = causeOf(thrown);
        throw new CodedError({ code: "UNREACHABLE", message: `${base}: ${reason}`, cause: thrown });
      } finally {
        cancel();
        get.signal.removeEventListener("abort", abort);
      }
    },
  };
}

async function readBody(response: Response, limit_bytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length_bytes = 0;
  for await (const part of response.body ?? []) {
    length_bytes += part.length;
    if (length_bytes > limit_bytes) {
      throw new CodedError({
        code: "REPLY_TOO_LARGE",
        message: `${response.url} answers more than ${limit_bytes} bytes`,
      });
    }
    parts.push(part);
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(parts));
}

/** fetch says "fetch failed" and keeps the reason, such as ECONNREFUSED, in the cause. */
function causeOf(thrown: unknown): string {
  const cause = (thrown as { cause?: unknown }).cause;
  return cause === undefined ? messageOf(thrown) : messageOf(cause);
}

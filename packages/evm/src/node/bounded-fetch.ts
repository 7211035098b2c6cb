import { CodedError, messageOf } from "@voltfog/runtime";

/** One call of a server that is trusted with nothing: bounded in time and in what is read of its answer. */
export async function boundedFetch(asked: {
  url: string;
  body?: { readonly type: string; readonly bytes: Uint8Array | string };
  timeout_ms: number;
  limit_bytes: number;
  signal?: AbortSignal | undefined;
}): Promise<{ readonly status: number; readonly bytes: Uint8Array }> {
  const { url, body, limit_bytes } = asked;
  const signals = [AbortSignal.timeout(asked.timeout_ms)];
  if (asked.signal !== undefined) signals.push(asked.signal);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any(signals),
      // What an address answers for is what was configured; it does not send elsewhere.
      redirect: "error",
      ...(body === undefined
        ? {}
        : {
            method: "POST",
            body: body.bytes as string | Uint8Array<ArrayBuffer>,
            headers: { "content-type": body.type },
          }),
    });
    const parts: Uint8Array[] = [];
    let length_bytes = 0;
    for await (const part of response.body ?? []) {
      length_bytes += part.length;
      if (length_bytes > limit_bytes) throw new Error(`answers more than ${limit_bytes} bytes`);
      parts.push(part);
    }
    return { status: response.status, bytes: new Uint8Array(Buffer.concat(parts)) };
  } catch (thrown) {
    throw new CodedError({ code: "UNREACHABLE", message: `${url}: ${reasonOf(thrown)}` });
  }
}

/** fetch says only "fetch failed" and keeps the reason in its cause. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return messageOf(cause ?? thrown);
}

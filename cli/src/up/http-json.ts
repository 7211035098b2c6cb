import { CodedError } from "@voltfog/runtime";

const limit_ms = 5000;

/** A JSON answer of one of the site's own processes; HTTP_FAILED when there is none in time. */
export async function getJson(url: string): Promise<unknown> {
  const answer = await getBytes(url);
  if (answer.status !== 200) throw failed(url, `answered ${answer.status}`);
  return JSON.parse(new TextDecoder().decode(answer.body));
}

/** Any answer with its body; to a cloud that asks for one, a token is shown. */
export async function getBytes(
  url: string,
  token?: string,
): Promise<{ status: number; body: Uint8Array }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(limit_ms) });
    return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
  } catch (thrown) {
    throw failed(url, String((thrown as { cause?: unknown }).cause ?? thrown));
  }
}

function failed(url: string, why: string): CodedError {
  return new CodedError({
    code: "HTTP_FAILED",
    message: `${url} ${why}`,
    remedy: "see voltfog status and the logs",
  });
}

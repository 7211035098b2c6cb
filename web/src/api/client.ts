/** An answer that was not what was asked for; `code` is the server's, or UNREACHABLE. */
export class ApiError extends Error {
  readonly code: string;
  /** 0 where no answer came. */
  readonly status: number;

  constructor(code: string, message: string, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }

  /** Whether somebody else might be let in: to ask again as the same changes nothing. */
  get isNotLetIn(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

let notLetIn = (): void => {};

/** Calls this whenever an answer says that nobody, or somebody else than before, is signed in. */
export function whenNotLetIn(call: () => void): void {
  notLetIn = call;
}

/** GET as JSON. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal === undefined ? {} : { signal });
  return (await response.json()) as T;
}

/** GET as bytes. */
export async function getBytes(path: string): Promise<Uint8Array> {
  const response = await request(path, {});
  return new Uint8Array(await response.arrayBuffer());
}

/** POST of a question as JSON; the answer as JSON. */
export async function postJson<T>(path: string, body: string, signal?: AbortSignal): Promise<T> {
  const options = jsonOf("POST", body);
  const response = await request(path, signal === undefined ? options : { ...options, signal });
  return (await response.json()) as T;
}

/** POST of bytes, such as a signed transaction; the answer as JSON. */
export async function postBytes<T>(path: string, bytes: Uint8Array): Promise<T> {
  const headers = { "content-type": "application/octet-stream" };
  const response = await request(path, { method: "POST", body: Uint8Array.from(bytes), headers });
  return (await response.json()) as T;
}

/** PUT as JSON; nothing comes back. */
export async function putJson(path: string, body: object): Promise<void> {
  await request(path, jsonOf("PUT", JSON.stringify(body)));
}

/** DELETE; the answer as JSON. */
export async function deleteJson<T>(path: string): Promise<T> {
  const response = await request(path, { method: "DELETE" });
  return (await response.json()) as T;
}

/** DELETE; nothing comes back. */
export async function deleteAt(path: string): Promise<void> {
  await request(path, { method: "DELETE" });
}

function jsonOf(method: string, body: string): RequestInit {
  return { method, body, headers: { "content-type": "application/json" } };
}

async function request(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, options);
  } catch (thrown) {
    if (options.signal?.aborted === true) throw thrown;
    throw new ApiError(
      "UNREACHABLE",
      "The cloud process does not answer. It is retried by itself.",
    );
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  if (response.status === 401) notLetIn();
  throw new ApiError(
    body.code ?? `HTTP_${response.status}`,
    body.message ?? `The server answered ${response.status}.`,
    response.status,
  );
}

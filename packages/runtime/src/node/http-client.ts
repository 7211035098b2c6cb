import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { TLSSocket } from "node:tls";
import { CodedError } from "../coded-error.ts";
import { certificateOf } from "./tls/peer-identity.ts";
import type { Revocations } from "./tls/revocations.ts";
import { clientTls, type TlsIdentity } from "./tls/tls-identity.ts";

/** One call of another process. */
export interface HttpCall {
  /** Path and query, from the first slash on. */
  readonly path: string;
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: { readonly type: string; readonly bytes: Uint8Array | string };
  /** Ends the call, also while the answer is being read. */
  readonly signal: AbortSignal;
  /** REPLY_TOO_LARGE where the answer has more. */
  readonly bodyMax_bytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** Whole seconds after which to ask again, at most an hour (Retry-After); undefined where none were named. */
  readonly retryAfter_s?: number | undefined;
}

/** The way to one other process over kept connections. */
export interface HttpClient {
  readonly url: string;
  /** Any status that comes back is an answer; UNREACHABLE where none came. Never follows a redirect. */
  call(call: HttpCall): Promise<HttpAnswer>;
  /** Closes connections that wait for the next call. */
  close(): void;
}

const idleSocketsMax = 8;

/**
 * A client of one process. With https the identity is shown, and the other side must hold a certificate
 * of the same authority for `peerId`, whatever host the address names; with http neither is used.
 */
export function createHttpClient(options: {
  url: string;
  peerId: string;
  identity: TlsIdentity | undefined;
}): HttpClient {
  const { protocol, hostname, port, pathname } = new URL(options.url);
  const isSecure = protocol === "https:";
  const base = pathname.replace(/\/+$/, "");
  if (isSecure && options.identity === undefined) {
    throw new CodedError({
      code: "CERTIFICATE_UNREADABLE",
      message: `${options.url} asks for a certificate and this process has none`,
      remedy: "name the process's certificate, its key and the site's authority",
    });
  }
  const kept = { keepAlive: true, maxFreeSockets: idleSocketsMax };
  const agent = isSecure ? new HttpsAgent({ ...kept, maxCachedSessions: 0 }) : new HttpAgent(kept);
  const target = {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (isSecure ? 443 : 80) : Number(port),
    agent,
  };
  const { identity, peerId } = options;
  const tls = (): object => (identity === undefined ? {} : clientTls(identity, peerId));
  const start = isSecure ? requestHttps : requestHttp;
  const call = (asked: HttpCall): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const { method = "GET", body, signal } = asked;
      const headers =
        body === undefined
          ? {}
          : { "content-type": body.type, "content-length": Buffer.byteLength(body.bytes) };
      const path = base + asked.path;
      const sent = start({ ...target, ...tls(), path, method, headers, signal }, (answer) => {
        readAnswer(answer, asked.bodyMax_bytes).then(resolve, reject);
      });
      if (identity?.revocations !== undefined) guard(sent, identity.revocations);
      sent.once("error", (thrown) => {
        reject(Object.assign(thrown, { isStale: sent.reusedSocket }));
      });
      sent.end(body?.bytes);
    });
  return {
    url: options.url.replace(/\/+$/, ""),
    close: () => agent.destroy(),
    async call(asked) {
      try {
        return await call(asked).catch((thrown: unknown) => {
          // The other side closed a kept connection while the call was on its way into it.
          if (!isStale(thrown) || (asked.method ?? "GET") !== "GET") throw thrown;
          return call(asked);
        });
      } catch (thrown) {
        if (thrown instanceof CodedError) throw thrown;
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        const message = `${options.url}: ${reason}`;
        throw new CodedError({ code: "UNREACHABLE", message, cause: thrown });
      }
    },
  };
}

/** Of a connection that was kept nothing is new; of a new one the peer is known after its handshake. */
function guard(sent: ClientRequest, revocations: Revocations): void {
  sent.once("socket", (socket) => {
    if (!(socket instanceof TLSSocket)) return;
    if (certificateOf(socket) !== undefined) revocations.guard(socket);
    else socket.once("secureConnect", () => revocations.guard(socket));
  });
}

function isStale(thrown: unknown): boolean {
  const { isStale: reused, code } = thrown as { isStale?: unknown; code?: unknown };
  return reused === true && code === "ECONNRESET";
}

async function readAnswer(answer: IncomingMessage, limit_bytes: number): Promise<HttpAnswer> {
  const parts: Buffer[] = [];
  let length_bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length_bytes += part.length;
    if (length_bytes > limit_bytes) {
      answer.destroy();
      throw new CodedError({
        code: "REPLY_TOO_LARGE",
        message: `an answer has more than ${limit_bytes} bytes`,
      });
    }
    parts.push(part);
  }
  const [only] = parts;
  const body = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  return {
    status: answer.statusCode ?? 0,
    body: new Uint8Array(body),
    retryAfter_s: retryAfter_s(answer.headers["retry-after"]),
  };
}

/** A date, the other form of RFC 9110 §10.2.3, is taken for none: no process of ours sends it. */
function retryAfter_s(header: string | undefined): number | undefined {
  return /^\d{1,6}$/.test(header ?? "") ? Math.min(3600, Number(header)) : undefined;
}

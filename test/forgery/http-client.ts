import { Agent, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { loadTlsIdentity } from "@voltfog/runtime/node";
import { tlsFilesOf } from "../../cli/src/site/site-certificates.ts";
import { sitePaths } from "../../cli/src/site/site-folder.ts";
import type { RunningSite } from "../system/running-site.ts";

/** One request to one process of a site. */
export interface Ask {
  readonly role: string;
  /** Whose certificate is shown on the backbone; undefined asks the plain side. */
  readonly as: string | undefined;
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Status and text; status 0 where the connection was cut, or nothing came, instead. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

const answerLimit_ms = 20_000;
const agent = new Agent({ keepAlive: true });
const tlsAgents = new Map<string, TlsAgent>();

function tlsOf(site: RunningSite, as: string): { ca: string; cert: string; key: string } {
  const { authority, certificate, key } = loadTlsIdentity(tlsFilesOf(sitePaths(site.dataDir), as));
  return { ca: authority, cert: certificate, key };
}

function tlsAgentOf(site: RunningSite, as: string): TlsAgent {
  const known = tlsAgents.get(as);
  if (known !== undefined) return known;
  const made = new TlsAgent({ keepAlive: true, ...tlsOf(site, as) });
  tlsAgents.set(as, made);
  return made;
}

function keptConnection(site: RunningSite, as: string | undefined): { agent: Agent } {
  return { agent: as === undefined ? agent : tlsAgentOf(site, as) };
}

function newConnection(site: RunningSite, as: string | undefined): object {
  return { agent: false, ...(as === undefined ? {} : tlsOf(site, as)) };
}

export function portOf(site: RunningSite, role: string, side: "http" | "backbone"): number {
  return site.processes.find((process) => process.role === role)?.ports[side] ?? 0;
}

/**
 * Sends exactly these headers and this body; a client that knows better would put some of it right. A kept
 * connection that the other side closes just then says nothing about the request, which is sent once more
 * over a new one.
 */
export async function answerTo(site: RunningSite, ask: Ask): Promise<Answer> {
  return (await answerOver(site, ask, "kept")) ?? (await answerOver(site, ask, "new")) ?? noAnswer;
}

const noAnswer: Answer = { status: 0, text: "no answer over a new connection" };

/** Undefined where a kept connection was reset. */
function answerOver(
  site: RunningSite,
  ask: Ask,
  connection: "kept" | "new",
): Promise<Answer | undefined> {
  const { role, as, method, target, headers = {}, body } = ask;
  return new Promise((resolve) => {
    const cut = (thrown: Error & { code?: string }): void => {
      const wasKept = thrown.code === "ECONNRESET" && asked.reusedSocket && connection === "kept";
      const told = `${thrown} with ${JSON.stringify(headers).slice(0, 100)}`;
      resolve(wasKept ? undefined : { status: 0, text: told });
    };
    // Without a length a HEAD or DELETE would have its body read as the next request.
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const options = {
      ...{ host: "127.0.0.1", port: portOf(site, role, as === undefined ? "http" : "backbone") },
      ...{ method, path: target, headers: { ...length, ...headers } },
      ...(connection === "new" ? newConnection(site, as) : keptConnection(site, as)),
    };
    const send = as === undefined ? request : tlsRequest;
    const asked = send(options, (answer) => {
      const status = answer.statusCode ?? 0;
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => resolve({ status, text: Buffer.concat(chunks).toString() }));
      answer.on("error", cut);
      // The live feed never ends; that it began is the answer.
      if (answer.headers["content-type"]?.startsWith("text/event-stream") !== true) return;
      resolve({ status, text: "" });
      asked.destroy();
    });
    asked.on("error", cut);
    asked.setTimeout(answerLimit_ms, () => asked.destroy(new Error("no answer in time")));
    asked.end(body);
  });
}

/** What comes back for these bytes until the other side closes, or nothing comes for a while. */
export function rawAnswer(
  site: RunningSite,
  to: Pick<Ask, "role" | "as">,
  bytes: string,
): Promise<string> {
  const { role, as } = to;
  return new Promise((resolve) => {
    const begin = (): Socket => socket.end(Buffer.from(bytes, "latin1"));
    const socket: Socket =
      as === undefined
        ? connect(portOf(site, role, "http"), "127.0.0.1", begin)
        : tlsConnect(
            { host: "127.0.0.1", port: portOf(site, role, "backbone"), ...tlsOf(site, as) },
            begin,
          );
    let answer = "";
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      socket.destroy();
    });
    socket.on("error", () => {}); // A reset is an answer too; the close that follows tells.
    socket.on("close", () => resolve(answer));
  });
}

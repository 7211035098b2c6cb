import { Agent, request } from "node:http";
import { connect } from "node:net";
import type { RunningSite } from "../system/running-site.ts";

/** One request to one process of a site. */
export interface Ask {
  readonly role: string;
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

/** Sends exactly these headers and this body; a client that knows better would put some of it right. */
export function answerTo(site: RunningSite, ask: Ask): Promise<Answer> {
  const { role, method, target, headers = {}, body } = ask;
  const port = site.processes.find((process) => process.role === role)?.ports["http"] ?? 0;
  return new Promise((resolve) => {
    const cut = (thrown: Error): void =>
      resolve({ status: 0, text: `${thrown} with ${JSON.stringify(headers).slice(0, 100)}` });
    // Without a length a HEAD or DELETE would have its body read as the next request.
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const options = {
      ...{ host: "127.0.0.1", port, method, path: target, agent },
      headers: { ...length, ...headers },
    };
    const asked = request(options, (answer) => {
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
export function rawAnswer(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(Buffer.from(bytes, "latin1")));
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

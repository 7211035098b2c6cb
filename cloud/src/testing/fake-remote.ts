import { createServer } from "node:https";
import { CodedError } from "@voltfog/runtime";
import { serverTls, type TlsIdentity } from "@voltfog/runtime/node";
import type { Remote, Reply } from "../remote/remote.ts";

type Answer = (path: string, json?: string, bytes?: Uint8Array) => Reply;

/** A remote without a network: the answers come from a function, or nobody answers. */
export function fakeRemote(peer: { answer: Answer }): Remote & { down: boolean } {
  return {
    url: "http://fake",
    down: false,
    async get(path) {
      if (this.down) throw new CodedError({ code: "UNREACHABLE", message: "nobody answers" });
      return peer.answer(path);
    },
    async post(path, json) {
      if (this.down) throw new CodedError({ code: "UNREACHABLE", message: "nobody answers" });
      return peer.answer(path, json);
    },
    async send(path, bytes) {
      if (this.down) throw new CodedError({ code: "UNREACHABLE", message: "nobody answers" });
      return peer.answer(path, undefined, bytes);
    },
    close() {},
  };
}

/** The same answers over a real socket on a free port. */
export async function listen(
  peer: { answer: Answer },
  identity: TlsIdentity,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(serverTls(identity), (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const sent = new Uint8Array(Buffer.concat(parts));
      const { status, body } = peer.answer(request.url ?? "/", undefined, sent);
      response.writeHead(status).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

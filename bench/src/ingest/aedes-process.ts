import { createServer } from "node:tls";
import { serverTls, type TlsIdentity } from "@voltfog/runtime/node";
import { Aedes } from "aedes";
import { answerRequests } from "../processes/answer-requests.ts";

export interface AedesRequest {
  readonly kind: "listen";
  readonly identity: TlsIdentity;
}

export interface AedesReply {
  readonly kind: "listening";
  readonly port: number;
  readonly version: string;
}

/** The broker inside a unit on its own: it forwards and keeps nothing. */
async function listen({ identity }: AedesRequest): Promise<AedesReply> {
  const aedes = await Aedes.createBroker();
  const { version } = aedes as unknown as { version: string }; // Missing in its types.
  // Without noDelay, Nagle's algorithm and delayed ACKs would hold its acknowledgements back.
  const server = createServer({ ...serverTls(identity), noDelay: true }, (socket) =>
    aedes.handle(socket),
  );
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({ kind: "listening", port, version });
    });
  });
}

answerRequests<AedesRequest, AedesReply>(listen);

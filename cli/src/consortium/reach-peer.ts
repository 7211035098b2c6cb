import { connect, type TLSSocket } from "node:tls";
import { clientTls, peerOf, type TlsIdentity } from "@voltfog/runtime/node";

const dialTimeout_ms = 5000;

/** What came of a handshake with another validator. */
export interface PeerAnswer {
  /** Why it cannot be reached; undefined where its certificate and ours were both taken. */
  readonly problem: string | undefined;
  /** It showed its own certificate, looked at ours, and closed. */
  readonly isCut: boolean;
}

/** Knocks at a validator, named as id@host:port, and says nothing but a TLS handshake. */
export function reachPeer(peer: string, identity: TlsIdentity): Promise<PeerAnswer> {
  const [id = "", address = ""] = peer.split("@");
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  const port = Number(address.slice(colon + 1));
  return new Promise((resolve) => {
    let isMet = false;
    const socket: TLSSocket = connect({ host, port, ...clientTls(identity, id) });
    const end = (problem: string | undefined, isCut = false): void => {
      socket.destroy();
      resolve({ problem, isCut });
    };
    const cut = (): void => {
      end("the connection was cut: it does not know this node's agency", isMet);
    };
    socket.setTimeout(dialTimeout_ms, () => end("no answer within 5 s"));
    socket.once("error", (thrown: Error) => (isMet ? cut() : end(thrown.message)));
    socket.once("close", cut);
    socket.once("secureConnect", () => {
      isMet = peerOf(socket)?.role === "validator";
      if (!isMet) end("it is no validator of this consortium");
    });
    // A validator that takes our certificate says hello at once.
    socket.once("data", () => end(undefined));
  });
}

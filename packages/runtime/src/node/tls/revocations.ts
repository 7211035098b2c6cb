import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Server, TLSSocket } from "node:tls";
import { CodedError, messageOf } from "../../coded-error.ts";
import type { Logger } from "../../logger.ts";
import { certificateOf, identityIn, type PeerIdentity } from "./peer-identity.ts";
import { parseRevocationList, type RevocationList, serialOf } from "./revocation-list.ts";

/** Often enough that a revoked peer is out within a second. */
const look_ms = 500;

/**
 * Follows the list of revoked certificates while a process runs: connections that stand with one are
 * cut. A server hears from {@link isRevoked} of a new one, can say so to its peer, and it is cut at the
 * next look; a client dials none. No file means that none is revoked; a file that becomes damaged or
 * disappears changes nothing and is said once.
 */
export class Revocations {
  readonly #path: string;
  readonly #authority: X509Certificate;
  readonly #logger: Logger;
  readonly #servers = new Set<Server>();
  /** Connections that stand. */
  readonly #sockets = new Map<TLSSocket, Peer>();
  /** Those that came with a revoked certificate since the last look. */
  #condemned: TLSSocket[] = [];
  #list: RevocationList | undefined;
  #seen: string;
  #timer: NodeJS.Timeout | undefined;

  /** CRL_INVALID where there is a file and it is none of this authority's. */
  constructor(options: { path: string; authority: string; logger: Logger }) {
    this.#path = options.path;
    this.#authority = new X509Certificate(options.authority);
    this.#logger = options.logger;
    this.#seen = stampOf(this.#path);
    if (this.#seen === "absent") return;
    const read = this.#read();
    if (typeof read === "string") {
      throw new CodedError({
        code: "CRL_INVALID",
        message: `${this.#path}: ${read}`,
        remedy: "bring the list from the site's authority again",
      });
    }
    this.#list = read;
  }

  /** The list as it is now, for handshakes; undefined while there is none. */
  get pem(): string | undefined {
    this.#look();
    return this.#list?.pem;
  }

  /** Whether the peer's certificate is on the list as it is now. */
  isRevoked(socket: TLSSocket): boolean {
    this.#look();
    const peer = this.#sockets.get(socket) ?? peerBehind(socket);
    return peer !== undefined && this.#list?.serials.has(peer.serial) === true;
  }

  /** Guards each connection that the server takes. */
  guardServer(server: Server): void {
    this.#servers.add(server);
    server.prependListener("secureConnection", (socket) => this.guard(socket));
    server.once("close", () => {
      this.#servers.delete(server);
      this.#rest();
    });
    this.#watch();
  }

  /** Cuts the connection once its peer's certificate is revoked. After its handshake. */
  guard(socket: TLSSocket): void {
    if (socket.destroyed || this.#sockets.has(socket)) return;
    const peer = peerBehind(socket);
    if (peer === undefined) return;
    this.#look();
    this.#sockets.set(socket, peer);
    if (this.isRevoked(socket)) this.#condemned.push(socket);
    // Being cut is no news to the process, whoever else listens.
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#rest();
    });
    this.#watch();
  }

  #watch(): void {
    this.#timer ??= setInterval(() => {
      for (const socket of this.#condemned.splice(0)) this.#cut(socket);
      this.#look();
    }, look_ms).unref();
  }

  /** Nothing is left to guard. */
  #rest(): void {
    if (this.#servers.size + this.#sockets.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const stamp = stampOf(this.#path);
    if (stamp === this.#seen) return;
    this.#seen = stamp;
    const read = stamp === "absent" ? "the file is gone" : this.#read();
    if (typeof read === "string") {
      this.#logger.error("list of revoked certificates not taken", { reason: read });
      return;
    }
    this.#list = read;
    this.#logger.info("list of revoked certificates read", { certificates: read.serials.size });
    for (const [socket, { serial }] of this.#sockets) {
      if (read.serials.has(serial)) this.#cut(socket);
    }
  }

  #cut(socket: TLSSocket): void {
    const { id, role } = this.#sockets.get(socket)?.identity ?? {};
    this.#logger.warn("peer cut off: its certificate is revoked", { peer: id, role });
    const message = `the certificate of ${id} is revoked`;
    socket.destroy(new CodedError({ code: "CERTIFICATE_REVOKED", message }));
  }

  #read(): RevocationList | string {
    try {
      const parsed = parseRevocationList(readFileSync(this.#path, "utf8"), this.#authority);
      return parsed.ok ? parsed.value : parsed.problem.detail;
    } catch (thrown) {
      return messageOf(thrown);
    }
  }
}

interface Peer {
  readonly serial: string;
  readonly identity: PeerIdentity | undefined;
}

function peerBehind(socket: TLSSocket): Peer | undefined {
  const certificate = certificateOf(socket);
  return certificate && { serial: serialOf(certificate), identity: identityIn(certificate) };
}

/** What changes whenever the file is replaced or written. */
function stampOf(path: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(path);
    return `${mtimeMs} ${ino} ${size}`;
  } catch {
    return "absent";
  }
}

import type { Socket } from "node:net";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import type { Logger } from "@voltfog/runtime";
import { clientTls, peerOf, portError, serverTls, type TlsIdentity } from "@voltfog/runtime/node";
import type { Transport, TransportHandlers } from "../transport.ts";
import { PeerConnection, type PeerIdentity } from "./peer-connection.ts";

export interface PeerAddress {
  readonly voter: number;
  readonly host: string;
  readonly port: number;
}

export interface TlsTransportOptions {
  readonly identity: PeerIdentity;
  /** This validator's certificate, and the authority whose certificates the others must show. */
  readonly tls: TlsIdentity;
  /** Ids of all validators by their index; a peer's certificate must be for its own. */
  readonly validatorIds: readonly string[];
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly peers: readonly PeerAddress[];
  readonly logger: Logger;
}

/** Bytes that may wait on one connection; a peer that takes no more loses messages, not our memory. */
const queueMax_bytes = 16_777_216;
/** Connections that have not proved themselves yet; further ones are closed at once. */
const strangersMax = 64;
/** Connections in all, also those that are still shaking hands. */
const socketsMax = 1024;
/** How long a peer may take from the dial to the end of the TLS handshake. */
const dialTimeout_ms = 5000;
const firstRetry_ms = 100;
const lastRetry_ms = 5000;

/**
 * Validators over mutual TLS, one connection for every pair. The certificate says which validator the
 * other end is before a byte of it is read; it then proves its vote key over that. Both sides dial until one connection stands;
 * where two do, the one dialled by the lower index stays, so any start order ends the same.
 */
export class TlsTransport implements Transport {
  readonly #options: TlsTransportOptions;
  readonly #server: Server;
  readonly #connections = new Map<number, PeerConnection>();
  readonly #strangers = new Set<PeerConnection>();
  /** All open sockets, also those that are still shaking hands. */
  readonly #sockets = new Set<Socket>();
  readonly #dials = new Map<number, () => void>();
  #handlers: TransportHandlers | undefined;
  #isStopped = false;

  constructor(options: TlsTransportOptions) {
    this.#options = options;
    this.#server = createServer({ ...serverTls(options.tls), noDelay: true }, (socket) =>
      this.#accept(socket),
    );
    options.tls.revocations?.guardServer(this.#server);
    this.#server.maxConnections = socketsMax;
    this.#server.on("connection", (socket: Socket) => this.#watch(socket));
    this.#server.on("tlsClientError", (thrown: Error & { code?: string }) => {
      if (thrown.code === "ECONNRESET") return; // Only looked whether somebody listens.
      options.logger.warn("peer turned away", { reason: thrown.message });
    });
  }

  async start(handlers: TransportHandlers): Promise<number> {
    this.#handlers = handlers;
    const { host, port, peers } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (thrown) => reject(portError(thrown, port)));
      this.#server.listen({ host, port }, resolve);
    });
    for (const peer of peers) this.#dial(peer, firstRetry_ms);
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  send(to: number, bytes: Uint8Array): boolean {
    return this.#connections.get(to)?.send(bytes, { queueMax_bytes }) ?? false;
  }

  isConnected(voter: number): boolean {
    return this.#connections.has(voter);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#dials.values()) cancel();
    for (const connection of [...this.#connections.values(), ...this.#strangers]) {
      connection.close();
    }
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #accept(socket: TLSSocket): void {
    const voter = this.#voterOf(socket);
    if (this.#isStopped || voter === undefined || this.#strangers.size >= strangersMax) {
      socket.on("error", () => {}).destroy();
      return;
    }
    this.#meet({ socket, role: "listener", expected: voter, onEnd: () => {} });
  }

  /** The validator that the connection's certificate is for. */
  #voterOf(socket: TLSSocket): number | undefined {
    if (this.#options.tls.revocations?.isRevoked(socket) === true) return undefined;
    const peer = peerOf(socket);
    const voter = peer === undefined ? -1 : this.#options.validatorIds.indexOf(peer.id);
    if (peer?.role === "validator" && voter >= 0) return voter;
    this.#options.logger.warn("peer turned away", { peer: peer?.id, role: peer?.role });
    return undefined;
  }

  /** Tries now and, with growing pauses, for ever; a peer that is connected already is left alone. */
  #dial(peer: PeerAddress, retry_ms: number): void {
    if (this.#isStopped) return;
    const again = (pause_ms: number, next_ms: number): void => {
      const { clock } = this.#options.identity;
      this.#dials.set(
        peer.voter,
        clock.after(pause_ms, () => this.#dial(peer, next_ms)),
      );
    };
    if (this.#connections.has(peer.voter)) {
      again(lastRetry_ms / 5, firstRetry_ms);
      return;
    }
    const onEnd = (): void => {
      if (!this.#isStopped) again(retry_ms, Math.min(lastRetry_ms, 2 * retry_ms));
    };
    const { tls, validatorIds } = this.#options;
    const { host, port, voter } = peer;
    const socket = connect({ host, port, ...clientTls(tls, validatorIds[voter] ?? "") });
    this.#watch(socket);
    const onFailure = (): void => onEnd();
    socket.on("error", () => {});
    socket.once("close", onFailure);
    socket.setTimeout(dialTimeout_ms, () => socket.destroy());
    socket.once("secureConnect", () => {
      socket.off("close", onFailure).setTimeout(0);
      tls.revocations?.guard(socket);
      if (this.#voterOf(socket) === voter) {
        this.#meet({ socket, role: "dialler", expected: voter, onEnd });
      } else {
        socket.destroy();
        onEnd();
      }
    });
  }

  #meet(options: {
    socket: TLSSocket;
    role: "dialler" | "listener";
    expected: number;
    onEnd: () => void;
  }): void {
    const connection: PeerConnection = new PeerConnection({
      ...options,
      identity: this.#options.identity,
      onReady: (ready) => this.#admit(ready),
      onFrame: (from, frame) => this.#receive(from, frame),
      onClose: (closed) => {
        this.#forget(closed);
        options.onEnd();
      },
    });
    this.#strangers.add(connection);
  }

  #admit(connection: PeerConnection): void {
    const { voter } = connection;
    this.#strangers.delete(connection);
    if (voter === undefined) return;
    const standing = this.#connections.get(voter);
    if (standing !== undefined && !this.#isPreferred(connection, standing)) {
      connection.close();
      return;
    }
    this.#connections.set(voter, connection);
    standing?.close();
    this.#options.logger.info("peer connected", { voter, role: connection.role });
    this.#handlers?.connected(voter);
  }

  /** A newer connection dialled by the same side means that this side gave up the older one. */
  #isPreferred(connection: PeerConnection, standing: PeerConnection): boolean {
    if (connection.role === standing.role) return true;
    const isDialledHere = connection.role === "dialler";
    const isSelfLower = this.#options.identity.self < (connection.voter ?? 0);
    return isDialledHere === isSelfLower;
  }

  #receive(connection: PeerConnection, frame: Uint8Array): void {
    const { voter } = connection;
    if (voter !== undefined) this.#handlers?.received(voter, frame);
  }

  #forget(connection: PeerConnection): void {
    this.#strangers.delete(connection);
    const { voter } = connection;
    if (voter === undefined || this.#connections.get(voter) !== connection) return;
    this.#connections.delete(voter);
    this.#options.logger.info("peer disconnected", { voter });
    if (!this.#isStopped) this.#handlers?.disconnected(voter);
  }
}

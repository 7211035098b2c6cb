import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import type { Logger } from "@voltfog/runtime";
import { clientTls, peerOf, portError, serverTls, type TlsIdentity } from "@voltfog/runtime/node";
import type { Transport, TransportHandlers } from "../transport.ts";
import { DialBook } from "./dial-book.ts";
import type { Endpoint, Membership } from "./membership.ts";
import { PeerConnection, type PeerIdentity } from "./peer-connection.ts";
import { PeerNumbers } from "./peer-numbers.ts";

export interface PeerAddress extends Endpoint {
  readonly id: string;
}

export interface TlsTransportOptions {
  readonly identity: PeerIdentity;
  /** This validator's certificate, and the authority whose certificates the others must show. */
  readonly tls: TlsIdentity;
  readonly membership: Membership;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Dialled whether they have a seat or not, and here whatever the chain says. */
  readonly peers: readonly PeerAddress[];
  readonly logger: Logger;
}

/** Bytes that may wait on one connection; a peer that takes no more loses messages, not our memory. */
const queueMax_bytes = 16_777_216;
/** Connections that have not proved themselves yet; further ones are closed at once. */
const strangersMax = 64;
/** Connected validators without a seat; further ones are closed, so that they take nothing from voters. */
const followersMax = 32;
/** Connections in all, also those that are still shaking hands. */
const socketsMax = 1024;
/** How long a peer may take from the dial to the end of the TLS handshake. */
const dialTimeout_ms = 5000;
/** How long a peer that was cut off stays out. */
const barred_ms = 60_000;

/**
 * Validators over mutual TLS, one connection for every pair. The certificate says which validator the
 * other end is before a byte of it is read; it then proves its vote key over that. Who may be there is the
 * chain's to say, at every connection and again when it changes. Both sides dial until one connection
 * stands; where two do, the one dialled by the lower id stays, so any start order ends the same.
 */
export class TlsTransport implements Transport {
  readonly #options: TlsTransportOptions;
  readonly #server: Server;
  readonly #numbers = new PeerNumbers();
  readonly #connections = new Map<string, PeerConnection>();
  readonly #strangers = new Set<PeerConnection>();
  /** All open sockets, also those that are still shaking hands. */
  readonly #sockets = new Set<Socket>();
  readonly #dials: DialBook;
  /** Who was cut off and when it may be back; ids of validators only, so there are never many. */
  readonly #barredUntil_ms = new Map<string, number>();
  #handlers: TransportHandlers | undefined;
  #isStopped = false;

  constructor(options: TlsTransportOptions) {
    this.#options = options;
    this.#dials = new DialBook({
      clock: options.identity.clock,
      dial: (peer) => this.#dial(peer),
      isConnected: (id) => this.#connections.has(id),
    });
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
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (thrown) => reject(portError(thrown, port)));
      this.#server.listen({ host, port }, resolve);
    });
    this.review();
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  send(to: number, bytes: Uint8Array): boolean {
    return this.#connectionOf(to)?.send(bytes, { queueMax_bytes }) ?? false;
  }

  isConnected(peer: number): boolean {
    return this.#connectionOf(peer) !== undefined;
  }

  get peers(): readonly number[] {
    return [...this.#connections.keys()].map((id) => this.#numbers.of(id));
  }

  numberOf(id: string): number | undefined {
    return this.#numbers.find(id);
  }

  idOf(peer: number): string | undefined {
    return this.#numbers.idOf(peer);
  }

  cutOff(peer: number): void {
    const id = this.#numbers.idOf(peer);
    if (id === undefined) return;
    this.#barredUntil_ms.set(id, this.#options.identity.clock.monotonic_ms() + barred_ms);
    this.#connections.get(id)?.close();
  }

  review(): void {
    if (this.#isStopped) return;
    const { membership, identity, peers } = this.#options;
    const wanted = new Map<string, Endpoint>();
    for (const { id, voteKey, endpoint } of membership.seats()) {
      if (endpoint !== undefined) wanted.set(id, endpoint);
      const connection = this.#connections.get(id);
      if (connection?.speaksFor(voteKey) === false) this.#cut(id, connection);
    }
    for (const { id, host, port } of peers) {
      if (!membership.isRemoved(id)) wanted.set(id, { host, port });
    }
    wanted.delete(identity.id);
    for (const [id, connection] of this.#connections) {
      if (this.#holderOf(connection.socket) === undefined) this.#cut(id, connection);
    }
    this.#dials.keep(wanted);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#dials.stop();
    for (const connection of [...this.#connections.values(), ...this.#strangers]) {
      connection.close();
    }
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #connectionOf(peer: number): PeerConnection | undefined {
    const id = this.#numbers.idOf(peer);
    return id === undefined ? undefined : this.#connections.get(id);
  }

  #cut(id: string, connection: PeerConnection): void {
    this.#options.logger.warn("peer cut off: the chain does not admit it", { peer: id });
    connection.close();
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #accept(socket: TLSSocket): void {
    const id = this.#holderOf(socket);
    if (this.#isStopped || id === undefined || this.#strangers.size >= strangersMax) {
      socket.on("error", () => {}).destroy();
      return;
    }
    this.#meet({ socket, role: "listener", expected: id, onEnd: () => {} });
  }

  /** The validator that the connection's certificate is for, if the chain lets it in. */
  #holderOf(socket: TLSSocket): string | undefined {
    const { tls, membership, logger } = this.#options;
    if (tls.revocations?.isRevoked(socket) === true) return undefined;
    const peer = peerOf(socket);
    const isAdmitted =
      peer?.role === "validator" &&
      membership.admits({
        id: peer.id,
        organisation: peer.agency?.organisation,
        agencyHash: peer.agency && createHash("sha256").update(peer.agency.certificate).digest(),
      });
    if (peer !== undefined && isAdmitted) return peer.id;
    logger.warn("peer turned away", { peer: peer?.id, role: peer?.role });
    return undefined;
  }

  #dial({ id, endpoint, ended }: { id: string; endpoint: Endpoint; ended: () => void }): void {
    const { tls } = this.#options;
    const socket = connect({ host: endpoint.host, port: endpoint.port, ...clientTls(tls, id) });
    this.#watch(socket);
    socket.on("error", () => {});
    socket.once("close", ended);
    socket.setTimeout(dialTimeout_ms, () => socket.destroy());
    socket.once("secureConnect", () => {
      socket.setTimeout(0);
      tls.revocations?.guard(socket);
      if (this.#holderOf(socket) !== id) {
        socket.destroy();
        return;
      }
      socket.off("close", ended);
      this.#meet({ socket, role: "dialler", expected: id, onEnd: ended });
    });
  }

  #meet(options: {
    socket: TLSSocket;
    role: "dialler" | "listener";
    expected: string;
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
    const { peerId } = connection;
    this.#strangers.delete(connection);
    if (peerId === undefined) return;
    const barredUntil_ms = this.#barredUntil_ms.get(peerId) ?? 0;
    if (this.#options.identity.clock.monotonic_ms() < barredUntil_ms) {
      connection.close();
      return;
    }
    const standing = this.#connections.get(peerId);
    const isExtra = standing === undefined && !this.#hasRoomFor(peerId);
    if (isExtra || (standing !== undefined && !this.#isPreferred(connection, standing))) {
      connection.close();
      return;
    }
    this.#connections.set(peerId, connection);
    standing?.close();
    this.#options.logger.info("peer connected", { peer: peerId, role: connection.role });
    this.#handlers?.connected(this.#numbers.of(peerId));
  }

  #hasRoomFor(id: string): boolean {
    const seats = new Set(this.#options.membership.seats().map((seat) => seat.id));
    if (seats.has(id)) return true;
    return [...this.#connections.keys()].filter((other) => !seats.has(other)).length < followersMax;
  }

  /** A newer connection dialled by the same side means that this side gave up the older one. */
  #isPreferred(connection: PeerConnection, standing: PeerConnection): boolean {
    if (connection.role === standing.role) return true;
    const isDialledHere = connection.role === "dialler";
    const isSelfLower = this.#options.identity.id < (connection.peerId ?? "");
    return isDialledHere === isSelfLower;
  }

  #receive(connection: PeerConnection, frame: Uint8Array): void {
    const { peerId } = connection;
    if (peerId !== undefined) this.#handlers?.received(this.#numbers.of(peerId), frame);
  }

  #forget(connection: PeerConnection): void {
    this.#strangers.delete(connection);
    const { peerId } = connection;
    if (peerId === undefined || this.#connections.get(peerId) !== connection) return;
    this.#connections.delete(peerId);
    this.#options.logger.info("peer disconnected", { peer: peerId });
    if (!this.#isStopped) this.#handlers?.disconnected(this.#numbers.of(peerId));
  }
}

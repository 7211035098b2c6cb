import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { Logger } from "@voltfog/runtime";
import { portError } from "@voltfog/runtime/node";
import type { Transport, TransportHandlers } from "../transport.ts";
import { PeerConnection, type PeerIdentity } from "./peer-connection.ts";

export interface PeerAddress {
  readonly voter: number;
  readonly host: string;
  readonly port: number;
}

export interface TcpTransportOptions {
  readonly identity: PeerIdentity;
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
const firstRetry_ms = 100;
const lastRetry_ms = 5000;

/**
 * Validators over plain TCP, one connection for every pair. Both sides dial until one connection stands;
 * where two do, the one dialled by the lower index stays, so any start order ends the same.
 */
export class TcpTransport implements Transport {
  readonly #options: TcpTransportOptions;
  readonly #server: Server;
  readonly #connections = new Map<number, PeerConnection>();
  readonly #strangers = new Set<PeerConnection>();
  readonly #dials = new Map<number, () => void>();
  #handlers: TransportHandlers | undefined;
  #isStopped = false;

  constructor(options: TcpTransportOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
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
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    if (this.#isStopped || this.#strangers.size >= strangersMax) {
      socket.destroy();
      return;
    }
    this.#meet({ socket, role: "listener", expected: undefined, onEnd: () => {} });
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
    const socket = createConnection({ host: peer.host, port: peer.port, noDelay: true });
    this.#meet({
      socket,
      role: "dialler",
      expected: peer.voter,
      onEnd: () => again(retry_ms, Math.min(lastRetry_ms, 2 * retry_ms)),
    });
  }

  #meet(options: {
    socket: Socket;
    role: "dialler" | "listener";
    expected: number | undefined;
    onEnd: () => void;
  }): void {
    const connection: PeerConnection = new PeerConnection({
      ...options,
      identity: this.#options.identity,
      onReady: (ready) => this.#admit(ready),
      onFrame: (from, frame) => this.#receive(from, frame),
      onClose: (closed) => {
        this.#forget(closed);
        if (!this.#isStopped) options.onEnd();
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

import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import {
  type PeerIdentity,
  peerOf,
  portError,
  serverTls,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { Aedes, type Client } from "aedes";
import type { Login } from "./client-access.ts";
import { GatedSocket } from "./gated-socket.ts";
import { InFlight } from "./in-flight.ts";
import type { PacketExcess } from "./packet-meter.ts";

/** One message from a connected client, its payload in memory of its own. */
export interface Published {
  readonly sender: string;
  readonly topic: string;
  readonly bytes: Uint8Array;
}

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  /** This unit's certificate; a client must show one of the same authority. */
  readonly tls: TlsIdentity;
  readonly connectionsMax: number;
  readonly inFlightMax_bytes: number;
  readonly rateMax_bytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly mayConnect: (login: Login) => boolean;
  readonly mayRead: (peer: PeerIdentity, topic: string) => boolean;
  /** Acknowledged when it resolves; when it rejects the client is dropped and will send it again. */
  readonly take: (message: Published) => Promise<void>;
  readonly exceeded: (excess: PacketExcess) => void;
  /** Somebody did not get past the handshake: no certificate, a strange one, or no TLS at all. */
  readonly turnedAway: () => void;
}

/** A frame of 128 KiB with its topic; the frame's own limit refuses what is between. */
const publishMax_bytes = 262_144;
const limits = { connectMax_bytes: 4096, publishMax_bytes, controlMax_bytes: 8192 };
/** All clients together; then every one of them waits. */
const inFlightTotalMax_bytes = 128 * 1024 * 1024;
/** Bytes that may wait for one slow reader; past that it misses messages, which it can do without. */
const unreadMax_bytes = 1_048_576;
/** No client may read it, so what the broker routes here reaches nobody. */
const nowhere = "taken";
const connectTimeout_ms = 10_000;
const drainTimeout_ms = 30_000;

/**
 * The MQTT 3.1.1 broker to the vehicles, over mutual TLS. Nothing is routed between clients: what one
 * publishes goes to `take`, and what it may read is sent to it alone. Sessions are clean and nothing is
 * retained, so the broker holds no memory of who is away.
 */
export class VehicleBroker {
  readonly port: number;
  readonly #options: BrokerOptions;
  readonly #server: Server;
  readonly #aedes: Aedes;
  readonly #subscribed = new Map<string, Set<string>>();
  readonly #clients = new Map<string, Client>();
  readonly #operators = new Set<string>();
  /** All open connections, also those that are still shaking hands. */
  readonly #sockets = new Set<Socket>();
  readonly #peers = new WeakMap<GatedSocket, PeerIdentity>();

  private constructor(options: {
    broker: BrokerOptions;
    server: Server;
    aedes: Aedes;
    port: number;
  }) {
    this.#options = options.broker;
    this.#server = options.server;
    this.#aedes = options.aedes;
    this.port = options.port;
    this.#wire();
  }

  /** Listens. PORT_IN_USE when another process has the port. */
  static async open(options: BrokerOptions): Promise<VehicleBroker> {
    const aedes = await Aedes.createBroker({
      connectTimeout: connectTimeout_ms,
      drainTimeout: drainTimeout_ms,
      maxInflightInbound: 64,
      maxTopicLevels: 8,
    });
    // Without noDelay, Nagle's algorithm and delayed ACKs hold PUBACKs back for 40 ms.
    const server = createServer({ ...serverTls(options.tls), noDelay: true });
    options.tls.revocations?.guardServer(server);
    server.maxConnections = options.connectionsMax;
    const port = await listen({ server, host: options.host, port: options.port });
    return new VehicleBroker({ broker: options, server, aedes, port });
  }

  /** Ids of the clients that are connected now. */
  get connected(): readonly string[] {
    return [...this.#clients.keys()].sort();
  }

  /**
   * Sends to one client, or to every operator where none is named, if it is connected, reads the topic,
   * and keeps up; false when there was nobody.
   */
  send(message: { clientId?: string; topic: string; bytes: Uint8Array }): boolean {
    const { clientId, topic, bytes } = message;
    if (clientId !== undefined) return this.#sendTo(clientId, topic, bytes);
    return [...this.#operators].filter((id) => this.#sendTo(id, topic, bytes)).length > 0;
  }

  #sendTo(clientId: string, topic: string, bytes: Uint8Array): boolean {
    const client = this.#clients.get(clientId);
    if (client === undefined || this.#subscribed.get(clientId)?.has(topic) !== true) return false;
    if (client.conn.writableLength > unreadMax_bytes) return false;
    // QoS 0: the session is clean, so a higher one could promise no more; receipts can be asked for
    // again by resending, and a command has an acknowledgement of its own.
    const packet = { cmd: "publish", topic, qos: 0, dup: false, retain: false } as const;
    client.publish({ ...packet, payload: Buffer.from(bytes) }, () => {});
    return true;
  }

  /** Cuts a client's connection at once, if it has one; what it sent and was not told of is unsent. */
  drop(clientId: string): void {
    const client = this.#clients.get(clientId);
    if (client === undefined) return;
    this.#options.logger.info("client put out", { clientId });
    client.conn.destroy();
  }

  /** Closes the port and every connection. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    // Who has not said its name yet is no client of the broker and would hold the port open.
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #wire(): void {
    const inFlight = new InFlight({
      perSenderMax_bytes: this.#options.inFlightMax_bytes,
      totalMax_bytes: inFlightTotalMax_bytes,
    });
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("secureConnection", (socket) => this.#accept(socket));
    const { logger, turnedAway } = this.#options;
    this.#server.on("tlsClientError", (thrown: Error & { code?: string }) => {
      // Whoever hangs up without a word only looked whether somebody listens, as vehicles do.
      if (thrown.code === "ECONNRESET") return;
      turnedAway();
      logger.debug("handshake failed", { code: thrown.code, reason: thrown.message });
    });
    this.#aedes.on("clientError", (client, thrown) => {
      logger.debug("client dropped", { clientId: client.id, reason: messageOf(thrown) });
    });
    this.#aedes.on("connectionError", (_client, thrown) => {
      logger.debug("connection dropped", { reason: messageOf(thrown) });
    });
    // The broker's own stores are in memory; an error there must not become an uncaught exception.
    (this.#aedes as NodeJS.EventEmitter).on("error", (thrown: unknown) => {
      logger.error("broker error", { reason: messageOf(thrown) });
    });
    const withWill = new WeakSet<Client>();
    this.#aedes.preConnect = (client, packet, done) => {
      packet.clean = true;
      // Nobody could be told a will, so whoever wants one kept is not let in under a false promise.
      if (packet.will !== undefined) withWill.add(client);
      done(null, true);
    };
    this.#aedes.authenticate = (client, _username, _password, done) => {
      const peer = this.#peers.get(client.conn as GatedSocket);
      const isKnown = peer !== undefined && this.#options.mayConnect({ peer, clientId: client.id });
      done(null, isKnown && !withWill.has(client));
    };
    this.#aedes.authorizeSubscribe = (client, subscription, done) => {
      const peer = this.#peers.get(client.conn as GatedSocket);
      const granted = peer !== undefined && this.#options.mayRead(peer, subscription.topic);
      if (granted) this.#subscriptions(client.id).add(subscription.topic);
      done(null, granted ? subscription : null);
    };
    this.#aedes.authorizePublish = (client, packet, done) => {
      packet.retain = false;
      if (client === null) return done(new Error("nobody published this"));
      const { payload, topic } = packet;
      // A copy: the payload is a view into the socket's chunk and would keep all of it alive.
      const bytes = new Uint8Array(typeof payload === "string" ? Buffer.from(payload) : payload);
      const gate = client.conn as GatedSocket;
      const settle = inFlight.begin({ gate, length_bytes: bytes.length });
      // The broker goes on to send it to whoever reads its topic: a vehicle could speak for the unit.
      packet.topic = nowhere;
      packet.payload = Buffer.alloc(0);
      this.#options.take({ sender: client.id, topic, bytes }).then(
        () => {
          settle();
          done(null);
        },
        (thrown: unknown) => {
          settle();
          done(new Error(messageOf(thrown)));
        },
      );
    };
    this.#trackClients();
  }

  #trackClients(): void {
    this.#aedes.on("client", (client) => {
      // Between its CONNECT and now it may have been revoked, when there was nobody yet to put out.
      const peer = this.#peers.get(client.conn as GatedSocket);
      if (peer === undefined || !this.#options.mayConnect({ peer, clientId: client.id })) {
        client.conn.destroy();
      }
      this.#clients.set(client.id, client);
      this.#subscribed.delete(client.id);
      if (peer?.role === "operator") {
        this.#operators.add(client.id);
      }
    });
    this.#aedes.on("clientDisconnect", (client) => {
      if (this.#clients.get(client.id) !== client) return;
      this.#clients.delete(client.id);
      this.#operators.delete(client.id);
      this.#subscribed.delete(client.id);
    });
    this.#aedes.on("unsubscribe", (topics, client) => {
      if (this.#clients.get(client.id) !== client) return;
      for (const topic of topics) this.#subscribed.get(client.id)?.delete(topic);
    });
  }

  #subscriptions(clientId: string): Set<string> {
    const known = this.#subscribed.get(clientId);
    if (known !== undefined) return known;
    const fresh = new Set<string>();
    this.#subscribed.set(clientId, fresh);
    return fresh;
  }

  #accept(socket: TLSSocket): void {
    const gate = new GatedSocket({
      socket,
      limits,
      rate_bytes: this.#options.rateMax_bytes,
      clock: this.#options.clock,
      exceeded: this.#options.exceeded,
    });
    const peer = peerOf(socket);
    // Whose certificate is revoked hears from the broker that nobody knows it.
    const isRevoked = this.#options.tls.revocations?.isRevoked(socket) === true;
    if (peer !== undefined && !isRevoked) this.#peers.set(gate, peer);
    this.#aedes.handle(gate);
  }
}

function listen(options: { server: Server; host: string; port: number }): Promise<number> {
  const { server, host, port } = options;
  return new Promise((resolve, reject) => {
    server.once("error", (thrown) => reject(portError(thrown, port)));
    server.listen({ host, port }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { parseTopic, urgentClientSuffix } from "@voltfog/messages";
import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import {
  type PeerIdentity,
  peerOf,
  portError,
  serverTls,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { Aedes, type Client } from "aedes";
import type { Allowance } from "../traffic/allowance.ts";
import { type DownClass, DownQueue } from "../traffic/down-queue.ts";
import type { Exclusion } from "../traffic/traffic-rules.ts";
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

/** Who is kept out, and how fast each device may send. */
export interface TrafficGate {
  exclusionOf(who: {
    vehicleId?: string | undefined;
    address?: string | undefined;
  }): Exclusion | undefined;
  allowanceOf(vehicleId: string): Allowance;
  strangersAllowance(): Allowance;
  /** A vehicle has a new connection. */
  connected(vehicleId: string): void;
  /** A vehicle's connection waits at its limit. */
  throttled(vehicleId: string): void;
  /** Somebody was put out or not let in. */
  count(exclusion: Exclusion): void;
}

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  /** A second port of the same broker, for connections that carry alarms alone; 0: none. */
  readonly urgentPort?: number;
  /** This unit's certificate; a client must show one of the same authority. */
  readonly tls: TlsIdentity;
  readonly connectionsMax: number;
  readonly inFlightMax_bytes: number;
  readonly traffic: TrafficGate;
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
  /** The port of all vehicles, and the one of alarms where there is one. */
  readonly #servers: readonly Server[];
  readonly #aedes: Aedes;
  readonly #subscribed = new Map<string, Set<string>>();
  readonly #clients = new Map<string, Client>();
  /** What waits to be sent to each of them. */
  readonly #down = new Map<string, DownQueue>();
  readonly #operators = new Set<string>();
  /** All open connections, also those that are still shaking hands. */
  readonly #sockets = new Set<Socket>();
  readonly #peers = new WeakMap<GatedSocket, PeerIdentity>();
  /** The gates of connections that are through their handshake. */
  readonly #gates = new Set<GatedSocket>();

  private constructor(options: {
    broker: BrokerOptions;
    servers: readonly Server[];
    aedes: Aedes;
    port: number;
  }) {
    this.#options = options.broker;
    this.#servers = options.servers;
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
    const open = async (asked: number): Promise<{ server: Server; port: number }> => {
      const server = createServer({ ...serverTls(options.tls), noDelay: true });
      options.tls.revocations?.guardServer(server);
      server.maxConnections = options.connectionsMax;
      return { server, port: await listen({ server, host: options.host, port: asked }) };
    };
    const { server, port } = await open(options.port);
    const { urgentPort = 0 } = options;
    if (urgentPort === 0)
      return new VehicleBroker({ broker: options, servers: [server], aedes, port });
    try {
      const urgent = await open(urgentPort);
      return new VehicleBroker({ broker: options, servers: [server, urgent.server], aedes, port });
    } catch (thrown) {
      server.close();
      throw thrown;
    }
  }

  /** Ids of the clients that are connected now. */
  get connected(): readonly string[] {
    return [...this.#clients.keys()].filter((id) => !id.includes("/")).sort();
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
    const down = this.#down.get(clientId);
    if (down === undefined || this.#subscribed.get(clientId)?.has(topic) !== true) return false;
    return down.send(downClassOf(topic), { topic, bytes });
  }

  /** Cuts a client's connection at once, if it has one; what it sent and was not told of is unsent. */
  drop(clientId: string): void {
    for (const id of [clientId, `${clientId}${urgentClientSuffix}`]) {
      const client = this.#clients.get(id);
      if (client === undefined) continue;
      this.#options.logger.info("client put out", { clientId: id });
      client.conn.destroy();
    }
  }

  /** Puts out whom the rules keep out now, and lets the others go on under the limits that now hold. */
  enforce(): void {
    for (const socket of this.#sockets) {
      if (this.#isExcluded({ address: socket.remoteAddress })) socket.destroy();
    }
    for (const gate of this.#gates) {
      const vehicleId = this.#peers.get(gate)?.id;
      if (vehicleId !== undefined && this.#isExcluded({ vehicleId })) gate.destroy();
      else gate.lookAgain();
    }
  }

  #isExcluded(who: Parameters<TrafficGate["exclusionOf"]>[0]): boolean {
    const { traffic, logger } = this.#options;
    const exclusion = traffic.exclusionOf(who);
    if (exclusion === undefined) return false;
    traffic.count(exclusion);
    logger.debug("kept out", { code: exclusion, ...who });
    return true;
  }

  /** Closes the port and every connection. */
  async close(): Promise<void> {
    const closed = Promise.all(
      this.#servers.map((server) => new Promise((resolve) => server.close(resolve))),
    );
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
    for (const server of this.#servers) this.#wireServer(server);
    this.#wireBroker(inFlight);
  }

  #wireServer(server: Server): void {
    server.on("connection", (socket: Socket) => {
      if (this.#isExcluded({ address: socket.remoteAddress })) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on("secureConnection", (socket) => this.#accept(socket));
    const { logger, turnedAway } = this.#options;
    server.on("tlsClientError", (thrown: Error & { code?: string }) => {
      // Whoever hangs up without a word only looked whether somebody listens, as vehicles do.
      if (thrown.code === "ECONNRESET") return;
      turnedAway();
      logger.debug("handshake failed", { code: thrown.code, reason: thrown.message });
    });
  }

  #wireBroker(inFlight: InFlight): void {
    const { logger } = this.#options;
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
      done(null, !withWill.has(client) && this.#mayConnect(peer, client));
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
      // What was parsed already of a connection that was cut is no longer taken.
      if (gate.destroyed) return done(new Error("put out"));
      const settle = inFlight.begin({ gate, length_bytes: bytes.length });
      // The broker goes on to send it to whoever reads its topic: a vehicle could speak for the unit.
      packet.topic = nowhere;
      packet.payload = Buffer.alloc(0);
      const sender = vehicleOf(client.id);
      this.#options.take({ sender, topic, bytes }).then(
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
      if (!this.#mayConnect(peer, client)) client.conn.destroy();
      else if (peer?.role === "vehicle") {
        this.#options.traffic.connected(peer.id);
        // Alarms have an allowance of their own: they do not wait for their vehicle's telemetry.
        (client.conn as GatedSocket).use(this.#options.traffic.allowanceOf(client.id));
      }
      this.#clients.set(client.id, client);
      this.#down.set(client.id, downQueueOf(client));
      this.#subscribed.delete(client.id);
      if (peer?.role === "operator") {
        this.#operators.add(client.id);
      }
    });
    this.#aedes.on("clientDisconnect", (client) => {
      if (this.#clients.get(client.id) !== client) return;
      this.#clients.delete(client.id);
      this.#down.delete(client.id);
      this.#operators.delete(client.id);
      this.#subscribed.delete(client.id);
    });
    this.#aedes.on("unsubscribe", (topics, client) => {
      if (this.#clients.get(client.id) !== client) return;
      for (const topic of topics) this.#subscribed.get(client.id)?.delete(topic);
    });
  }

  #mayConnect(peer: PeerIdentity | undefined, client: Client): boolean {
    if (peer === undefined || !this.#options.mayConnect({ peer, clientId: client.id }))
      return false;
    const { address } = client.conn as GatedSocket;
    return !this.#isExcluded({ vehicleId: peer.id, address });
  }

  #subscriptions(clientId: string): Set<string> {
    const known = this.#subscribed.get(clientId);
    if (known !== undefined) return known;
    const fresh = new Set<string>();
    this.#subscribed.set(clientId, fresh);
    return fresh;
  }

  #accept(socket: TLSSocket): void {
    const gate: GatedSocket = new GatedSocket({
      socket,
      limits,
      allowance: this.#options.traffic.strangersAllowance(),
      clock: this.#options.clock,
      exceeded: this.#options.exceeded,
      throttled: () => {
        const vehicle = this.#peers.get(gate);
        if (vehicle?.role === "vehicle") this.#options.traffic.throttled(vehicle.id);
      },
    });
    this.#gates.add(gate);
    gate.once("close", () => this.#gates.delete(gate));
    const peer = peerOf(socket);
    // Whose certificate is revoked hears from the broker that nobody knows it.
    const isRevoked = this.#options.tls.revocations?.isRevoked(socket) === true;
    if (peer !== undefined && !isRevoked) this.#peers.set(gate, peer);
    this.#aedes.handle(gate);
  }
}

/** The vehicle behind a client of either of its connections. */
function vehicleOf(clientId: string): string {
  return clientId.endsWith(urgentClientSuffix)
    ? clientId.slice(0, -urgentClientSuffix.length)
    : clientId;
}

function downQueueOf(client: Client): DownQueue {
  return new DownQueue({
    outlet: client.conn,
    write: ({ topic, bytes }) => {
      // QoS 0: the session is clean, so a higher one could promise no more; receipts can be asked for
      // again by resending, and a command has an acknowledgement of its own.
      const packet = { cmd: "publish", topic, qos: 0, dup: false, retain: false } as const;
      client.publish({ ...packet, payload: Buffer.from(bytes) }, () => {});
    },
  });
}

function downClassOf(topic: string): DownClass {
  const parsed = parseTopic(topic);
  if (parsed?.direction !== "down") return "bulk";
  if (parsed.kind === "command") return "command";
  return parsed.kind === "receipt" ? "telemetry" : "bulk";
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

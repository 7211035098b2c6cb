import { connect, type TLSSocket } from "node:tls";
import { clientTls, type TlsIdentity } from "@voltfog/runtime/node";
import { type Incoming, PacketReader } from "./packet-reader.ts";
import { connectPacket, disconnectPacket, subscribePacket } from "./packets.ts";

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Who connects: all brokers ask for a certificate, and show one for `brokerId` themselves. */
export interface Login {
  readonly clientId: string;
  readonly identity: TlsIdentity;
}

/** Every broker takes the unit's place, under its id. */
export const brokerId = "unit-1";

/**
 * The least that a client of a bench needs of MQTT 3.1.1 over mutual TLS: connect, subscribe, write ready packets,
 * hear answers. The same code talks to every broker, so that none pays for a slower client.
 */
export class MqttConnection {
  readonly #socket: TLSSocket;
  #take: (packet: Incoming) => void = () => {};
  #broken: (reason: Error) => void = () => {};

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
  }

  /** Resolves when the broker accepted the login. */
  static async open(target: Target, login: Login): Promise<MqttConnection> {
    const socket = connect({ ...target, ...clientTls(login.identity, brokerId) });
    socket.setNoDelay(true);
    const connection = new MqttConnection(socket);
    const reader = new PacketReader();
    socket.on("data", (chunk: Buffer) => reader.read(chunk, (packet) => connection.#take(packet)));
    socket.on("error", (thrown) => connection.#broken(thrown));
    socket.on("close", () => connection.#broken(new Error("the broker closed the connection")));
    socket.write(connectPacket(login.clientId));
    const answer = await connection.#answer("connack");
    if (answer.code === 0) return connection;
    throw new Error(`the broker refused ${login.clientId} with code ${answer.code}`);
  }

  /** Resolves when every topic was granted. */
  async subscribe(topics: readonly string[], qos: 0 | 1): Promise<void> {
    this.#socket.write(subscribePacket({ topics, qos, id: 1 }));
    const { codes } = await this.#answer("suback");
    if (codes.some((code) => code === 0x80)) throw new Error(`no leave to read ${topics.join()}`);
  }

  /** From now on packets and the loss of the connection go here. */
  listen(o: { take: (packet: Incoming) => void; broken: (reason: Error) => void }): void {
    this.#take = o.take;
    this.#broken = o.broken;
  }

  write(packet: Uint8Array): void {
    this.#socket.write(packet);
  }

  /** Gathers what is written until {@link uncork} into one write to the network. */
  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  close(): void {
    this.#broken = () => {};
    this.#socket.end(disconnectPacket);
  }

  #answer<K extends Incoming["kind"]>(kind: K): Promise<Extract<Incoming, { kind: K }>> {
    return new Promise((resolve, reject) => {
      this.listen({
        take: (packet) => {
          if (packet.kind === kind) resolve(packet as Extract<Incoming, { kind: K }>);
        },
        broken: reject,
      });
    });
  }
}

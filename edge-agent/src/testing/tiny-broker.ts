import type { Socket } from "node:net";
import { createServer, type Server } from "node:tls";
import { peerOf, serverTls, type TlsIdentity } from "@voltfog/runtime/node";

/** One PUBLISH as it arrived. */
export interface Published {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/**
 * The few packets of MQTT 3.1.1 that a vehicle uses, for tests: it accepts or refuses connections,
 * acknowledges when told, and can drop everybody. Not a broker for anything else.
 */
export class TinyBroker {
  readonly published: Published[] = [];
  /** Ids in the certificates that clients showed, by the name that they gave. */
  readonly certificates: Map<string, string> = new Map();
  /** Return code of CONNACK. */
  connectCode = 0;
  /** Whether a PUBLISH is answered at once. */
  acknowledges = true;
  readonly #server: Server;
  #sockets = new Map<Socket, string>();
  #waiting: (() => void)[] = [];

  constructor(identity: TlsIdentity) {
    this.#server = createServer(serverTls(identity), (socket) => {
      const peer = peerOf(socket)?.id ?? "";
      this.#serve(socket, (clientId) => this.certificates.set(clientId, peer));
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get clients(): readonly string[] {
    return [...this.#sockets.values()].filter((id) => id !== "");
  }

  /** Resolves as soon as the condition holds; it is looked at after every packet. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (condition()) resolve();
        else this.#waiting.push(look);
      };
      look();
    });
  }

  send(clientId: string, topic: string, payload: Uint8Array): void {
    const name = Buffer.from(topic);
    const body = Buffer.concat([u16(name.length), name, u16(1), payload]);
    for (const [socket, id] of this.#sockets) if (id === clientId) socket.write(packet(0x32, body));
  }

  dropAll(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket, named: (clientId: string) => void): void {
    this.#sockets.set(socket, "");
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let taken = takePacket(rest); taken !== undefined; taken = takePacket(rest)) {
        rest = rest.subarray(taken.length);
        this.#answer({ socket, named }, taken.first, taken.body);
      }
      this.#look();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#look();
    });
  }

  #look(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  #answer(
    { socket, named }: { socket: Socket; named: (clientId: string) => void },
    first: number,
    body: Buffer,
  ): void {
    switch (first >> 4) {
      case 1: {
        // Behind the protocol name, level, flags and keep-alive.
        const [clientId = ""] = strings(body.subarray(10));
        this.#sockets.set(socket, this.connectCode === 0 ? clientId : "");
        named(clientId);
        socket.write(packet(0x20, Buffer.from([0, this.connectCode])));
        return;
      }
      case 3: {
        const end = 2 + body.readUInt16BE(0);
        const topic = body.toString("utf8", 2, end);
        const payload = new Uint8Array(body.subarray(end + 2));
        this.published.push({ clientId: this.#sockets.get(socket) ?? "", topic, payload });
        if (this.acknowledges) socket.write(packet(0x40, body.subarray(end, end + 2)));
        return;
      }
      case 8: {
        const granted = Buffer.alloc(3, 1);
        socket.write(packet(0x90, Buffer.concat([body.subarray(0, 2), granted])));
        return;
      }
      case 12:
        socket.write(packet(0xd0, Buffer.alloc(0)));
        return;
      default:
    }
  }
}

function strings(body: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at + 2 <= body.length; ) {
    const end = at + 2 + body.readUInt16BE(at);
    texts.push(body.toString("utf8", at + 2, end));
    at = end;
  }
  return texts;
}

function packet(first: number, body: Uint8Array): Buffer {
  const length: number[] = [];
  for (let left = body.length; ; ) {
    const more = left >= 128 ? 128 : 0;
    length.push((left % 128) + more);
    left = Math.floor(left / 128);
    if (more === 0) break;
  }
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

function takePacket(bytes: Buffer): { first: number; body: Buffer; length: number } | undefined {
  let length = 0;
  for (let i = 1; i < 5; i++) {
    const byte = bytes[i];
    if (byte === undefined) return undefined;
    length += (byte & 127) * 128 ** (i - 1);
    if (byte >= 128) continue;
    const end = 1 + i + length;
    if (bytes.length < end) return undefined;
    return { first: bytes[0] ?? 0, body: bytes.subarray(1 + i, end), length: end };
  }
  return undefined;
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

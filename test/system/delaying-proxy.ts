import { createConnection, createServer, type Server, type Socket } from "node:net";

/**
 * Passes TCP on to a port of this machine, every chunk later by the delay that then holds. While it is cut,
 * nothing passes and nobody is told; connections of that time end when it is whole again.
 */
export class DelayingProxy {
  delay_ms = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(target: number) {
    this.#server = createServer((from) => {
      const to = createConnection({ host: "127.0.0.1", port: target });
      this.#pass(from, to);
      this.#pass(to, from);
    });
  }

  static async to(target: number): Promise<DelayingProxy> {
    const proxy = new DelayingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on("error", () => to.destroy());
    from.on("data", (chunk) => {
      if (this.#isCut) return;
      setTimeout(() => to.write(chunk), this.delay_ms);
    });
    from.on("close", () => {
      this.#sockets.delete(from);
      setTimeout(() => to.end(), this.delay_ms);
    });
  }
}

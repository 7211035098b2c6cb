import { createConnection, createServer, type Server, type Socket } from "node:net";

const host = "127.0.0.1";
const step_ms = 20;

/** A network link in front of a port on this machine, which a test cuts, mutes and slows down. */
export class Link {
  readonly port: number;
  /** Bytes that passed towards the unit. */
  up_bytes = 0;
  /** How often somebody had to wait for a slow link. */
  waits = 0;
  /** Connections that were made over it, those that only measure the way included. */
  connections = 0;
  readonly #server: Server;
  readonly #target: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isCut = false;
  #isMute = false;
  #rate_bytes = Number.POSITIVE_INFINITY;

  private constructor(options: { server: Server; port: number; target: number }) {
    this.#server = options.server;
    this.port = options.port;
    this.#target = options.target;
    this.#server.on("connection", (socket) => this.#accept(socket));
  }

  static async open(target: number): Promise<Link> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return new Link({ server, port, target });
  }

  /** Ends every connection and takes no new one. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** What comes from the unit is lost from now on; what goes there passes. Ends with a cut. */
  mute(): void {
    this.#isMute = true;
  }

  mend(): void {
    this.#isCut = false;
    this.#isMute = false;
  }

  /** Bytes per second and direction, all connections together. */
  slowTo(rate_bytes: number): void {
    this.#rate_bytes = rate_bytes;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    this.connections++;
    const far = createConnection({ host, port: this.#target, allowHalfOpen: true });
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const drop = (): void => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", drop);
      socket.on("close", drop);
    }
    this.#carry({ from: near, to: far, passes: () => true, counts: true });
    this.#carry({ from: far, to: near, passes: () => !this.#isMute, counts: false });
  }

  readonly #free_ms = { up: 0, down: 0 };

  /** Hands on what comes, in order, each part after the time that the link needs for it. */
  #carry(way: { from: Socket; to: Socket; passes: () => boolean; counts: boolean }): void {
    const { from, to } = way;
    const direction = way.counts ? "up" : "down";
    from.on("data", (chunk: Buffer) => {
      if (!way.passes()) return;
      if (way.counts) this.up_bytes += chunk.length;
      const now_ms = performance.now();
      const start_ms = Math.max(now_ms, this.#free_ms[direction]);
      this.#free_ms[direction] = start_ms + (1000 * chunk.length) / this.#rate_bytes;
      const wait_ms = this.#free_ms[direction] - now_ms;
      if (wait_ms < step_ms) {
        to.write(chunk);
        return;
      }
      this.waits++;
      from.pause();
      setTimeout(() => {
        if (!to.destroyed) to.write(chunk);
        from.resume();
      }, wait_ms);
    });
    from.on("end", () => to.end());
  }
}

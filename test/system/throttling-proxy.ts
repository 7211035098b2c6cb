import { createConnection, createServer, type Server, type Socket } from "node:net";

const slice_ms = 50;

/**
 * Passes TCP on to a port of this machine. All connections together carry `rate_bytes_per_s` in either
 * direction, as one line of a site would; what waits keeps its sender waiting, not this process's memory.
 */
export class ThrottlingProxy {
  /** Infinity carries everything at once. */
  rate_bytes_per_s = Number.POSITIVE_INFINITY;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #ways: { readonly from: Socket; readonly to: Socket }[][] = [[], []];
  readonly #timer: NodeJS.Timeout;

  private constructor(target: number) {
    this.#server = createServer((from) => {
      const to = createConnection({ host: "127.0.0.1", port: target });
      this.#join({ from, to, way: 0 });
      this.#join({ from: to, to: from, way: 1 });
    });
    this.#timer = setInterval(() => {
      for (const way of this.#ways) this.#carry(way);
    }, slice_ms);
  }

  static async to(target: number): Promise<ThrottlingProxy> {
    const proxy = new ThrottlingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(pair: { from: Socket; to: Socket; way: 0 | 1 }): void {
    const { from, to, way } = pair;
    this.#sockets.add(from);
    this.#ways[way]?.push({ from, to });
    from.setNoDelay(true);
    from.on("error", () => to.destroy());
    from.on("readable", () => {
      if (this.rate_bytes_per_s === Number.POSITIVE_INFINITY) take(from, to, Number.MAX_VALUE);
    });
    from.on("end", () => to.end());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
      const pairs = this.#ways[way] ?? [];
      const at = pairs.findIndex((each) => each.from === from);
      if (at >= 0) pairs.splice(at, 1);
    });
  }

  /** One slice's bytes, shared by the connections that have any. */
  #carry(pairs: { from: Socket; to: Socket }[]): void {
    let left_bytes = (this.rate_bytes_per_s * slice_ms) / 1000;
    const busy = pairs.filter(({ from }) => from.readableLength > 0);
    for (const [at, { from, to }] of busy.entries()) {
      left_bytes -= take(from, to, left_bytes / (busy.length - at));
    }
    // Whoever was first this time is last the next.
    pairs.push(...pairs.splice(0, 1));
  }
}

function take(from: Socket, to: Socket, most_bytes: number): number {
  const size_bytes = Math.floor(Math.min(most_bytes, from.readableLength));
  const chunk = size_bytes > 0 ? (from.read(size_bytes) as Buffer | null) : null;
  if (chunk !== null) to.write(chunk);
  return chunk?.length ?? 0;
}

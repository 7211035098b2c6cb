import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/**
 * Below those that systems give to connections and listeners that name none: such a one could have the port
 * before the process for which it is meant. Above the sites' (10,000 to 26,000).
 */
const range = { from: 26_000, count: 6000 };
const host = "127.0.0.1";

/** So many different ports of loopback on which nobody listens at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  const start = randomInt(range.count);
  // All are held until the last is found, so that two who look at the same time get different ones.
  for (let i = 0; ports.length < count && i < range.count; i++) {
    const port = range.from + ((start + i) % range.count);
    const server = await holdPort(port);
    if (server === undefined) continue;
    held.push(server);
    ports.push(port);
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  if (ports.length < count) throw new Error(`only ${ports.length} of ${count} ports are free`);
  return ports;
}

/** One port of loopback on which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Listens there and takes no call; undefined when another has the port. */
export function holdPort(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

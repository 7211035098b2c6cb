import { createServer } from "node:net";

/** Below where systems take ports from that nobody asked for, so that no connection of another test has one. */
const portsFrom = 20_000;
const portsCount = 12_000;

/** Ports that nobody listens on now; each process begins at a place of its own. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  const start = (process.pid * 97) % portsCount;
  for (let i = 0; ports.length < count && i < portsCount; i++) {
    const port = portsFrom + ((start + i) % portsCount);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

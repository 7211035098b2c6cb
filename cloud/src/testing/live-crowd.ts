import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ManualClock } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import type { LiveMessage } from "../api/responses.ts";
import { LiveHub } from "../live/live-hub.ts";
import { openStream } from "../live/open-stream.ts";

/** What became of a crowd of listeners. */
export interface CrowdResult {
  /** Clients that read, and how many of them got the last message. */
  readonly readers: number;
  readonly served: number;
  /** Clients that read nothing until the end, and how many of them were dropped with a reason. */
  readonly stuck: number;
  readonly dropped: number;
  /** Messages that waited at most, over all clients, and the hub's clients at the end. */
  readonly waitingMax: number;
  readonly left: number;
}

const waitingMax = 64;
/** So large that a client that reads nothing fills every buffer between in a few rounds. */
const padding = "x".repeat(256 * 1024);
const rounds = 40;

/** A crowd on a hub over real sockets, some of whom never read: until those are dropped. */
export async function liveCrowd(o: { readers: number; stuck: number }): Promise<CrowdResult> {
  const clock = new ManualClock(1e12);
  const hub = new LiveHub({
    ...{ clientsMax: o.readers + o.stuck, waitingMax },
    ...{ sees: () => true, holds: async () => true },
  });
  const clients: { readonly waiting: number }[] = [];
  const server = createServer((_, response) => {
    const who = { vehicleId: undefined, fleet: undefined, credential: undefined };
    const client = openStream(response, { hub, clock, ...who });
    if (client === undefined) response.writeHead(503).end();
    else clients.push(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const reading = await Promise.all(Array.from({ length: o.readers }, () => listen(port)));
  const last = reading.map((response) => lastMessage(response));
  const silent = await Promise.all(Array.from({ length: o.stuck }, () => listen(port)));
  let waited = 0;
  for (let round = 0; round < rounds; round++) {
    // Only a few are large: the crowd's readers share one machine with this test.
    hub.publishAll([message(round, round < 24 && o.stuck > 0 ? padding : "")]);
    await turn();
    waited = Math.max(waited, ...clients.map(({ waiting }) => waiting));
  }
  for (let beat = 0; beat < 5; beat++) await hub.heartbeat();
  const left = hub.clients;
  const reasons = await Promise.all(silent.map(reasonOf));
  hub.publish(message(rounds, "the end"));
  hub.close();
  const ends = await Promise.all(last);
  await closed(server);
  return {
    ...{ readers: o.readers, stuck: o.stuck, left, waitingMax: waited },
    served: ends.filter((text) => text.includes("the end")).length,
    dropped: reasons.filter((text) => text.includes('"reason":"too-slow"')).length,
  };
}

function message(height: number, hash: string): LiveMessage {
  const nothing = { time_ms: 0, round: 0, transactions: 0, checkpoints: 0, events: 0 };
  const block = { height, hash, ...nothing, proposer: "", signers: [], size_bytes: 0 };
  return { type: "block", block };
}

function listen(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent: false }, resolve).once("error", reject);
  });
}

/** Reads on; resolves with the end of what came. */
function lastMessage(response: IncomingMessage): Promise<string> {
  let tail = "";
  return new Promise((resolve) => {
    response.on("data", (bytes: Buffer) => {
      tail = (tail + bytes.toString()).slice(-2000);
    });
    response.on("close", () => resolve(tail));
    response.on("error", () => resolve(tail));
  });
}

/** Begins to read only now. */
function reasonOf(response: IncomingMessage): Promise<string> {
  return lastMessage(response);
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(5, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

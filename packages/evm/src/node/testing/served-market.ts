import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What is behind the routes. */
export interface ServedChain {
  /** Evidence of these names; undefined before the first block. */
  evidence(names: readonly string[]): Uint8Array | undefined;
  /** Whether the next block may hold a transaction; then one does, unless it is to be lost. */
  take(transaction: Uint8Array, fate: { isLost: boolean }): boolean;
}

/** A market's chain behind the two routes of a validator that a watcher uses; each transaction is a block. For tests. */
export class ServedMarket {
  readonly url: string;
  readonly #server: Server;
  /** How many transactions came. */
  submitted = 0;
  /** Those that come are lost while it is true: taken, and in no block. */
  loses = false;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(chain: ServedChain): Promise<ServedMarket> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const served = new ServedMarket(server);
    server.on("request", (request, response) => void served.#answer(chain, request, response));
    return served;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(
    chain: ServedChain,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    if (url.pathname === "/v1/evidence") {
      const names = (url.searchParams.get("names") ?? "").split(",").filter((one) => one !== "");
      response.end(chain.evidence(names) ?? "");
      return;
    }
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part as Uint8Array);
    this.submitted++;
    const bytes = new Uint8Array(Buffer.concat(parts));
    const isTaken = chain.take(bytes, { isLost: this.loses });
    response.statusCode = isTaken ? 202 : 409;
    response.end("{}");
  }
}

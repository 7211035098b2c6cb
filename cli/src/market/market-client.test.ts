import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeTransaction, moduleNumber } from "@voltfog/ledger";
import { ManualClock, toHex } from "@voltfog/runtime";
import { nodeCrypto, signerOfSeed } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MarketClient } from "./market-client.ts";

const signer = signerOfSeed(nodeCrypto.sha256(Uint8Array.of(1)));
const key = toHex(signer.publicKey);
const chainId = "11".repeat(32);
const order = { module: moduleNumber.accounts, action: 4, payload: Uint8Array.of(7) };
const now_ms = 1_000_000;

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** A cloud that answers as it is told, and keeps what it was sent. */
class ScriptedCloud {
  readonly asked: { readonly path: string; readonly bytes: Uint8Array }[] = [];
  answer: (path: string) => Reply = () => ({ status: 404, body: { code: "NOT_FOUND" } });
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, reply) => {
      void bytesOf(request).then((bytes) => {
        const path = request.url ?? "";
        this.asked.push({ path, bytes });
        const { status, body } = this.answer(path);
        reply.writeHead(status, { "content-type": "application/json" });
        reply.end(JSON.stringify(body));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  transactions(): readonly Uint8Array[] {
    return this.asked
      .filter(({ path }) => path === "/v1/market/transactions")
      .map(({ bytes }) => bytes);
  }
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return new Uint8Array(Buffer.concat(parts));
}

/** A clock whose pauses are over at once. */
class HastyClock extends ManualClock {
  override after(delay_ms: number, task: () => void): () => void {
    const cancel = super.after(delay_ms, task);
    queueMicrotask(() => this.advance(delay_ms));
    return cancel;
  }
}

const final = { code: "OK", height: 9, meaning: "done", remedy: null, data: [] };
let cloud: ScriptedCloud;
let url: string;

beforeEach(async () => {
  cloud = new ScriptedCloud();
  url = await cloud.start();
});

afterEach(() => cloud.stop());

const client = (chain?: string): MarketClient =>
  new MarketClient({ url, clock: new HastyClock(now_ms), chainId: chain });
const coded = (code: string): unknown => expect.objectContaining({ code });

describe("an ordered request", () => {
  it("is signed by its own key, numbered by the clock, and waited for until it is final", async () => {
    let looks = 0;
    cloud.answer = (path) => {
      if (path === `/v1/market/accounts/${key}`)
        return { status: 200, body: { chainId, nonce: 3 } };
      if (path === "/v1/market/transactions") return { status: 202, body: { hash: "ab" } };
      looks++;
      const isFinal = looks > 2;
      return isFinal
        ? { status: 200, body: final }
        : { status: 404, body: { code: "UNKNOWN_TRANSACTION", message: "not yet" } };
    };
    expect(await client().order(signer, order)).toMatchObject({
      hash: "ab",
      code: "OK",
      height: 9,
    });
    const [bytes = new Uint8Array()] = cloud.transactions();
    const sent = decodeTransaction(bytes);
    expect(sent.ok && toHex(sent.value.sender)).toBe(key);
    expect(sent.ok && sent.value.nonce).toBe(now_ms);
  });

  it("is signed anew where another request of the key came in between, and thrice at the most", async () => {
    cloud.answer = (path) =>
      path.startsWith("/v1/market/accounts")
        ? { status: 200, body: { chainId, nonce: 2 ** 40 } }
        : { status: 409, body: { code: "TX_NONCE_STALE", message: "stale" } };
    await expect(client().order(signer, order)).rejects.toThrow(coded("TX_NONCE_STALE"));
    expect(cloud.transactions()).toHaveLength(3);
    const sent = decodeTransaction(cloud.transactions()[0] ?? new Uint8Array());
    expect(sent.ok && sent.value.nonce).toBe(2 ** 40 + 1);
  });

  it("is not signed for another chain than the account's own", async () => {
    cloud.answer = () => ({ status: 200, body: { chainId, nonce: 0 } });
    await expect(client("22".repeat(32)).order(signer, order)).rejects.toThrow(
      coded("OTHER_CHAIN"),
    );
    expect(cloud.transactions()).toEqual([]);
  });

  it("is said to be not final where no block has it in a minute; it may be later", async () => {
    cloud.answer = () => ({ status: 404, body: { code: "UNKNOWN_TRANSACTION", message: "no" } });
    await expect(client().outcomeOf("ab")).rejects.toThrow(coded("NOT_FINAL"));
  });
});

describe("a refusal of the cloud", () => {
  it("keeps its code, and has one where the cloud gives none", async () => {
    cloud.answer = () => ({ status: 503, body: { code: "MARKET_CLOSED", message: "closed" } });
    await expect(client().get("/v1/x")).rejects.toThrow(coded("MARKET_CLOSED"));
    cloud.answer = () => ({ status: 502, body: "no object" });
    await expect(client().get("/v1/x")).rejects.toThrow(coded("HTTP_502"));
  });

  it("says which token to show where the cloud asks for one", async () => {
    for (const [status, code, remedy] of [
      [401, "TOKEN_MISSING", /--token-file or VOLTFOG_TOKEN; .*voltfog token create/],
      [401, "TOKEN_REVOKED", /a token of this site that holds/],
      [403, "ROLE_REFUSED", /of a role that may/],
    ] as const) {
      cloud.answer = () => ({ status, body: { code, message: "no" } });
      const refusal = { code, remedy: expect.stringMatching(remedy) as unknown };
      await expect(client().get("/v1/x")).rejects.toThrow(expect.objectContaining(refusal));
    }
  });

  it("is CLOUD_SILENT where nothing answers", async () => {
    await cloud.stop();
    await expect(client().get("/v1/x")).rejects.toThrow(coded("CLOUD_SILENT"));
    cloud = new ScriptedCloud();
    url = await cloud.start();
  });
});

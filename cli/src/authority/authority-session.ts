import { appendFileSync } from "node:fs";
import type { MarketOverviewView } from "@voltfog/messages";
import { type Clock, type Signer, toHex } from "@voltfog/runtime";
import {
  isKeystore,
  loadSigningKey,
  nodeCrypto,
  readPassphrase,
  readSealedKey,
  signerOf,
} from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import type { MarketClient, Order, OrderOutcome } from "../market/market-client.ts";

const reasonMax = 1000;

/** Whoever holds the authority's key, at a market. */
export class AuthoritySession {
  readonly client: MarketClient;
  readonly clock: Clock;
  readonly #keyFile: string;
  readonly #passphrase: () => string;
  #signer: Signer | undefined;

  constructor(options: {
    client: MarketClient;
    clock: Clock;
    /** PKCS #8 PEM, or a keystore. */
    keyFile: string;
    passphrase: () => string;
  }) {
    this.client = options.client;
    this.clock = options.clock;
    this.#keyFile = options.keyFile;
    this.#passphrase = options.passphrase;
  }

  /** Signs, sends and waits until it is final. KEY_UNREADABLE, AUTHORITY_OTHER. */
  async order(order: Order): Promise<OrderOutcome> {
    const signer = await this.#authority();
    return this.client.order(signer, order);
  }

  async overview(): Promise<MarketOverviewView> {
    return (await this.client.get("/v1/market/overview")) as MarketOverviewView;
  }

  /**
   * The hash of a reason, which is all that the chain has of it. The text is kept in a file beside the key,
   * so that who is asked later can show it. REASON_INVALID.
   */
  reasonHash(text: string): Uint8Array {
    const reason = text.trim();
    if (reason === "" || reason.length > reasonMax) {
      throw complaint({
        code: "REASON_INVALID",
        what: `a reason has 1 to ${reasonMax} characters`,
        remedy: "say why, so that it can be looked up later",
      });
    }
    const hash = nodeCrypto.sha256(new TextEncoder().encode(reason));
    const line = { hash: toHex(hash), reason, time_ms: this.clock.wall_ms() };
    appendFileSync(`${this.#keyFile}.reasons.jsonl`, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    return hash;
  }

  async #authority(): Promise<Signer> {
    if (this.#signer !== undefined) return this.#signer;
    const signer = isKeystore(this.#keyFile)
      ? signerOf(readSealedKey(this.#keyFile, this.#passphrase()))
      : loadSigningKey(this.#keyFile);
    const { authority } = await this.overview();
    if (authority !== toHex(signer.publicKey)) {
      throw complaint({
        code: "AUTHORITY_OTHER",
        what: `${this.#keyFile} is not the key that the validators named`,
        remedy: "name the authority's key with --key; on a site it is keys/market.key",
      });
    }
    this.#signer = signer;
    return signer;
  }
}

/** The passphrase of a sealed key: a file's first line, or VOLTFOG_PASSPHRASE. */
export function passphraseFor(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): () => string {
  return () => readPassphrase({ file: file ?? "", environment });
}

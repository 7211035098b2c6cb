import type { MarketOverviewView } from "@voltfog/messages";
import { type Signer, toHex } from "@voltfog/runtime";
import { isKeystore, loadSigningKey, readSealedKey, signerOf } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import type { MarketClient, Order, OrderOutcome } from "../market/market-client.ts";

/** A charge-point operator of the union, by its key, at a market. */
export class OperatorSession {
  readonly client: MarketClient;
  readonly #keyFile: string;
  readonly #passphrase: () => string;
  #known: { readonly organisation: string; readonly signer: Signer } | undefined;

  constructor(options: {
    client: MarketClient;
    /** PKCS #8 PEM, or a keystore. */
    keyFile: string;
    passphrase: () => string;
  }) {
    this.client = options.client;
    this.#keyFile = options.keyFile;
    this.#passphrase = options.passphrase;
  }

  /** Signs, sends and waits until it is final. KEY_UNREADABLE, OPERATOR_UNKNOWN. */
  async order(order: Order): Promise<OrderOutcome> {
    const { signer } = await this.#operator();
    return this.client.order(signer, order);
  }

  /** The organisation whose operator's key this is. KEY_UNREADABLE, OPERATOR_UNKNOWN. */
  async organisation(): Promise<string> {
    return (await this.#operator()).organisation;
  }

  async #operator(): Promise<{ readonly organisation: string; readonly signer: Signer }> {
    if (this.#known !== undefined) return this.#known;
    const signer = isKeystore(this.#keyFile)
      ? signerOf(readSealedKey(this.#keyFile, this.#passphrase()))
      : loadSigningKey(this.#keyFile);
    const { union } = (await this.client.get("/v1/market/overview")) as MarketOverviewView;
    const key = toHex(signer.publicKey);
    const operator = union.operators.find((one) => one.key === key && !one.left);
    if (operator === undefined) {
      const names = union.operators.map(({ organisation }) => organisation).join(", ");
      throw complaint({
        code: "OPERATOR_UNKNOWN",
        what: `${this.#keyFile} is no operator's key of this union (${names || "it has none"})`,
        remedy: "name the key that the organisation joined with, by --key or --organisation",
      });
    }
    this.#known = { organisation: operator.organisation, signer };
    return this.#known;
  }
}

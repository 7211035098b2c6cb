import type { TransactionDetailView } from "@voltfog/messages";
import { ApiError, getJson, postBytes } from "../api/client.ts";
import type { Order, SignedOrder } from "./sign-order.ts";
import { wallet } from "./wallet.svelte.ts";

/** After that long the page stops asking; the transaction may still become final. */
const patience_ms = 60_000;
const ask_ms = 700;

export type SendingState =
  | { readonly step: "idle" }
  | { readonly step: "signing" }
  | { readonly step: "waiting"; readonly hash: string }
  | { readonly step: "final"; readonly hash: string; readonly outcome: TransactionDetailView }
  | { readonly step: "unknown"; readonly hash: string }
  | { readonly step: "refused"; readonly code: string; readonly message: string };

/** One transaction on its way: signed here, relayed by the cloud, final in a block. */
export class Sending {
  state: SendingState = $state.raw({ step: "idle" });
  #turn = 0;

  get isBusy(): boolean {
    return this.state.step === "signing" || this.state.step === "waiting";
  }

  clear(): void {
    this.#turn += 1;
    this.state = { step: "idle" };
  }

  /** Signs an order with the open key and sends it; whether it was done. */
  send(order: Order): Promise<boolean> {
    return this.#run(async () => {
      const { signer } = wallet;
      if (signer === undefined)
        throw new ApiError("KEY_LOCKED", "Open your key first: it signs the transaction.");
      const { signOrder } = await import("./sign-order.ts");
      const signed: SignedOrder = await signOrder(order, signer);
      await postBytes<{ hash: string }>("/v1/market/transactions", signed.bytes);
      return signed.hash;
    });
  }

  /** Follows a transaction that the cloud itself makes, such as a simulated payment. */
  follow(ask: () => Promise<{ readonly transaction: string }>): Promise<boolean> {
    return this.#run(async () => (await ask()).transaction);
  }

  async #run(start: () => Promise<string>): Promise<boolean> {
    this.#turn += 1;
    const turn = this.#turn;
    const say = (state: SendingState): void => {
      if (turn === this.#turn) this.state = state;
    };
    say({ step: "signing" });
    try {
      const hash = await start();
      say({ step: "waiting", hash });
      const outcome = await finalOutcome(hash, () => turn === this.#turn);
      say(outcome === undefined ? { step: "unknown", hash } : { step: "final", hash, outcome });
      return outcome?.code === "OK";
    } catch (thrown) {
      const [code, message] =
        thrown instanceof ApiError ? [thrown.code, thrown.message] : ["UNEXPECTED", String(thrown)];
      say({ step: "refused", code, message });
      return false;
    }
  }
}

async function finalOutcome(
  hash: string,
  isAsked: () => boolean,
): Promise<TransactionDetailView | undefined> {
  const end_ms = Date.now() + patience_ms;
  while (isAsked() && Date.now() < end_ms) {
    try {
      return await getJson<TransactionDetailView>(`/v1/transactions/${hash}`);
    } catch (thrown) {
      const isOpen =
        thrown instanceof ApiError &&
        (thrown.code === "UNKNOWN_TRANSACTION" || thrown.code === "UNREACHABLE");
      if (!isOpen) throw thrown;
    }
    await new Promise((resolve) => setTimeout(resolve, ask_ms));
  }
  return undefined;
}

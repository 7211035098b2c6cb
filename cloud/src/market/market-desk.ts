import {
  accountAction,
  encodeDeposit,
  encodeOpening,
  handleHashOf,
  isAuthority,
  isOpened,
  keyOfHandle,
  type StateTree,
  verifyOpening,
} from "@voltfog/ledger";
import { type Crypto, type Random, toHex } from "@voltfog/runtime";
import type { MarketReading, MarketSettings } from "./market-reading.ts";
import { MarketRefusal } from "./market-refusal.ts";
import type { Sponsor } from "./sponsor.ts";
import type { RelayAnswer, ValidatorRelay } from "./validator-relay.ts";

export interface MarketDeskOptions {
  /** MARKET_UNREAD (503) until the store's chain was executed once. */
  readonly reading: () => MarketReading;
  readonly relay: ValidatorRelay;
  /** undefined where the desk has no key: then it only reads and relays nothing of its own. */
  readonly sponsor: Sponsor | undefined;
  readonly settings: MarketSettings;
  readonly crypto: Crypto;
  readonly random: Random;
}

/**
 * The market's desk: vouches for new accounts and credits simulated payments under its own key, hands on what
 * others signed, and answers out of the followed chain. It decides nothing that the chain decides: what it
 * refuses early, the chain would refuse too.
 */
export class MarketDesk {
  readonly #options: MarketDeskOptions;

  constructor(options: MarketDeskOptions) {
    this.#options = options;
  }

  /** Hands on what somebody signed. MARKET_UNREACHABLE; MARKET_CLOSED without a key of the desk. */
  relay(transaction: Uint8Array): Promise<RelayAnswer> {
    this.#sponsor();
    return this.#options.relay.submit(transaction);
  }

  /** Vouches for an account. KEY_TAKEN, HANDLE_TAKEN, PROOF_OF_POSSESSION_INVALID, MARKET_CLOSED. */
  async open(asked: {
    key: Uint8Array;
    handle: string;
    possession: Uint8Array;
  }): Promise<RelayAnswer> {
    const { crypto } = this.#options;
    const { state, chain } = this.#options.reading();
    const sponsor = this.#authority(state);
    const { key, possession } = asked;
    const opening = { key, possession, handleHash: handleHashOf(asked.handle, crypto) };
    const { chainId } = chain.genesis;
    if (isOpened(state, key)) throw conflict("KEY_TAKEN", "this key opened an account before");
    if (keyOfHandle(state, opening.handleHash) !== undefined) {
      throw conflict("HANDLE_TAKEN", "somebody has this handle");
    }
    if (!verifyOpening({ opening, chainId, crypto })) {
      const code = "PROOF_OF_POSSESSION_INVALID";
      const message = "the key did not sign this handle for this chain";
      throw new MarketRefusal({ statusCode: 422, code, message });
    }
    const payload = encodeOpening(opening);
    return await sponsor.send(chain, { action: accountAction.open, payload });
  }

  /** Credits a simulated payment, once for an id. DEPOSITS_CLOSED, ACCOUNT_UNKNOWN, MARKET_CLOSED. */
  async deposit(asked: {
    key: Uint8Array;
    amount: number;
    depositId: Uint8Array | undefined;
  }): Promise<{ readonly answer: RelayAnswer; readonly depositId: string }> {
    const { settings, random } = this.#options;
    const { state, chain } = this.#options.reading();
    const sponsor = this.#authority(state);
    if (!settings.simulatesDeposits) {
      const message = "payments are not simulated here";
      throw new MarketRefusal({ statusCode: 503, code: "DEPOSITS_CLOSED", message });
    }
    const { key: account, amount } = asked;
    if (!isOpened(state, account)) {
      const message = "no account was opened with this key";
      throw new MarketRefusal({ statusCode: 404, code: "ACCOUNT_UNKNOWN", message });
    }
    const depositId = asked.depositId ?? random.bytes(32);
    const payload = encodeDeposit({ account, amount, depositId });
    const answer = await sponsor.send(chain, { action: accountAction.deposit, payload });
    return { answer, depositId: toHex(depositId) };
  }

  #sponsor(): Sponsor {
    const { sponsor } = this.#options;
    if (sponsor !== undefined) return sponsor;
    throw closed("this cloud has no key for the market (marketKey)");
  }

  #authority(state: StateTree): Sponsor {
    const sponsor = this.#sponsor();
    if (isAuthority(state, sponsor.key)) return sponsor;
    throw closed("the validators have not named this desk's key as the authority");
  }
}

function closed(message: string): MarketRefusal {
  return new MarketRefusal({ statusCode: 503, code: "MARKET_CLOSED", message });
}

function conflict(code: string, message: string): MarketRefusal {
  return new MarketRefusal({ statusCode: 409, code, message });
}

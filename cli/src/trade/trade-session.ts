import { existsSync } from "node:fs";
import type { MarketAccountView, MarketOverviewView } from "@voltfog/messages";
import { type Clock, type Random, type Signer, toHex } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { MarketClient, type Order, type OrderOutcome } from "../market/market-client.ts";
import type { WalletFolder, WalletNote } from "./wallet-folder.ts";

/** Where a passphrase comes from: a file or the environment for scripts, the keyboard for people. */
export type PassphraseSource = (why: "new" | "open") => Promise<string>;

/**
 * One person at the market: a cloud to talk to and a folder with their keys. A key is opened when it is
 * needed first, and stays open until the session ends.
 */
export class TradeSession {
  readonly wallet: WalletFolder;
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly #token: string | undefined;
  readonly #passphrase: PassphraseSource;
  #handle: string | undefined;
  #signer: Signer | undefined;

  constructor(options: {
    url: string;
    wallet: WalletFolder;
    passphrase: PassphraseSource;
    clock: Clock;
    random: Random;
    token: string | undefined;
    /** Whose account; who is logged in where it is not told. */
    handle: string | undefined;
  }) {
    this.url = options.url;
    this.wallet = options.wallet;
    this.clock = options.clock;
    this.random = options.random;
    this.#token = options.token;
    this.#passphrase = options.passphrase;
    this.#handle = options.handle;
  }

  /** The cloud's market; it must speak for the chain of whoever is logged in. */
  get client(): MarketClient {
    const handle = this.#handle ?? this.wallet.current();
    const chainId = handle === undefined ? undefined : this.wallet.note(handle)?.chainId;
    return this.#clientFor(chainId);
  }

  #clientFor(chainId: string | undefined): MarketClient {
    return new MarketClient({ url: this.url, token: this.#token, clock: this.clock, chainId });
  }

  /** Whose account it is. NOT_LOGGED_IN. */
  get handle(): string {
    const handle = this.#handle ?? this.wallet.current();
    if (handle !== undefined) return handle;
    throw complaint({
      code: "NOT_LOGGED_IN",
      what: "nobody is logged in",
      remedy: "register with voltfog trade register, or log in with voltfog trade login",
    });
  }

  /** What the wallet knows of who is logged in. NOT_REGISTERED where the registration did not end well. */
  get note(): WalletNote {
    const note = this.wallet.note(this.handle);
    if (note !== undefined) return note;
    throw complaint({
      code: "NOT_REGISTERED",
      what: `${this.handle} has no account that this wallet knows of`,
      remedy: `run voltfog trade register ${this.handle}`,
    });
  }

  /** Opens a key and is that user from here on; the sealed file must open. */
  async login(handle: string): Promise<Signer> {
    const signer = this.wallet.open(handle, await this.#passphrase("open"));
    this.become(handle, signer);
    return signer;
  }

  /** Makes a key, or opens the one that an earlier try made. */
  async newKey(handle: string): Promise<Signer> {
    const signer = this.wallet.has(handle)
      ? this.wallet.open(handle, await this.#passphrase("open"))
      : this.wallet.create(handle, await this.#passphrase("new"));
    this.become(handle, signer);
    return signer;
  }

  become(handle: string, signer: Signer): void {
    this.#handle = handle;
    this.#signer = signer;
  }

  /** The user's own key. */
  async signer(): Promise<Signer> {
    return this.#signer ?? (await this.login(this.handle));
  }

  /** The secret of the user's key in groups that confirm, which is no account's. */
  async ringSecret(isNew: boolean): Promise<Uint8Array> {
    const { handle } = this;
    const isMade = isNew && !existsSync(this.wallet.ringFile(handle));
    return this.wallet.ringSecret(handle, await this.#passphrase(isMade ? "new" : "open"), isNew);
  }

  /** The chain of the user's account; for who has none the cloud's word. */
  async chainId(): Promise<string> {
    const known = this.wallet.note(this.handle)?.chainId;
    return known ?? (await this.overview()).chainId;
  }

  /** Signs, sends and waits until it is final. */
  async order(order: Order): Promise<OrderOutcome> {
    const { chainId } = this.note;
    return this.#clientFor(chainId).order(await this.signer(), order);
  }

  async account(): Promise<MarketAccountView> {
    return (await this.client.get(`/v1/market/accounts/${this.note.key}`)) as MarketAccountView;
  }

  async overview(): Promise<MarketOverviewView> {
    return (await this.client.get("/v1/market/overview")) as MarketOverviewView;
  }

  /** A fresh id of 16 bytes, lower-case hex. */
  newId(): string {
    return toHex(this.random.bytes(16));
  }
}

import type { portableSigner } from "@voltfog/ledger";
import { hex } from "../verification/hex.ts";

export type Signer = ReturnType<typeof portableSigner>;

const place = "voltfog.wallet";
/** Shorter ones are guessed from a stolen file. */
export const passphraseMin = 10;

interface Kept {
  /** Public key, hex. */
  readonly key: string;
  /** Text of the sealed key. */
  readonly keystore: string;
}

/**
 * The driver's own key. It is made in this browser and never leaves it: kept only sealed with a passphrase,
 * and open only in this tab, until the tab is closed or the key is locked.
 */
class Wallet {
  /** Public key, hex; undefined without a key. */
  key: string | undefined = $state(undefined);
  /** Whether transactions can be signed now. */
  isOpen: boolean = $state(false);
  /** Whether the browser keeps it, sealed; if not it is gone with the tab. */
  isKept: boolean = $state(false);
  #signer: Signer | undefined;
  #keystore: string | undefined;

  constructor() {
    const kept = readKept();
    this.key = kept?.key;
    this.#keystore = kept?.keystore;
    this.isKept = kept !== undefined;
  }

  /** Browsers seal nothing for a page without https (or the own machine's). */
  get canSeal(): boolean {
    return isSecureContext && crypto.subtle !== undefined;
  }

  /** The sealed key as a file's text; undefined where it was never sealed. */
  get keystore(): string | undefined {
    return this.key === undefined ? undefined : this.#keystore;
  }

  get signer(): Signer | undefined {
    return this.#signer;
  }

  /** A new key; without a passphrase it lives in this tab alone. */
  async make(passphrase: string | undefined): Promise<void> {
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const { sealSeed } = await import("./keystore.ts");
    const keystore = passphrase === undefined ? undefined : await sealSeed(seed, passphrase);
    await this.#take(seed, keystore);
  }

  /** Opens the kept key; a sentence where it does not. */
  async open(passphrase: string): Promise<string | undefined> {
    return this.takeFile(this.#keystore ?? "", passphrase);
  }

  /** Takes a key from a keystore file and keeps it; a sentence where it does not open. */
  async takeFile(text: string, passphrase: string): Promise<string | undefined> {
    const { openSealedSeed } = await import("./keystore.ts");
    const seed = await openSealedSeed(text, passphrase);
    if (seed === "KEYSTORE_DAMAGED")
      return "KEYSTORE_DAMAGED: this is no key file of version 1 with an Ed25519 key.";
    if (seed === "PASSPHRASE_WRONG")
      return "PASSPHRASE_WRONG: the key does not open with this passphrase.";
    await this.#take(seed, text);
    return undefined;
  }

  lock(): void {
    this.#signer = undefined;
    this.isOpen = false;
    if (!this.isKept) this.key = undefined;
  }

  /** Takes the key out of this browser. Without its file and passphrase nobody signs for it again. */
  forget(): void {
    this.#signer = undefined;
    this.#keystore = undefined;
    this.isOpen = false;
    this.isKept = false;
    this.key = undefined;
    try {
      localStorage.removeItem(place);
    } catch {
      // Nothing was kept in a browser that refuses all storage.
    }
  }

  async #take(seed: Uint8Array, keystore: string | undefined): Promise<void> {
    const { portableSigner } = await import("@voltfog/ledger");
    this.#signer = portableSigner(seed);
    this.#keystore = keystore;
    const key = hex(this.#signer.publicKey);
    this.isKept = keystore !== undefined && keep({ key, keystore });
    this.key = key;
    this.isOpen = true;
  }
}

function keep(kept: Kept): boolean {
  try {
    localStorage.setItem(place, JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
}

function readKept(): Kept | undefined {
  try {
    const { key, keystore } = JSON.parse(localStorage.getItem(place) ?? "{}") as Partial<Kept>;
    if (typeof key !== "string" || !/^[0-9a-f]{64}$/.test(key)) return undefined;
    return typeof keystore === "string" ? { key, keystore } : undefined;
  } catch {
    return undefined;
  }
}

export const wallet: Wallet = new Wallet();

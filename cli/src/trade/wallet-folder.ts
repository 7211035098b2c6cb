import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Signer } from "@voltfog/runtime";
import { readSealedKey, replaceFileSync, signerOf, writeSealedKey } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readJsonObject } from "../input-file.ts";

/** What a wallet remembers of its user beside the sealed key: nothing of it is secret. */
export interface WalletNote {
  readonly version: 1;
  readonly handle: string;
  /** Its public key. */
  readonly key: string;
  /** The chain that the account is on. */
  readonly chainId: string;
  readonly url: string;
  /** Key files of the vehicles that were linked here, by their device keys. */
  readonly vehicles: Readonly<Record<string, string>>;
}

/** 3 to 32 of lower-case letters, digits and hyphens: a pseudonym, kept by the cloud and never on the chain. */
const handlePattern = /^[a-z0-9-]{3,32}$/;

/** The folder of a user's keys: --wallet, VOLTFOG_WALLET, or .voltfog-wallet at home. */
export function walletFolder(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return flag ?? environment["VOLTFOG_WALLET"] ?? join(homedir(), ".voltfog-wallet");
}

/** HANDLE_INVALID for anything that is no handle. */
export function parseHandle(text: string): string {
  if (handlePattern.test(text)) return text;
  throw complaint({
    code: "HANDLE_INVALID",
    what: `${JSON.stringify(text)} is no handle`,
    remedy:
      "use 3 to 32 lower-case letters, digits and hyphens: a name that does not tell who you are",
  });
}

/**
 * One person's keys, one sealed file for each handle, and who is logged in. Whoever has the folder but not
 * the passphrase has nothing that signs.
 */
export class WalletFolder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  keyFile(handle: string): string {
    return join(this.#root, `${handle}.key.json`);
  }

  has(handle: string): boolean {
    return existsSync(this.keyFile(handle));
  }

  /** Makes a key and seals it; KEY_EXISTS where this handle has one here. */
  create(handle: string, passphrase: string): Signer {
    if (this.has(handle)) {
      throw complaint({
        code: "KEY_EXISTS",
        what: `${this.keyFile(handle)} is there already`,
        remedy: `log in with voltfog trade login ${handle}, or choose another handle`,
      });
    }
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync("ed25519");
    writeSealedKey(this.keyFile(handle), privateKey, passphrase);
    return signerOf(privateKey);
  }

  /** KEY_UNKNOWN, KEYSTORE_DAMAGED, PASSPHRASE_WRONG. */
  open(handle: string, passphrase: string): Signer {
    if (!this.has(handle)) {
      throw complaint({
        code: "KEY_UNKNOWN",
        what: `${this.#root} holds no key of ${handle}`,
        remedy: "register first, or name the folder of your keys with --wallet",
      });
    }
    return signerOf(readSealedKey(this.keyFile(handle), passphrase));
  }

  /**
   * The secret of a handle's key in groups that confirm, 32 bytes; a new one is made and sealed where there
   * is none and `isNew` says so. RING_KEY_UNKNOWN, KEYSTORE_DAMAGED, PASSPHRASE_WRONG.
   */
  ringSecret(handle: string, passphrase: string, isNew: boolean): Uint8Array {
    const path = this.ringFile(handle);
    if (!existsSync(path)) {
      if (!isNew) {
        throw complaint({
          code: "RING_KEY_UNKNOWN",
          what: `${this.#root} holds no key of ${handle} for groups`,
          remedy: "make one with voltfog trade ring-key, or name whose it is with --as",
        });
      }
      mkdirSync(this.#root, { recursive: true, mode: 0o700 });
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
      writeSealedKey(path, privateKey, passphrase);
    }
    const { crv, d } = readSealedKey(path, passphrase).export({ format: "jwk" });
    if (crv === "secp256k1" && d !== undefined) return new Uint8Array(Buffer.from(d, "base64url"));
    throw complaint({
      code: "KEYSTORE_DAMAGED",
      what: `${path} holds no secp256k1 key`,
      remedy: "put the file back from where it is kept safe",
    });
  }

  ringFile(handle: string): string {
    return join(this.#root, `${handle}.ring.json`);
  }

  /** Who is logged in; undefined before the first login. */
  current(): string | undefined {
    const path = join(this.#root, "session.json");
    if (!existsSync(path)) return undefined;
    const { handle } = readJsonObject(path);
    return typeof handle === "string" && handlePattern.test(handle) ? handle : undefined;
  }

  login(handle: string): void {
    replaceFileSync(join(this.#root, "session.json"), `${JSON.stringify({ handle })}\n`);
  }

  note(handle: string): WalletNote | undefined {
    const path = this.#noteFile(handle);
    if (!existsSync(path)) return undefined;
    const { version, key, chainId, url, vehicles } = readJsonObject(path);
    const isNote =
      version === 1 &&
      typeof key === "string" &&
      typeof chainId === "string" &&
      typeof url === "string";
    if (!isNote || typeof vehicles !== "object" || vehicles === null) return undefined;
    const files = Object.entries(vehicles).filter(([, file]) => typeof file === "string");
    return { version, handle, key, chainId, url, vehicles: Object.fromEntries(files) };
  }

  remember(note: WalletNote): void {
    replaceFileSync(this.#noteFile(note.handle), `${JSON.stringify(note, null, 2)}\n`, {
      mode: 0o600,
    });
  }

  #noteFile(handle: string): string {
    return join(this.#root, `${handle}.note.json`);
  }
}

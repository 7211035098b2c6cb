import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { keyIdOf, type Stream } from "@voltfog/messages";
import {
  type Crypto,
  equalBytes,
  type Logger,
  type Signer,
  type VehicleId,
} from "@voltfog/runtime";
import {
  loadSigningKey,
  loadTlsIdentity,
  replaceFileSync,
  syncFolderSync,
  type TlsIdentity,
} from "@voltfog/runtime/node";

/** Sequence of the last frame of each stream that a key signed; 0 for none. */
export type LastFrames = Readonly<Record<Stream, number>>;

interface DeviceKeyFiles {
  readonly key: string;
  readonly certificate: string;
  /** A key that somebody made to take the place of the present one. */
  readonly nextKey: string;
  readonly nextCertificate: string;
  /** {telemetry, urgent}: the last frames of the present key; what comes after is signed by the next. */
  readonly change: string;
}

/**
 * A vehicle's device key, which signs its frames and shakes hands for it, and the change to a new one:
 *
 * 1. somebody makes `<id>.next.key`;
 * 2. the agent stops sending, fixes its last frames in `<id>.change.json` and signs with the new key;
 * 3. somebody has the site take both keys' word for it, and leaves `<id>.next.crt`;
 * 4. the agent moves the new files into the place of the old ones and connects.
 *
 * The files say at every moment which step comes next, so a start continues a change where it stood.
 */
export class DeviceKeys {
  readonly #files: DeviceKeyFiles;
  readonly #site: { readonly tlsAuthority: string; readonly tlsRevocations: string };
  readonly #logger: Logger;
  readonly #crypto: Crypto;
  readonly #own: Uint8Array[] = [];
  #signer: Signer;
  #identity: TlsIdentity | undefined;

  /** KEY_UNREADABLE, CERTIFICATE_UNREADABLE. */
  constructor(options: {
    vehicleId: VehicleId;
    keys: string;
    certificates: string;
    tlsAuthority: string;
    tlsRevocations: string;
    crypto: Crypto;
    logger: Logger;
  }) {
    const { vehicleId, keys, certificates, tlsAuthority, tlsRevocations } = options;
    this.#site = { tlsAuthority, tlsRevocations };
    this.#logger = options.logger;
    this.#crypto = options.crypto;
    this.#files = {
      key: join(keys, `${vehicleId}.key`),
      nextKey: join(keys, `${vehicleId}.next.key`),
      change: join(keys, `${vehicleId}.change.json`),
      certificate: join(certificates, `${vehicleId}.crt`),
      nextCertificate: join(certificates, `${vehicleId}.next.crt`),
    };
    this.#finishMoves();
    const isChanging = existsSync(this.#files.change);
    this.#signer = this.#load(isChanging ? this.#files.nextKey : this.#files.key);
    if (!isChanging) this.#identity = this.#identityOf(this.#files);
  }

  /** Signs with the key of the moment. */
  get signer(): Signer {
    const current = (): Signer => this.#signer;
    return {
      get publicKey() {
        return current().publicKey;
      },
      sign: (message) => current().sign(message),
    };
  }

  /** What the vehicle connects with; undefined while the site has not certified its new key. */
  get identity(): TlsIdentity | undefined {
    return this.#identity;
  }

  /** Whether this is, or was since the start, the id of one of the vehicle's keys. */
  isOwn(keyId: Uint8Array): boolean {
    return this.#own.some((own) => equalBytes(own, keyId));
  }

  /** What the files ask for now. */
  get due(): "change" | "certificate" | undefined {
    if (this.#identity === undefined) {
      return existsSync(this.#files.nextCertificate) ? "certificate" : undefined;
    }
    return existsSync(this.#files.nextKey) ? "change" : undefined;
  }

  /** The vehicle connects no more with its present key; gives how to go back on that. KEY_UNREADABLE. */
  letGo(): { next: Signer; takeBack: () => void } {
    const next = loadSigningKey(this.#files.nextKey);
    const identity = this.#identity;
    this.#identity = undefined;
    return {
      next,
      takeBack: () => {
        this.#identity = identity;
      },
    };
  }

  /** From here on the next key signs; durable before it does. */
  change(next: Signer, last: LastFrames): void {
    const { telemetry, urgent } = last;
    try {
      replaceFileSync(this.#files.change, `${JSON.stringify({ telemetry, urgent })}\n`);
    } catch (thrown) {
      // The disk may have it all the same, and whoever reads it would hold the numbers for the last.
      rmSync(this.#files.change, { force: true });
      throw thrown;
    }
    this.#adopt(next);
  }

  /** The site has certified the new key: it is the vehicle's. CERTIFICATE_UNREADABLE where it did not. */
  finish(): void {
    const { nextKey, nextCertificate } = this.#files;
    const identity = this.#identityOf({ key: nextKey, certificate: nextCertificate });
    this.#finishMoves();
    this.#identity = identity;
  }

  /** Certificate, key, note: each is moved only once, and what was moved shows how far it came. */
  #finishMoves(): void {
    const { key, nextKey, certificate, nextCertificate, change } = this.#files;
    if (!existsSync(change)) return;
    if (fits(nextCertificate, nextKey)) move(nextCertificate, certificate);
    if (existsSync(nextKey)) {
      if (!fits(certificate, nextKey)) return;
      move(nextKey, key);
    }
    rmSync(change);
  }

  #identityOf(files: { key: string; certificate: string }): TlsIdentity {
    const { key: tlsKey, certificate: tlsCertificate } = files;
    return loadTlsIdentity({ ...this.#site, tlsCertificate, tlsKey }, this.#logger);
  }

  #load(path: string): Signer {
    const signer = loadSigningKey(path);
    this.#adopt(signer);
    return signer;
  }

  #adopt(signer: Signer): void {
    this.#signer = signer;
    this.#own.push(keyIdOf({ publicKey: signer.publicKey, crypto: this.#crypto }));
  }
}

function move(from: string, to: string): void {
  renameSync(from, to);
  syncFolderSync(join(to, ".."));
}

function fits(certificate: string, key: string): boolean {
  try {
    const privateKey = createPrivateKey(readFileSync(key));
    return new X509Certificate(readFileSync(certificate)).checkPrivateKey(privateKey);
  } catch {
    return false; // One is missing or no such thing; who loads it says which.
  }
}

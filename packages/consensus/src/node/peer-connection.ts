import type { TLSSocket } from "node:tls";
import type { KeySuccession } from "@voltfog/ledger";
import { type Clock, type Crypto, equalBytes, type Random, type Signer } from "@voltfog/runtime";
import {
  decodeHello,
  decodePeerProof,
  encodeHello,
  encodePeerProof,
  type Hello,
  handshakeMax_bytes,
  keyToProve,
  type Role,
  signHello,
  verifyHello,
} from "../wire/handshake.ts";
import { peerMessageMax_bytes } from "../wire/peer-message.ts";
import { FrameSocket } from "./frame-socket.ts";

export interface PeerIdentity {
  readonly chainId: Uint8Array;
  /** This validator's id, that of its certificate. */
  readonly id: string;
  /** The vote key of a validator's seat as the chain has it now; undefined for one without a seat. */
  readonly voteKeyOf: (id: string) => Uint8Array | undefined;
  /** How this validator came by its vote key, where it is not the genesis file's. */
  readonly succession: () => KeySuccession | undefined;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
}

export interface PeerConnectionOptions {
  readonly identity: PeerIdentity;
  readonly socket: TLSSocket;
  readonly role: Role;
  /** Who the other end is by its TLS certificate; it must prove the vote key of this very one. */
  readonly expected: string;
  readonly onReady: (connection: PeerConnection) => void;
  readonly onFrame: (connection: PeerConnection, frame: Uint8Array) => void;
  readonly onClose: (connection: PeerConnection) => void;
}

/** How long a handshake may take, and how long a connection may be silent. */
const handshakeTimeout_ms = 5000;
export const silenceMax_ms = 10_000;

/** One connection to another validator: proves both ends to each other, then carries messages. */
export class PeerConnection {
  readonly role: Role;
  readonly #options: PeerConnectionOptions;
  readonly #frames: FrameSocket;
  readonly #hello: Hello;
  #other: Hello | undefined;
  #isReady = false;
  #isSuccessor = false;
  #cancelTimer: () => void;
  #heard_ms: number;

  constructor(options: PeerConnectionOptions) {
    const { identity } = options;
    this.role = options.role;
    this.#options = options;
    this.#heard_ms = identity.clock.monotonic_ms();
    // Bytes count, not frames: a large frame may take long on a narrow link, and is no silence.
    options.socket.on("data", () => {
      this.#heard_ms = identity.clock.monotonic_ms();
    });
    this.#frames = new FrameSocket({
      socket: options.socket,
      limit_bytes: handshakeMax_bytes,
      onClose: () => {
        this.#cancelTimer();
        options.onClose(this);
      },
    });
    this.#frames.expect({
      limit_bytes: handshakeMax_bytes,
      onFrame: (frame) => this.#takeHandshake(frame),
    });
    this.#cancelTimer = identity.clock.after(handshakeTimeout_ms, () => this.close());
    this.#hello = {
      chainId: identity.chainId,
      id: identity.id,
      voteKey: identity.signer.publicKey,
      challenge: identity.random.bytes(32),
    };
    this.send(encodeHello(this.#hello), { queueMax_bytes: handshakeMax_bytes });
  }

  /** The other end's id, once it has proved itself. */
  get peerId(): string | undefined {
    return this.#isReady ? this.#other?.id : undefined;
  }

  /** Whether the other end may speak for a seat with this vote key; a successor may before the chain has it. */
  speaksFor(voteKey: Uint8Array): boolean {
    if (!this.#isReady || this.#other === undefined) return false;
    return this.#isSuccessor || equalBytes(this.#other.voteKey, voteKey);
  }

  get socket(): TLSSocket {
    return this.#options.socket;
  }

  send(frame: Uint8Array, options: { queueMax_bytes: number }): boolean {
    return this.#frames.send(frame, options);
  }

  close(): void {
    this.#frames.close();
  }

  #takeHandshake(frame: Uint8Array): void {
    if (this.#other === undefined) this.#takeHello(frame);
    else this.#takeProof(this.#other, frame);
  }

  #takeHello(frame: Uint8Array): void {
    const { identity, expected, role } = this.#options;
    const hello = decodeHello(frame);
    const isMeant =
      hello.ok &&
      equalBytes(hello.value.chainId, identity.chainId) &&
      hello.value.id !== identity.id &&
      hello.value.id === expected;
    if (!hello.ok || !isMeant) {
      this.close();
      return;
    }
    this.#other = hello.value;
    const { signer } = identity;
    const signature = signHello({ role, own: this.#hello, other: hello.value, signer });
    const proof = encodePeerProof({ signature, succession: identity.succession() });
    this.send(proof, { queueMax_bytes: 2 * handshakeMax_bytes });
  }

  #takeProof(other: Hello, bytes: Uint8Array): void {
    const { identity, role } = this.#options;
    const proof = decodePeerProof(bytes);
    const known = identity.voteKeyOf(other.id);
    const succession = proof.ok ? proof.value.succession : undefined;
    const { chainId, crypto } = identity;
    // Without a seat it need only hold the key that it names: there is no vote to speak for.
    const publicKey =
      known === undefined ? other.voteKey : keyToProve({ chainId, known, succession, crypto });
    const isProved =
      proof.ok &&
      equalBytes(publicKey, other.voteKey) &&
      verifyHello({
        role: role === "dialler" ? "listener" : "dialler",
        own: other,
        other: this.#hello,
        signature: proof.value.signature,
        publicKey,
        crypto: identity.crypto,
      });
    if (!isProved) {
      this.close();
      return;
    }
    this.#isReady = true;
    this.#isSuccessor = known !== undefined && !equalBytes(publicKey, known);
    this.#cancelTimer();
    this.#watchSilence();
    this.#frames.expect({
      limit_bytes: peerMessageMax_bytes,
      onFrame: (frame) => this.#options.onFrame(this, frame),
    });
    this.#options.onReady(this);
  }

  /** A peer announces its height every few seconds; one that says nothing is gone without a farewell. */
  #watchSilence(): void {
    const { clock } = this.#options.identity;
    this.#cancelTimer = clock.after(silenceMax_ms / 2, () => {
      if (clock.monotonic_ms() - this.#heard_ms > silenceMax_ms) this.close();
      else this.#watchSilence();
    });
  }
}

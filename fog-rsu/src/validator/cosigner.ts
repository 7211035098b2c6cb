import {
  addCosignature,
  checkpointAction,
  cosignerName,
  decodeCheckpointSubmission,
  decodeFinalCheckpoint,
  decodeLogOpening,
  decodeTransaction,
  encodeCosignerKey,
  moduleNumber,
  type Result,
} from "@voltfog/ledger";
import { type Clock, type Crypto, concatBytes, type Signer, toHex, utf8 } from "@voltfog/runtime";

/** Logs whose last cosigned checkpoint is kept; the one that grew longest ago goes first. */
const logsMax = 16_384;

/** A final block's transactions and what they did. */
interface FinalBlock {
  readonly transactions: readonly Uint8Array[];
  readonly results: readonly Result[];
}

/**
 * This validator's word as a C2SP cosigner: each checkpoint that became final, whose consistency with
 * the one before every validator has verified by executing the block, signed with the time. It signs
 * with a key of its own, since a witness's signature must never be mistaken for a vote.
 */
export class Cosigner {
  /** Key name and id, as clients of witnesses know them. */
  readonly name: string;
  readonly key: string;
  readonly #signer: Signer;
  readonly #clock: Clock;
  readonly #crypto: Crypto;
  /** By log id in hex. */
  readonly #notes = new Map<string, string>();

  constructor(o: { chain: string; id: string; signer: Signer; clock: Clock; crypto: Crypto }) {
    this.name = cosignerName(o.chain, o.id);
    this.#signer = o.signer;
    this.#clock = o.clock;
    this.#crypto = o.crypto;
    this.key = encodeCosignerKey({ name: this.name, publicKey: o.signer.publicKey }, o.crypto);
  }

  /** Cosigns what a block made final. */
  take({ transactions, results }: FinalBlock): void {
    for (const result of results) {
      const { module, code, txIndex } = result;
      if (module !== moduleNumber.checkpoints || code !== "OK") continue;
      const tx = transactions[txIndex];
      const note = tx && noteIn(tx);
      const data = decodeFinalCheckpoint(result.data);
      if (note === undefined || !data.ok) continue;
      this.#keep(toHex(data.value.logId), note);
    }
  }

  /** The last final checkpoint of a log, with the log's signature and this cosignature; see take. */
  noteOf(logId: string): string | undefined {
    return this.#notes.get(logId);
  }

  #keep(logId: string, note: string): void {
    const cosigned = addCosignature({
      note,
      name: this.name,
      signer: this.#signer,
      time_s: Math.floor(this.#clock.wall_ms() / 1000),
      crypto: this.#crypto,
    });
    this.#notes.delete(logId);
    this.#notes.set(logId, cosigned);
    if (this.#notes.size <= logsMax) return;
    for (const oldest of this.#notes.keys()) {
      this.#notes.delete(oldest);
      break;
    }
  }
}

/** The signed checkpoint in a transaction that made one final. */
function noteIn(tx: Uint8Array): string | undefined {
  const decoded = decodeTransaction(tx);
  if (!decoded.ok) return undefined;
  const { action, payload } = decoded.value;
  const read = action === checkpointAction.open ? decodeLogOpening : decodeCheckpointSubmission;
  const submitted = read(payload);
  return submitted.ok ? submitted.value.note : undefined;
}

/**
 * The seed of a cosigner key for a validator that registered none: the hash of a signature that only
 * its vote key can make and that is never shown to anybody. Ed25519 signs deterministically (RFC 8032
 * §5.1.6), so each start gives the same key.
 */
export function derivedCosignerSeed(o: {
  chainId: Uint8Array;
  voteSigner: Signer;
  crypto: Crypto;
}): Uint8Array {
  const { chainId, voteSigner, crypto } = o;
  return crypto.sha256(voteSigner.sign(concatBytes(utf8("voltfog/cosigner/1\n"), chainId)));
}

import {
  type CertificateForm,
  commitMessage,
  fastCommitMessage,
  type SignedVote,
} from "@voltfog/ledger";
import { ByteWriter, type Crypto, type Signer, utf8 } from "@voltfog/runtime";
import type { VoterSet } from "../engine.ts";
import {
  type Commit,
  type FastVote,
  fastVoteOf,
  type Prepare,
  type Proposal,
  type RoundChangeClaim,
  type SignedMessage,
} from "./message.ts";

const domains = {
  proposal: utf8("voltfog/proposal/1\n"),
  prepare: utf8("voltfog/prepare/1\n"),
  "round-change": utf8("voltfog/round-change/1\n"),
} as const;

type Unsigned<M> = Omit<M, "signature" | "type">;
interface Seat {
  readonly height: number;
  readonly round: number;
  readonly voter: number;
}

/** Makes and checks the signatures of the engine's messages: domain, chain, epoch, height, round, phase. */
export class Signing {
  readonly #chainId: Uint8Array;
  readonly #crypto: Crypto;
  readonly #signer: Signer;

  constructor(options: { chainId: Uint8Array; crypto: Crypto; signer: Signer }) {
    this.#chainId = options.chainId;
    this.#crypto = options.crypto;
    this.#signer = options.signer;
  }

  get publicKey(): Uint8Array {
    return this.#signer.publicKey;
  }

  signPrepare(epoch: number, vote: Unsigned<Prepare>): Prepare {
    const bytes = this.#start("prepare", epoch, vote).raw(vote.digest).finish();
    return { type: "prepare", ...vote, signature: this.#signer.sign(bytes) };
  }

  signCommit(epoch: number, vote: Unsigned<Commit>): Commit {
    return {
      type: "commit",
      ...vote,
      signature: this.#signer.sign(this.#sealBytes("commit", epoch, vote)),
    };
  }

  signShare(epoch: number, vote: Unsigned<FastVote>): FastVote {
    const signature = this.#signer.sign(this.#sealBytes("fast", epoch, vote));
    return { type: "fast", ...vote, signature };
  }

  signProposal(epoch: number, proposal: Unsigned<Proposal>): Proposal {
    const bytes = this.#start("proposal", epoch, proposal).raw(proposal.digest).finish();
    return { type: "proposal", ...proposal, signature: this.#signer.sign(bytes) };
  }

  signClaim(epoch: number, claim: Omit<RoundChangeClaim, "signature">): RoundChangeClaim {
    return { ...claim, signature: this.#signer.sign(this.#claimBytes(epoch, claim)) };
  }

  /**
   * Whether the message's own signature is its voter's, and of a PREPARE its share's as well; nested proofs are
   * checked one by one.
   */
  verify(voterSet: VoterSet, message: SignedMessage | FastVote): boolean {
    if (message.type === "round-change") return this.verifyClaim(voterSet, message.claim);
    const { signed } = this.statement(voterSet.epoch, message);
    if (!this.#check(voterSet, message, signed)) return false;
    const share = message.type === "prepare" ? fastVoteOf(message) : undefined;
    return share === undefined || this.verify(voterSet, share);
  }

  /** What a vote's signature covers, and the signature, as anyone can check it. */
  statement(epoch: number, vote: Proposal | Prepare | Commit | FastVote): SignedVote {
    const { signature } = vote;
    if (vote.type === "commit" || vote.type === "fast") {
      return { signed: this.#sealBytes(vote.type, epoch, vote), signature };
    }
    const signed = this.#start(vote.type, epoch, vote).raw(vote.digest).finish();
    return { signed, signature };
  }

  verifyClaim(voterSet: VoterSet, claim: RoundChangeClaim): boolean {
    return this.#check(voterSet, claim, this.#claimBytes(voterSet.epoch, claim));
  }

  #check(voterSet: VoterSet, signed: Seat & { signature: Uint8Array }, bytes: Uint8Array): boolean {
    const publicKey = voterSet.voters[signed.voter]?.key;
    if (publicKey === undefined) return false;
    return this.#crypto.verify({ publicKey, message: bytes, signature: signed.signature });
  }

  /** Seals become the certificate, which the ledger verifies, so their bytes are the ledger's. */
  #sealBytes(form: CertificateForm, epoch: number, vote: Unsigned<Commit>): Uint8Array {
    const { height, round, digest, delay_ms } = vote;
    const seal = { chainId: this.#chainId, epoch, height, round, blockHash: digest, delay_ms };
    return form === "fast" ? fastCommitMessage(seal) : commitMessage(seal);
  }

  #claimBytes(epoch: number, claim: Omit<RoundChangeClaim, "signature">): Uint8Array {
    const { prepared, fast } = claim;
    const writer = this.#start("round-change", epoch, claim);
    writer.u8(prepared === undefined ? 0 : 1);
    if (prepared !== undefined) writer.u32(prepared.round).raw(prepared.digest);
    // Only where the engine has shares, so that claims of the others are signed as ever.
    if (fast !== undefined) writer.u8(1).u32(fast.round).raw(fast.digest);
    return writer.finish();
  }

  #start(phase: keyof typeof domains, epoch: number, seat: Seat): ByteWriter {
    return new ByteWriter()
      .raw(domains[phase])
      .raw(this.#chainId)
      .u64(epoch)
      .u64(seat.height)
      .u32(seat.round);
  }
}

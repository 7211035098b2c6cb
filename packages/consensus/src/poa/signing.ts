import { commitMessage } from "@voltfog/ledger";
import { ByteWriter, type Crypto, type Signer, utf8 } from "@voltfog/runtime";
import type { VoterSet } from "../engine.ts";
import type { Commit, PoaMessage, Prepare, Proposal, RoundChangeClaim } from "./message.ts";

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
      signature: this.#signer.sign(this.#commitBytes(epoch, vote)),
    };
  }

  signProposal(epoch: number, proposal: Unsigned<Proposal>): Proposal {
    const bytes = this.#start("proposal", epoch, proposal).raw(proposal.digest).finish();
    return { type: "proposal", ...proposal, signature: this.#signer.sign(bytes) };
  }

  signClaim(epoch: number, claim: Omit<RoundChangeClaim, "signature">): RoundChangeClaim {
    return { ...claim, signature: this.#signer.sign(this.#claimBytes(epoch, claim)) };
  }

  /** Whether the message's own signature is its voter's; nested proofs are checked one by one. */
  verify(voterSet: VoterSet, message: PoaMessage): boolean {
    const { epoch } = voterSet;
    switch (message.type) {
      case "proposal":
      case "prepare": {
        const signed = this.#start(message.type, epoch, message).raw(message.digest).finish();
        return this.#check(voterSet, message, signed);
      }
      case "commit":
        return this.#check(voterSet, message, this.#commitBytes(epoch, message));
      case "round-change":
        return this.verifyClaim(voterSet, message.claim);
    }
  }

  verifyClaim(voterSet: VoterSet, claim: RoundChangeClaim): boolean {
    return this.#check(voterSet, claim, this.#claimBytes(voterSet.epoch, claim));
  }

  #check(voterSet: VoterSet, signed: Seat & { signature: Uint8Array }, bytes: Uint8Array): boolean {
    const publicKey = voterSet.voters[signed.voter]?.key;
    if (publicKey === undefined) return false;
    return this.#crypto.verify({ publicKey, message: bytes, signature: signed.signature });
  }

  /** COMMITs become the certificate, which the ledger verifies, so their bytes are the ledger's. */
  #commitBytes(epoch: number, vote: Unsigned<Commit>): Uint8Array {
    const { height, round, digest, delay_ms } = vote;
    const chainId = this.#chainId;
    return commitMessage({ chainId, epoch, height, round, blockHash: digest, delay_ms });
  }

  #claimBytes(epoch: number, claim: Omit<RoundChangeClaim, "signature">): Uint8Array {
    const writer = this.#start("round-change", epoch, claim);
    if (claim.prepared === undefined) return writer.u8(0).finish();
    return writer.u8(1).u32(claim.prepared.round).raw(claim.prepared.digest).finish();
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

import { assert, type Crypto, type Signer, toHex, utf8 } from "@voltfog/runtime";
import { commitMessage } from "../chain/certificate.ts";
import type { Chain } from "../chain/chain.ts";
import { signTransaction } from "../chain/transaction.ts";
import { consortiumAction, decodeVoted, encodeProposal } from "../modules/consortium.ts";
import {
  type Admission,
  type ConsortiumChange,
  signAdmission,
} from "../modules/consortium-change.ts";
import { encodeEquivocation } from "../modules/equivocation.ts";
import { moduleNumber } from "../modules/module.ts";
import { type Consortium, type FinalBlock, finalise, type Member, signerOf } from "./consortium.ts";

/** What a transaction of the consortium module did. */
export interface Voted {
  readonly code: string;
  readonly changeId: Uint8Array;
  readonly decided: boolean;
}

/** A chain whose validators vote on who they are, with the private keys of all who ever join. For tests. */
export class VotingSite {
  readonly consortium: Consortium;
  readonly chain: Chain;
  readonly blocks: FinalBlock[] = [];
  readonly #crypto: Crypto;
  readonly #signers = new Map<string, Signer>();
  readonly #newest = new Map<string, Member>();
  #nonce = 0;

  constructor(options: { consortium: Consortium; chain: Chain }) {
    this.consortium = options.consortium;
    this.chain = options.chain;
    this.#crypto = options.consortium.crypto;
    for (const { id, signer } of options.consortium.validators) this.hold(id, signer);
  }

  /** Those who decide the next block, with their keys. */
  get voters(): readonly Member[] {
    return this.chain.validators.map(({ id }) => this.member(id));
  }

  /** With the key that the chain has for it or, where it has no seat, its newest one. */
  member(id: string): Member {
    const seat = this.chain.validators.find((one) => one.id === id);
    const signer = seat && this.#signers.get(toHex(seat.voteKey));
    const member = signer === undefined ? this.#newest.get(id) : { id, signer };
    assert(member !== undefined, `${id} has keys`);
    return member;
  }

  /** Keeps a vote key of a member. */
  hold(id: string, signer: Signer): void {
    this.#signers.set(toHex(signer.publicKey), signer);
    this.#newest.set(id, { id, signer });
  }

  /** The next block with these transactions, certified by those who decide it. */
  settle(...transactions: Uint8Array[]): FinalBlock {
    const consortium = { ...this.consortium, validators: this.voters };
    const final = finalise({ consortium, chain: this.chain, transactions });
    this.blocks.push(final);
    return final;
  }

  /** Above every one that was given. */
  nextNonce(): number {
    return ++this.#nonce;
  }

  tx(options: {
    sender: Member;
    action: keyof typeof consortiumAction;
    payload: Uint8Array;
  }): Uint8Array {
    return signTransaction({
      chainId: this.consortium.genesis.chainId,
      module: moduleNumber.consortium,
      action: consortiumAction[options.action],
      nonce: this.nextNonce(),
      payload: options.payload,
      signer: options.sender.signer,
    });
  }

  /** One vote in a block of its own. */
  vote(transaction: Uint8Array): Voted {
    const result = this.settle(transaction).checked.results[0];
    assert(result !== undefined, "the block holds the transaction");
    const data = result.code === "OK" ? decodeVoted(result.data) : undefined;
    if (!data?.ok) return { code: result.code, changeId: new Uint8Array(32), decided: false };
    return { code: result.code, ...data.value };
  }

  propose(sender: string, change: ConsortiumChange): Voted {
    const payload = encodeProposal(change);
    return this.vote(this.tx({ sender: this.member(sender), action: "propose", payload }));
  }

  approve(sender: string, changeId: Uint8Array): Voted {
    const payload = changeId;
    return this.vote(this.tx({ sender: this.member(sender), action: "approve", payload }));
  }

  /** Proposes and approves, voter after voter, until it is decided or refused. */
  carry(change: ConsortiumChange): Voted {
    const [first, ...others] = this.#willing(change);
    assert(first !== undefined, "somebody votes");
    let voted = this.propose(first, change);
    for (const id of others) {
      if (voted.decided || voted.code !== "OK") return voted;
      voted = this.approve(id, voted.changeId);
    }
    return voted;
  }

  /** The change that asks for a seat, with keys that follow from a name. */
  admission(
    id: string,
    over: Partial<Admission> & { keys?: string } = {},
  ): ConsortiumChange & { kind: "admit-validator" } {
    const crypto = this.#crypto;
    const keys = over.keys ?? id;
    const { chain, chainId } = this.consortium.genesis;
    const signer = signerOf(`${chain}/${keys}`, crypto);
    this.hold(id, signer);
    const admission = {
      id,
      organisation: "north",
      cosignerKey: signerOf(`${chain}/${keys}/cosigner`, crypto).publicKey,
      anchorAddress: crypto.sha256(utf8(`${chain}/${keys}/anchor`)).slice(0, 20),
      endpoint: "127.0.0.1:30303",
      ...over,
    };
    return signAdmission({ chainId, admission, signer });
  }

  /** Two votes of one key for two blocks of one round. */
  equivocation(
    member: Member,
    over: { height?: number; digests?: readonly [number, number] } = {},
  ): Uint8Array {
    const { chainId } = this.consortium.genesis;
    const height = over.height ?? this.chain.height;
    const [first, second] = (over.digests ?? [1, 2]).map((byte) => {
      const blockHash = new Uint8Array(32).fill(byte);
      const signed = commitMessage({ chainId, epoch: 0, height, round: 0, blockHash, delay_ms: 5 });
      return { signed, signature: member.signer.sign(signed) };
    });
    assert(first !== undefined && second !== undefined, "there are two");
    return encodeEquivocation({ voteKey: member.signer.publicKey, first, second });
  }

  #willing(change: ConsortiumChange): readonly string[] {
    const leaving = change.kind === "remove-validator" ? change.id : undefined;
    const seats = this.chain.validators.filter(({ quarantined }) => !quarantined);
    const ids = seats.map(({ id }) => id);
    return [...ids.filter((id) => id !== leaving), ...ids.filter((id) => id === leaving)];
  }
}

import type { Crypto } from "@voltfog/runtime";
import { Chain } from "../chain/chain.ts";
import type { Result } from "../chain/result.ts";
import { signTransaction } from "../chain/transaction.ts";
import { encodeNomination } from "../modules/account-authority.ts";
import { encodeOpening, handleHashOf, signOpening } from "../modules/account-holders.ts";
import { accountAction, encodeDeposit } from "../modules/account-orders.ts";
import { moduleNumber } from "../modules/module.ts";
import type { StateTree } from "../state/state-tree.ts";
import {
  type Consortium,
  createConsortium,
  type FinalBlock,
  finalise,
  type Member,
  signerOf,
} from "./consortium.ts";
import { at } from "./transactions.ts";

/** What became of a transaction: its result's code and data, or the gate's code and nothing. */
export interface Outcome {
  readonly code: string;
  readonly data: Uint8Array;
}

export interface Call {
  readonly sender: Member;
  readonly module: keyof typeof moduleNumber;
  readonly action: number;
  readonly payload: Uint8Array;
}

/** A chain with an authority over money and whoever opens an account on it. For tests. */
export class MarketSite {
  readonly consortium: Consortium;
  readonly chain: Chain;
  readonly authority: Member;
  /** All final blocks, for another chain to follow. */
  readonly blocks: FinalBlock["bytes"][] = [];
  readonly #crypto: Crypto;
  #deposits = 0;

  constructor(options: {
    crypto: Crypto;
    termBlocks?: number;
    chain?: string;
    vehicles?: number;
  }) {
    const { crypto } = options;
    this.#crypto = crypto;
    this.consortium = createConsortium(options);
    this.chain = Chain.fromGenesis({ genesis: this.consortium.genesis, crypto });
    this.authority = this.named("authority");
    const payload = encodeNomination(this.authority.signer.publicKey);
    const action = accountAction.nameAuthority;
    this.sendAll(
      this.consortium.validators.map((sender) => ({ sender, module: "accounts", action, payload })),
    );
  }

  get state(): StateTree {
    return this.chain.state;
  }

  /** A key that follows from a name; it has no account yet. */
  named(id: string): Member {
    return { id, signer: signerOf(`person/${id}`, this.#crypto) };
  }

  validator(place: number): Member {
    return at(this.consortium.validators, place);
  }

  /** Somebody with an opened account, and money in it where an amount is given. */
  person(id: string, amount = 0): Member {
    const person = this.named(id);
    const { chainId } = this.consortium.genesis;
    const handleHash = handleHashOf(id, this.#crypto);
    const opening = signOpening({ chainId, handleHash, signer: person.signer });
    const payload = encodeOpening(opening);
    this.send({ sender: this.authority, module: "accounts", action: accountAction.open, payload });
    if (amount > 0) this.pay(person, amount);
    return person;
  }

  /** Money from outside. */
  pay(person: Member, amount: number): Outcome {
    const depositId = new Uint8Array(32);
    new DataView(depositId.buffer).setUint32(0, ++this.#deposits);
    const account = person.signer.publicKey;
    return this.send({
      sender: this.authority,
      module: "accounts",
      action: accountAction.deposit,
      payload: encodeDeposit({ account, amount, depositId }),
    });
  }

  /** What becomes of it in the next block, which holds nothing else. */
  send(call: Call): Outcome {
    return at(this.sendAll([call]), 0);
  }

  /** In one block, in this order; who sends twice uses two nonces. */
  sendAll(calls: readonly Call[], options: { time_ms?: number } = {}): readonly Outcome[] {
    const { chain, consortium } = this;
    const sent = calls.map((call, i) => {
      const { publicKey } = call.sender.signer;
      const bytes = signTransaction({
        chainId: consortium.genesis.chainId,
        module: moduleNumber[call.module],
        action: call.action,
        nonce: chain.nonceOf(publicKey) + 1 + i,
        payload: call.payload,
        signer: call.sender.signer,
      });
      const admitted = chain.admit(bytes);
      return { bytes, problem: admitted.ok ? undefined : admitted.problem.code };
    });
    const transactions = sent.flatMap(({ bytes, problem }) =>
      problem === undefined ? [bytes] : [],
    );
    const final = finalise({ consortium, chain, transactions, ...options });
    this.blocks.push(final.bytes);
    const results: Result[] = [...final.checked.results];
    return sent.map(({ problem }) => {
      if (problem !== undefined) return { code: problem, data: new Uint8Array() };
      const { code, data } = results.shift() ?? { code: "SKIPPED", data: new Uint8Array() };
      return { code, data };
    });
  }

  /** Blocks without transactions. */
  pass(blocks: number): void {
    for (let i = 0; i < blocks; i++) this.sendAll([]);
  }
}

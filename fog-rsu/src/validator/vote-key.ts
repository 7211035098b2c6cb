import type { Chain, KeySuccession } from "@voltfog/ledger";
import { CodedError, equalBytes } from "@voltfog/runtime";
import { loadNewVoteKey, type NewVoteKey } from "./new-vote-key.ts";
import type { ValidatorConfig } from "./validator-config.ts";
import type { ValidatorIdentity } from "./validator-identity.ts";

/** Under which key this validator votes, or will once the chain has taken it. */
export class VoteKey {
  readonly #chain: Chain;
  readonly #own: Uint8Array;
  readonly #voter: number;
  readonly #offered: NewVoteKey | undefined;

  private constructor(options: {
    chain: Chain;
    identity: ValidatorIdentity;
    offered: NewVoteKey | undefined;
  }) {
    this.#chain = options.chain;
    this.#own = options.identity.signer.publicKey;
    this.#voter = options.identity.voter;
    this.#offered = options.offered;
  }

  /**
   * NOT_A_VALIDATOR where the key is neither the one of this validator on the chain as far as this
   * folder has it, nor a new one that the validator's own key named.
   */
  static open(options: {
    config: Pick<ValidatorConfig, "dataDir" | "id" | "key" | "genesis">;
    identity: ValidatorIdentity;
    chain: Chain;
  }): VoteKey {
    const { config, identity, chain } = options;
    const { publicKey } = identity.signer;
    const file = loadNewVoteKey(config.dataDir);
    const isOwn = file !== undefined && equalBytes(file.succession.newKey, publicKey);
    const voteKey = new VoteKey({ chain, identity, offered: isOwn ? file : undefined });
    if (isOwn || voteKey.isTaken) return voteKey;
    const isRetired = chain.validatorOf(publicKey) !== undefined;
    throw new CodedError({
      code: "NOT_A_VALIDATOR",
      message: isRetired
        ? `the key in ${config.key} was replaced by another one; it votes never again`
        : `${config.genesis} has no validator ${config.id} with the key in ${config.key}`,
      remedy: "name this validator's own id and key, or the genesis file of its consortium",
    });
  }

  /** Whether the chain has it: only then are its votes counted. */
  get isTaken(): boolean {
    const seat = this.#chain.validators[this.#voter];
    return seat !== undefined && equalBytes(seat.voteKey, this.#own);
  }

  /** To send until the chain has it. */
  get offer(): Uint8Array | undefined {
    return this.isTaken ? undefined : this.#offered?.transaction;
  }

  /** How this validator came by its key; undefined for that of the genesis file. */
  succession(): KeySuccession | undefined {
    return this.#chain.successionTo(this.#own) ?? this.#offered?.succession;
  }

  /** The vote key of any validator, as the chain has it now. */
  keyOf(voter: number): Uint8Array | undefined {
    return this.#chain.validators[voter]?.voteKey;
  }
}

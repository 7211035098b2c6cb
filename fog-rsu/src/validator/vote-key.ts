import type { Chain, KeySuccession } from "@voltfog/ledger";
import { CodedError, equalBytes } from "@voltfog/runtime";
import { loadNewVoteKey, type NewVoteKey } from "./new-vote-key.ts";
import type { ValidatorConfig } from "./validator-config.ts";
import type { ValidatorIdentity } from "./validator-identity.ts";

/** Under which key this validator votes, or will once the chain has taken it or given it a seat. */
export class VoteKey {
  readonly #chain: Chain;
  readonly #own: Uint8Array;
  readonly #id: string;
  readonly #offered: NewVoteKey | undefined;

  private constructor(options: {
    chain: Chain;
    identity: ValidatorIdentity;
    offered: NewVoteKey | undefined;
  }) {
    this.#chain = options.chain;
    this.#own = options.identity.signer.publicKey;
    this.#id = options.identity.id;
    this.#offered = options.offered;
  }

  /**
   * NOT_A_VALIDATOR where the key is neither the one of this validator on the chain as far as this
   * folder has it, nor a new one that the validator's own key named; but a node with an agency's
   * certificate may wait for its seat.
   */
  static open(options: {
    config: Pick<ValidatorConfig, "dataDir" | "id" | "key" | "genesis" | "tlsAgency">;
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
    if (!isRetired && !voteKey.hasSeat && config.tlsAgency !== "") return voteKey;
    throw new CodedError({
      code: "NOT_A_VALIDATOR",
      message: isRetired
        ? `the key in ${config.key} was replaced by another one; it votes never again`
        : `the chain has no validator ${config.id} with the key in ${config.key}`,
      remedy: "name this validator's own id and key, or the genesis file of its consortium",
    });
  }

  /** Whether the chain has it: only then are its votes counted. */
  get isTaken(): boolean {
    const known = this.keyOf(this.#id);
    return known !== undefined && equalBytes(known, this.#own);
  }

  /** Whether the chain has a seat for this id. */
  get hasSeat(): boolean {
    return this.keyOf(this.#id) !== undefined;
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
  keyOf(id: string): Uint8Array | undefined {
    return this.#chain.validators.find((seat) => seat.id === id)?.voteKey;
  }
}

import { Chain, type Genesis } from "@voltfog/ledger";
import { type Clock, CodedError, type Crypto, type Problem, toHex } from "@voltfog/runtime";
import type { Remote } from "../remote/remote.ts";
import { again, type StepVerdict } from "../remote/repeat.ts";
import type { BlockRecord, TelemetryStore } from "../store/telemetry-store.ts";
import { decodeBlockPage, type ServedBlock } from "./block-page.ts";
import { blockRecord } from "./block-record.ts";
import type { Consortium } from "./consortium.ts";

export interface BlockFollowerOptions {
  readonly consortium: Consortium;
  readonly remotes: readonly { readonly id: string; readonly remote: Remote }[];
  readonly store: TelemetryStore;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly signal: AbortSignal;
  readonly longPoll_ms: number;
  readonly listener: {
    followed(record: BlockRecord): void;
    /** A validator served blocks that are not final or not what executing them gives. */
    rejected(validatorId: string, problem: Problem): Promise<void>;
  };
}

const blocksPerPage = 64;
const pageMax_bytes = 96 * 1024 * 1024;
const snapshotInterval = 1000;
const replayedAtOnce = 256;
const emptyPause_ms = 50;
/** Short, because a validator without news may be one that the others have left behind. */
const longPollMax_ms = 4000;
const rejectedPause_ms = 1000;

/**
 * Follows the chain from any validator that answers. Nothing is believed: each certificate is
 * verified with the validators that follow from the genesis file's, and each block is executed again, so what it says
 * to have done is what it did. Block and consequences are stored in one transaction.
 */
export class BlockFollower {
  readonly #options: BlockFollowerOptions;
  #chain: Chain | undefined;
  #turn = 0;

  constructor(options: BlockFollowerOptions) {
    this.#options = options;
  }

  /** The newest followed block; height 0 before the first one. */
  get head(): { readonly height: number; readonly time_ms: number; readonly hash: string } {
    const head = this.#chain?.head;
    if (head === undefined) return { height: 0, time_ms: 0, hash: "" };
    return { height: head.header.height, time_ms: head.header.time_ms, hash: toHex(head.hash) };
  }

  /** The followed chain, for proofs of what it holds; undefined until the store was read. */
  get chain(): Chain | undefined {
    return this.#chain;
  }

  /** Asks one validator for the next blocks. Throws UNREACHABLE and the store's codes. */
  async step(): Promise<StepVerdict> {
    const source = this.#options.remotes[this.#turn];
    if (source === undefined) return { pause_ms: 60_000 };
    const chain = this.#chain ?? (await this.#restore());
    const page = await this.#fetch(source.remote, chain.height + 1).catch((thrown: unknown) => {
      this.#nextValidator();
      throw thrown;
    });
    for (const served of page) {
      const problem = await this.#take(chain, served);
      if (problem === undefined) continue;
      this.#nextValidator();
      await this.#options.listener.rejected(source.id, problem);
      return { pause_ms: rejectedPause_ms };
    }
    if (page.length > 0) return again;
    this.#nextValidator(); // One that is cut off from the others answers, but has nothing new.
    return { pause_ms: emptyPause_ms };
  }

  #nextValidator(): void {
    this.#turn = (this.#turn + 1) % this.#options.remotes.length;
  }

  async #fetch(remote: Remote, from: number): Promise<readonly ServedBlock[]> {
    const { signal } = this.#options;
    const longPoll_ms = Math.min(longPollMax_ms, this.#options.longPoll_ms);
    const query = `from=${from}&limit=${blocksPerPage}&wait_ms=${longPoll_ms}`;
    const reply = await remote.get(`/v1/blocks?${query}`, {
      signal,
      timeout_ms: longPoll_ms + 10_000,
      bodyMax_bytes: pageMax_bytes,
    });
    const page = reply.status === 200 ? decodeBlockPage(reply.body) : undefined;
    if (page?.ok) return page.value;
    if (reply.status === 410) throw pruned({ url: remote.url, from });
    const detail = page === undefined ? `answers ${reply.status}` : page.problem.detail;
    throw new CodedError({ code: "UNREACHABLE", message: `${remote.url}: ${detail}` });
  }

  async #take(chain: Chain, served: ServedBlock): Promise<Problem | undefined> {
    const { validators, epoch } = chain;
    const isFirst = chain.height === 0 || chain.head.header.epoch !== epoch;
    const followed = chain.follow(served);
    if (!followed.ok) return followed.problem;
    const { store, consortium, clock, listener } = this.#options;
    consortium.learn(chain.validators);
    const record = blockRecord({
      validators,
      begins: isFirst ? epoch : undefined,
      checked: followed.value,
      served,
      consortium,
      final_ms: clock.wall_ms(),
    });
    try {
      await store.commitBlock(record);
      if (record.view.height % snapshotInterval === 0) {
        await store.commitSnapshot({ height: record.view.height, bytes: chain.snapshot() });
      }
    } catch (thrown) {
      this.#chain = undefined; // The chain in memory is ahead; the store says where to go on.
      throw thrown;
    }
    listener.followed(record);
    return undefined;
  }

  /** Executes what the store holds, so that the height can be shown before the first answer. */
  async restore(): Promise<void> {
    await this.#restore();
  }

  /** The chain at the last stored block: its newest snapshot, then the blocks after it. */
  async #restore(): Promise<Chain> {
    const { store, consortium, crypto } = this.#options;
    const chain = await startingPoint({ store, genesis: consortium.genesis, crypto });
    for (;;) {
      const blocks = await store.blocksFrom({ height: chain.height + 1, limit: replayedAtOnce });
      for (const stored of blocks) {
        const followed = chain.follow(stored);
        if (followed.ok) continue;
        throw new CodedError({
          code: "STORE_BLOCK_INVALID",
          message: `stored block ${stored.height}: ${followed.problem.code}, ${followed.problem.detail}`,
          remedy: "is the genesis file the one that this data folder was made with?",
        });
      }
      if (blocks.length < replayedAtOnce) break;
    }
    this.#chain = chain;
    consortium.learn(chain.validators);
    return chain;
  }
}

/** Nothing is skipped: what is not followed is not final here. */
function pruned(asked: { url: string; from: number }): CodedError {
  return new CodedError({
    code: "BLOCKS_PRUNED",
    message: `${asked.url} no longer keeps block ${asked.from}, which this cloud has yet to follow: name a validator that keeps all blocks (blocksKept 0), or restore the cloud's store`,
  });
}

async function startingPoint(options: {
  store: TelemetryStore;
  genesis: Genesis;
  crypto: Crypto;
}): Promise<Chain> {
  const bytes = await options.store.snapshot();
  if (bytes !== undefined) {
    const restored = Chain.fromSnapshot({ ...options, bytes });
    if (restored.ok) return restored.value;
  }
  return Chain.fromGenesis(options);
}

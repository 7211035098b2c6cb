import { CodedError, type Crypto, type Logger, messageOf } from "@voltfog/runtime";
import { encodeBlock } from "../../chain/block.ts";
import type { Certificate } from "../../chain/certificate.ts";
import { encodeCertificate } from "../../chain/certificate.ts";
import { Chain, type CheckedBlock } from "../../chain/chain.ts";
import { encodeResult, type Result } from "../../chain/result.ts";
import type { Genesis } from "../../genesis/genesis.ts";
import { type BlockSource, openBlockReader, storedResultAt } from "./block-reader.ts";
import { BlockStore } from "./block-store.ts";
import { loadSnapshot, saveSnapshot } from "./state-snapshots.ts";
import type { StoredBlock } from "./stored-block.ts";

/** A snapshot of the state is kept at every multiple of this height, so that a restart replays less. */
export const blocksPerSnapshot = 1000;

interface ChainStoreOptions {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly crypto: Crypto;
  readonly logger: Logger;
  /** Results kept in memory; see {@link Chain}. */
  readonly resultsKept?: number;
}

/** A chain with its folder: final blocks, and a snapshot of the state every 1,000 of them. One writer. */
export class ChainStore {
  readonly chain: Chain;
  readonly blocks: BlockStore;
  readonly #folder: string;
  readonly #logger: Logger;
  #snapshot: Promise<void> = Promise.resolve();

  private constructor(options: {
    chain: Chain;
    blocks: BlockStore;
    folder: string;
    logger: Logger;
  }) {
    this.chain = options.chain;
    this.blocks = options.blocks;
    this.#folder = options.folder;
    this.#logger = options.logger;
  }

  /** Opens the folder and brings the chain to the last stored block. STORE_DAMAGED where it cannot. */
  static async open(options: ChainStoreOptions): Promise<ChainStore> {
    const blocks = await BlockStore.open(options);
    try {
      const chain = await restore({ ...options, source: blocks, heightMax: blocks.height });
      return new ChainStore({ ...options, chain, blocks });
    } catch (thrown) {
      await blocks.close();
      throw thrown;
    }
  }

  /** Stores a block that the chain has just committed; resolves when it is durable. */
  async record(checked: CheckedBlock, certificate: Certificate): Promise<void> {
    const { height } = checked.block.header;
    if (height % blocksPerSnapshot === 0 && this.chain.height === height) this.#save(height);
    await this.blocks.append(storedBlock(checked, certificate));
  }

  /** A result however old, from memory or from disk. */
  async resultAt(index: number): Promise<Result | undefined> {
    return this.chain.resultAt(index) ?? (await storedResultAt(this.blocks, index));
  }

  async close(): Promise<void> {
    await this.blocks.close();
    await this.#snapshot;
  }

  /** A snapshot that fails costs a longer replay, nothing else. */
  #save(height: number): void {
    const saved = saveSnapshot({ folder: this.#folder, chain: this.chain });
    this.#snapshot = saved.catch((thrown) => {
      this.#logger.warn("snapshot not written", { height, reason: messageOf(thrown) });
    });
  }
}

/** What the store keeps of a committed block. */
export function storedBlock(checked: CheckedBlock, certificate: Certificate): StoredBlock {
  return {
    height: checked.block.header.height,
    block: encodeBlock(checked.block),
    certificate: encodeCertificate(certificate),
    results: checked.results.map(encodeResult),
  };
}

/**
 * A chain from a block folder, read-only: every block verified from the genesis file or the newest
 * good snapshot on. `heightMax` stops early, for a proof as of an older block.
 */
export async function replayChain(
  options: ChainStoreOptions & { heightMax?: number },
): Promise<Chain> {
  const source = await openBlockReader(options);
  const heightMax = Math.min(options.heightMax ?? source.height, source.height);
  return restore({ ...options, source, heightMax });
}

async function restore(
  options: ChainStoreOptions & { source: BlockSource; heightMax: number },
): Promise<Chain> {
  const { source, heightMax } = options;
  const chain = (await loadSnapshot(options)) ?? Chain.fromGenesis(options);
  while (chain.height < heightMax) {
    const height = chain.height + 1;
    const stored = await source.read(height);
    const followed = stored && chain.follow(stored);
    if (followed?.ok) continue;
    throw new CodedError({
      code: "STORE_DAMAGED",
      message: `stored block ${height}: ${followed?.problem.detail ?? "cannot be read"}`,
      remedy:
        "check that the folder belongs to this genesis file; else move it away to fetch the blocks again",
    });
  }
  return chain;
}

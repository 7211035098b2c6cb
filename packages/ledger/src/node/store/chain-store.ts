import { join } from "node:path";
import { CodedError, type Crypto, equalBytes, type Logger, messageOf } from "@voltfog/runtime";
import { decodeBlock, encodeBlock } from "../../chain/block.ts";
import type { Certificate } from "../../chain/certificate.ts";
import { encodeCertificate } from "../../chain/certificate.ts";
import { Chain } from "../../chain/chain.ts";
import type { CheckedBlock } from "../../chain/checked-block.ts";
import { encodeResult, type Result } from "../../chain/result.ts";
import type { SnapshotPlan } from "../../chain/snapshot-plan.ts";
import type { Genesis } from "../../genesis/genesis.ts";
import { type BlockSource, openBlockReader, storedResultAt } from "./block-reader.ts";
import { type BlockRetention, keepAllBlocks, lowestKept } from "./block-retention.ts";
import { BlockStore } from "./block-store.ts";
import { IncomingSnapshot } from "./incoming-snapshot.ts";
import { endLeap, leapAfter, unfinishedLeap } from "./leap.ts";
import { chainFromFile, type SnapshotFile, writeSnapshotFile } from "./snapshot-file.ts";
import {
  loadSnapshot,
  removeOldSnapshots,
  saveSnapshot,
  snapshotFiles,
  snapshotHeights,
  snapshotPath,
} from "./state-snapshots.ts";
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
  /** Which blocks stay; all unless told. */
  readonly retention?: BlockRetention;
  /** Where a file of blocks ends, and how often a snapshot is made, for tests that need several of them. */
  readonly segmentMax_bytes?: number;
  readonly snapshotEvery?: number;
}

/**
 * A chain with its folder: final blocks, and a snapshot of the state every 1,000 of them. One writer.
 * Blocks below the oldest snapshot go as the retention says, one file after the other.
 */
export class ChainStore {
  readonly chain: Chain;
  readonly blocks: BlockStore;
  readonly #options: ChainStoreOptions;
  #snapshot: Promise<void> = Promise.resolve();
  #offered: readonly SnapshotFile[] = [];

  private constructor(options: { chain: Chain; blocks: BlockStore; options: ChainStoreOptions }) {
    this.chain = options.chain;
    this.blocks = options.blocks;
    this.#options = options.options;
  }

  /** Opens the folder and brings the chain to the last stored block. STORE_OTHER_CHAIN, STORE_DAMAGED where it cannot. */
  static async open(options: ChainStoreOptions): Promise<ChainStore> {
    const blocks = await BlockStore.open(options);
    try {
      await finishLeap(options, blocks);
      const chain = await restore({ ...options, source: blocks, heightMax: blocks.height });
      const store = new ChainStore({ chain, blocks, options });
      store.#offered = await snapshotFiles(options);
      return store;
    } catch (thrown) {
      await blocks.close();
      throw thrown;
    }
  }

  /** Stores a block that the chain has just committed; resolves when it is durable. */
  async record(checked: CheckedBlock, certificate: Certificate): Promise<void> {
    const { height } = checked.block.header;
    const every = this.#options.snapshotEvery ?? blocksPerSnapshot;
    if (height % every === 0 && this.chain.height === height) this.#save(height);
    await this.blocks.append(storedBlock(checked, certificate));
  }

  /** The newest snapshot that peers can have; undefined before the first one. */
  get offered(): SnapshotFile | undefined {
    return this.#offered[0];
  }

  /** Whether every block since the first is here, and none is to go. */
  get holdsAll(): boolean {
    const { retention = keepAllBlocks } = this.#options;
    const { first, height } = this.blocks;
    return retention.blocksKept === undefined && first === 1 && height > 0;
  }

  /** A snapshot that is still here, by its name. */
  snapshotOf(id: Uint8Array): SnapshotFile | undefined {
    return this.#offered.find((file) => equalBytes(file.id, id));
  }

  /** Begins to fetch a snapshot of a verified plan; one that was begun before goes. */
  fetch(plan: SnapshotPlan): Promise<IncomingSnapshot> {
    return IncomingSnapshot.begin({ ...this.#options, folder: this.#incoming, plan });
  }

  /** What an earlier run fetched of a snapshot; undefined where there is nothing of use. */
  async fetchedBefore(): Promise<IncomingSnapshot | undefined> {
    const incoming = await IncomingSnapshot.resume({ ...this.#options, folder: this.#incoming });
    if (incoming === undefined || incoming.height > this.chain.height) return incoming;
    await incoming.discard();
    return undefined;
  }

  get #incoming(): string {
    return join(this.#options.folder, "incoming");
  }

  /**
   * Goes on after a snapshot that is whole: the chain leaps, the blocks before it go. False, and nothing
   * changed, where it does not prove itself or the chain is that far already.
   */
  async install(incoming: IncomingSnapshot): Promise<boolean> {
    const { folder, logger } = this.#options;
    const { height, plan } = incoming;
    await this.#snapshot;
    if (height <= this.chain.height) return false;
    const path = snapshotPath(folder, height);
    await writeSnapshotFile({ path, plan, parts: incoming.parts() });
    const chain = await chainFromFile({ ...this.#options, path });
    if (!chain.ok) {
      logger.warn("fetched snapshot refused", { height, reason: chain.problem.code });
      return false;
    }
    await leapAfter({ folder, blocks: this.blocks, height });
    this.chain.leap(chain.value);
    await removeOldSnapshots(folder);
    this.#offered = await snapshotFiles(this.#options);
    return true;
  }

  /** A result however old, from memory or from disk; undefined where its block was pruned. */
  async resultAt(index: number): Promise<Result | undefined> {
    return this.chain.resultAt(index) ?? (await storedResultAt(this.blocks, index));
  }

  async close(): Promise<void> {
    await this.blocks.close();
    await this.#snapshot;
  }

  /** A snapshot that fails costs a longer replay, and blocks that stay longer; nothing else. */
  #save(height: number): void {
    const { folder, logger } = this.#options;
    const saved = saveSnapshot({ folder, chain: this.chain }).then(async () => {
      this.#offered = await snapshotFiles(this.#options);
      await this.#prune(height);
    });
    this.#snapshot = saved.catch((thrown) => {
      logger.warn("snapshot not written", { height, reason: messageOf(thrown) });
    });
  }

  async #prune(height: number): Promise<void> {
    const { folder, logger } = this.#options;
    const retention = this.#options.retention ?? keepAllBlocks;
    const snapshots = await snapshotHeights(folder);
    const from = lowestKept({ retention, height, snapshots });
    const files = await this.blocks.pruneBelow(from);
    if (files > 0) logger.info("old blocks removed", { files, first: this.blocks.first });
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

/** Ends what a kill cut short between a fetched snapshot and the removal of the blocks before it. */
async function finishLeap(options: ChainStoreOptions, blocks: BlockStore): Promise<void> {
  const { folder } = options;
  const height = await unfinishedLeap(folder);
  if (height === undefined) return;
  const path = snapshotPath(folder, height);
  const chain = await chainFromFile({ ...options, path }).catch(() => undefined);
  if (chain?.ok) await leapAfter({ folder, blocks, height });
  else await endLeap(folder);
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
    refuseOtherChain(stored, options);
    const isPruned = height < source.first;
    const reason = isPruned ? "was pruned, and no snapshot is left beyond it" : "cannot be read";
    throw new CodedError({
      code: "STORE_DAMAGED",
      message: `stored block ${height}: ${followed?.problem.detail ?? reason}`,
      remedy: "move the folder away to fetch the blocks again",
    });
  }
  return chain;
}

/** Whatever differs in a genesis file, its engine included, makes it another chain's. */
function refuseOtherChain(
  stored: StoredBlock | undefined,
  { folder, genesis }: ChainStoreOptions,
): void {
  const block = stored && decodeBlock(stored.block);
  if (!block?.ok || equalBytes(block.value.header.chainId, genesis.chainId)) return;
  throw new CodedError({
    code: "STORE_OTHER_CHAIN",
    message: `the blocks in ${folder} are of another chain than the genesis file`,
    remedy: "put back the genesis file that they began with, or choose another folder",
  });
}

import {
  type Chain,
  decodeBlock,
  encodeChainEvidence,
  engineOf,
  logId,
  moduleNumber,
} from "@voltfog/ledger";
import type {
  BlockSealsView,
  ChainView,
  ChangeView,
  CheckpointView,
  CosignatureView,
  EpochView,
  FoundView,
  LogView,
  TransactionDetailView,
  TransactionView,
} from "@voltfog/messages";
import { type Crypto, toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import type { UnitSite } from "../live/unit-site.ts";
import type { EpochMember, StoredEpoch, StoredResult } from "../store/chain-reader.ts";
import type { StoredBlock, TelemetryStore } from "../store/telemetry-store.ts";
import { blockSeals } from "./block-seals.ts";
import { chainView } from "./chain-view.ts";
import { type ConsortiumStep, changeViews } from "./change-views.ts";
import { type CosignatureQuestion, cosignaturesOf } from "./cosignatures.ts";
import { epochViews } from "./epoch-views.ts";
import { findOnChain } from "./find.ts";
import { checkpointView, logViews } from "./log-views.ts";
import { transactionDetail } from "./transaction-detail.ts";
import { storedResult, transactionView } from "./transaction-view.ts";

/** What a page of transactions is asked by; names, not numbers. */
export interface TransactionFilter {
  readonly module?: keyof typeof moduleNumber;
  readonly sender?: string;
  readonly refused?: boolean;
  readonly before: number;
  readonly limit: number;
}

const setModules: readonly number[] = [moduleNumber.validators, moduleNumber.consortium];
const newest = Number.MAX_SAFE_INTEGER;
/** Decisions that are looked through for what began an epoch. */
const decisionsMax = 1000;

/** Answers questions about the chain out of the store and the followed chain. */
export class ExplorerDesk {
  readonly #store: TelemetryStore;
  readonly #consortium: Consortium;
  readonly #units: readonly UnitSite[];
  readonly #validators: CosignatureQuestion["validators"];
  readonly #chain: () => Chain | undefined;
  readonly #crypto: Crypto;

  constructor(options: {
    store: TelemetryStore;
    consortium: Consortium;
    units: readonly UnitSite[];
    validators: CosignatureQuestion["validators"];
    chain: () => Chain | undefined;
    crypto: Crypto;
  }) {
    this.#store = options.store;
    this.#consortium = options.consortium;
    this.#units = options.units;
    this.#validators = options.validators;
    this.#chain = options.chain;
    this.#crypto = options.crypto;
  }

  /** Of the chain's next block. */
  chain(): ChainView {
    return chainView(this.#consortium);
  }

  async seals(stored: StoredBlock): Promise<BlockSealsView> {
    const epochs = await this.#epochs();
    const epoch = epochs.findLast(({ firstHeight }) => firstHeight <= stored.view.height);
    const members = epoch?.members ?? [];
    return blockSeals({ stored, members, consortium: this.#consortium });
  }

  /** Newest first. Nothing for a sender whose name nobody has. */
  async transactions(filter: TransactionFilter): Promise<readonly TransactionView[]> {
    const { module, sender, refused, before, limit } = filter;
    const key = sender === undefined ? undefined : this.#consortium.keyOf(sender);
    if (sender !== undefined && key === undefined) return [];
    const found = await this.#store.chain.transactions({
      ...{ before, limit },
      ...(module === undefined ? {} : { module: moduleNumber[module] }),
      ...(key === undefined ? {} : { sender: key }),
      ...(refused === undefined ? {} : { refused }),
    });
    return found.map((one) => transactionView({ ...one, consortium: this.#consortium }));
  }

  async transaction(hash: Uint8Array): Promise<TransactionDetailView | undefined> {
    const found = await this.#store.chain.transaction(hash);
    const stored = found && (await this.#store.block(found.height));
    if (found === undefined || stored === undefined) return undefined;
    return transactionDetail({ found, stored, consortium: this.#consortium });
  }

  /**
   * Evidence (docs/specs/chain.md) that the transaction's result is in the log of results of the newest
   * followed block; undefined for an unknown one, or before the chain was read.
   */
  async proof(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const found = await this.#store.chain.transaction(hash);
    const chain = this.#chain();
    if (found === undefined || chain === undefined) return undefined;
    const known = new Map([[found.index, storedResult(found)]]);
    const evidence = chain.evidence({ results: [found.index], names: [], known });
    return evidence === undefined ? undefined : encodeChainEvidence(evidence);
  }

  async epochs(): Promise<readonly EpochView[]> {
    const { chain } = this.#store;
    const [epochs, seals, height] = await Promise.all([
      this.#epochs(),
      chain.seals(),
      this.#store.height(),
    ]);
    const engine = engineOf(this.#consortium.genesis);
    const decisions = await this.#decisions(epochs);
    return epochViews({ epochs, seals, engine, height, decisions });
  }

  async logs(): Promise<readonly LogView[]> {
    return logViews({
      units: this.#units,
      checkpoints: await this.#store.chain.logs(),
      consortium: this.#consortium,
      crypto: this.#crypto,
    });
  }

  async checkpoints(
    query: Parameters<TelemetryStore["chain"]["checkpoints"]>[0],
  ): Promise<readonly CheckpointView[]> {
    return (await this.#store.chain.checkpoints(query)).map(checkpointView);
  }

  async growth(
    query: Parameters<TelemetryStore["chain"]["growth"]>[0],
  ): Promise<readonly CheckpointView[]> {
    return (await this.#store.chain.growth(query)).map(checkpointView);
  }

  /** Of the newest transactions of the consortium module. */
  async changes(): Promise<readonly ChangeView[]> {
    const { chain } = this.#store;
    const query = { module: moduleNumber.consortium, before: newest, limit: decisionsMax };
    const steps: ConsortiumStep[] = [];
    for (const found of (await chain.transactions(query)).toReversed()) {
      const result = storedResult(found);
      if (result.code !== "OK") continue;
      const block = await this.#store.block(found.height);
      const decoded = block && decodeBlock(block.block);
      const transaction = decoded?.ok ? decoded.value.transactions[result.txIndex] : undefined;
      if (transaction !== undefined) steps.push({ result, transaction });
    }
    const height = await this.#store.height();
    return changeViews({ steps, consortium: this.#consortium, height });
  }

  /** Nothing for a log that nobody knows. */
  async cosignatures(log: string, signal: AbortSignal): Promise<readonly CosignatureView[]> {
    const identity = this.#consortium.logOf(log);
    if (identity === undefined) return [];
    const crypto = this.#crypto;
    return await cosignaturesOf({
      ...{ validators: this.#validators, origin: identity.origin, crypto, signal },
      chain: this.#consortium.genesis.chain,
      logId: toHex(logId({ ...identity, crypto })),
    });
  }

  async find(text: string): Promise<readonly FoundView[]> {
    const height = await this.#store.height();
    const logs = await this.logs();
    const { chain } = this.#store;
    return await findOnChain(text, { chain, consortium: this.#consortium, height, logs });
  }

  /** The first epoch's members are the genesis file's, also where a store of before did not keep them. */
  async #epochs(): Promise<readonly StoredEpoch[]> {
    const epochs = await this.#store.chain.epochs();
    return epochs.map((one) =>
      one.epoch === 0 && one.members.length === 0 ? { ...one, members: this.#first() } : one,
    );
  }

  #first(): readonly EpochMember[] {
    return this.#consortium.genesis.validators.map(({ id, organisation, voteKey }) => ({
      ...{ id, organisation },
      voteKey: toHex(voteKey),
    }));
  }

  /** The newest decision about the set before each epoch's first block. */
  async #decisions(epochs: readonly StoredEpoch[]): Promise<ReadonlyMap<number, string>> {
    if (epochs.length < 2) return new Map();
    const found: StoredResult[] = [];
    for (const module of setModules) {
      const query = { module, before: newest, limit: decisionsMax };
      found.push(...(await this.#store.chain.transactions(query)));
    }
    const decided = found
      .map((one) => storedResult(one))
      .filter(({ code }) => code === "OK")
      .sort((a, b) => b.height - a.height);
    return new Map(
      epochs.slice(1).flatMap(({ epoch, firstHeight }) => {
        const decision = decided.find(({ height }) => height < firstHeight);
        return decision === undefined ? [] : [[epoch, toHex(decision.txHash)] as const];
      }),
    );
  }
}

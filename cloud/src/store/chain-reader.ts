/** Where a transaction stands, with the bytes of its result. */
export interface StoredResult {
  readonly height: number;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** The same with its block's time. */
export interface TimedResult extends StoredResult {
  readonly time_ms: number;
}

/** The first block of an epoch, and who decides its blocks. */
export interface StoredEpoch {
  readonly epoch: number;
  readonly firstHeight: number;
  /** Empty where a program stored it that did not keep them. */
  readonly members: readonly EpochMember[];
}

export interface EpochMember {
  readonly id: string;
  readonly organisation: string;
  readonly voteKey: string;
}

/** Blocks of one epoch with the same seals and the same proposer. */
export interface SealCount {
  readonly epoch: number;
  readonly proposer: string;
  readonly signers: readonly string[];
  readonly blocks: number;
  readonly firstHeight: number;
  readonly lastHeight: number;
}

/** A checkpoint that a block made final. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly height: number;
  readonly time_ms: number;
  /** Of the transaction, hex. */
  readonly hash: string | null;
}

/** Its newest final checkpoint, and how many there are. */
export interface LogCheckpoints {
  readonly log: string;
  readonly checkpoints: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly height: number;
  readonly final_ms: number;
}

export interface TransactionQuery {
  /** By number; all modules unless given. */
  readonly module?: number;
  /** Those whose code is not OK. */
  readonly refused?: boolean;
  /** The sender's key. */
  readonly sender?: Uint8Array;
  /** Results below this index. */
  readonly before: number;
  readonly limit: number;
}

/** Reads what final blocks hold; throws the store's codes. */
export interface ChainReader {
  /** Newest first. */
  transactions(query: TransactionQuery): Promise<readonly StoredResult[]>;
  transaction(hash: Uint8Array): Promise<StoredResult | undefined>;
  /** By its place in the chain's log of results. */
  result(index: number): Promise<StoredResult | undefined>;
  /** The newest stored block, and how many results there are until its end. */
  resultsEnd(): Promise<{ readonly height: number; readonly index: number }>;
  /**
   * Results with code OK of a module's number and above, oldest first, with indexes from one to below
   * another: as many as that lets through, so ask for some thousand at a time.
   */
  okResults(query: {
    fromModule: number;
    from: number;
    to: number;
  }): Promise<readonly TimedResult[]>;
  /** The result that recorded an event, by the event's id in hex. */
  eventResult(id: string): Promise<StoredResult | undefined>;
  heightOf(blockHash: string): Promise<number | undefined>;
  epochs(): Promise<readonly StoredEpoch[]>;
  /** How often who sealed and proposed. Costs a pass over all blocks. */
  seals(): Promise<readonly SealCount[]>;
  logs(): Promise<readonly LogCheckpoints[]>;
  /** Final checkpoints of a log below a size, newest first. */
  checkpoints(query: {
    log: string;
    before: number;
    limit: number;
  }): Promise<readonly StoredCheckpoint[]>;
  /** The same over all its time: at most so many, evenly by size, with the first and the last. */
  growth(query: { log: string; points: number }): Promise<readonly StoredCheckpoint[]>;
}

import { accepted, assert, type Crypto, equalBytes, type Outcome, refused } from "@voltfog/runtime";
import type { Genesis, Validator } from "../genesis/genesis.ts";
import { leafHash } from "../log/tree-hash.ts";
import { type LogState, readLogState } from "../modules/checkpoints.ts";
import type { DeviceRecord } from "../modules/device-record.ts";
import { readDeviceRecord } from "../modules/devices.ts";
import { decodeEventState, type EventState } from "../modules/events.ts";
import type { KeySuccession } from "../modules/key-succession.ts";
import { deviceName, eventName, logName, nonceName } from "../state/names.ts";
import { proveState, type StateProof } from "../state/state-proof.ts";
import type { StateTree } from "../state/state-tree.ts";
import {
  type Block,
  blockMax_bytes,
  decodeBlock,
  parentCertificateBytes,
  transactionsMax,
} from "./block.ts";
import { rootProblem, sizeProblem, txRootOf } from "./block-rules.ts";
import {
  type Certificate,
  type CertificateProblem,
  decodeCertificate,
  verifyCertificate,
} from "./certificate.ts";
import type { ChainEvidence, ResultProof } from "./chain-evidence.ts";
import type { ChainHead } from "./chain-head.ts";
import { Electorate } from "./electorate.ts";
import { Execution } from "./execution.ts";
import { genesisHeader, genesisState } from "./genesis-state.ts";
import { type BlockHeader, header_bytes, headerHash } from "./header.ts";
import { type BlockProblem, headerProblem } from "./header-rules.ts";
import { encodeResult, type Result } from "./result.ts";
import { ResultsLog } from "./results-log.ts";
import { decodeSnapshot, encodeSnapshot, type SnapshotProblem } from "./snapshot.ts";
import { readNonce, TransactionGate, type TxProblem } from "./transaction-gate.ts";
import { validatorsHash } from "./validator-set.ts";

/** A transaction that a block may hold now. */
export interface AdmittedTx {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly sender: Uint8Array;
  readonly nonce: number;
}

/** A block that may follow the head it was checked against, and what it would do. */
export interface CheckedBlock {
  readonly block: Block;
  readonly hash: Uint8Array;
  readonly results: readonly Result[];
}

/** Results whose bytes are kept in memory; older ones are in the block store. */
export const resultsKeptDefault = 131_072;

interface ChainOptions {
  readonly genesis: Genesis;
  readonly crypto: Crypto;
  readonly resultsKept?: number;
}

/**
 * Deterministic execution of final blocks over a state in memory: the same blocks give the same
 * roots on every machine. Not safe for use by several threads; nothing in it waits.
 */
export class Chain {
  readonly genesis: Genesis;
  readonly #crypto: Crypto;
  readonly #gate: TransactionGate;
  readonly #resultsKept: number;
  readonly #log: ResultsLog;
  readonly #checked = new WeakMap<CheckedBlock, Execution>();
  #head: ChainHead;
  #state: StateTree;
  #electorate: Electorate;
  /** The newest results; the first of them has index `log size − length`. */
  #results: Result[] = [];

  private constructor(
    options: ChainOptions & { head: ChainHead; state: StateTree; log: ResultsLog },
  ) {
    this.genesis = options.genesis;
    this.#crypto = options.crypto;
    this.#gate = new TransactionGate(options);
    this.#resultsKept = options.resultsKept ?? resultsKeptDefault;
    this.#head = options.head;
    this.#state = options.state;
    this.#log = options.log;
    this.#electorate = Electorate.at({ ...options, epoch: options.head.header.epoch });
  }

  static fromGenesis(options: ChainOptions): Chain {
    const { genesis, crypto } = options;
    const state = genesisState(genesis, crypto);
    const header = genesisHeader({ genesis, stateRoot: state.root(), crypto });
    const head = { header, hash: headerHash(header, crypto), certificate: undefined };
    return new Chain({ ...options, head, state, log: new ResultsLog({ crypto }) });
  }

  /** A chain that goes on after a snapshot; the snapshot proves itself against the genesis file. */
  static fromSnapshot(
    options: ChainOptions & { bytes: Uint8Array },
  ): Outcome<Chain, SnapshotProblem> {
    const decoded = decodeSnapshot(options);
    return decoded.ok ? accepted(new Chain({ ...options, ...decoded.value })) : decoded;
  }

  /** Everything needed to go on after the head; see {@link Chain.fromSnapshot}. Costs one pass over the state. */
  snapshot(): Uint8Array {
    return encodeSnapshot({ head: this.#head, state: this.#state, log: this.#log });
  }

  get head(): ChainHead {
    return this.#head;
  }

  get height(): number {
    return this.#head.header.height;
  }

  /** Who decides the next block, in the places of the genesis file. */
  get validators(): readonly Validator[] {
    return this.#electorate.next;
  }

  /** Of the next block: how many vote keys took the place of another until now. */
  get epoch(): number {
    return this.#electorate.successions.length;
  }

  /** That made the newest key of a place, if it is not the genesis file's. */
  successionTo(key: Uint8Array): KeySuccession | undefined {
    return this.#electorate.successions.find(({ newKey }) => equalBytes(newKey, key));
  }

  /** Whose vote key it is, or once was. */
  validatorOf(key: Uint8Array): Validator | undefined {
    return this.#electorate.ownerOf(key);
  }

  get resultsSize(): number {
    return this.#log.size;
  }

  /** Whether the next block may hold this transaction. Costs one signature verification when new. */
  admit(tx: Uint8Array): Outcome<AdmittedTx, TxProblem> {
    const prepared = this.#gate.prepare(tx);
    if (!prepared.ok) return prepared;
    const { time_ms } = this.#head.header;
    const admitted = this.#gate.admit({
      prepared: prepared.value,
      state: this.#state,
      time_ms,
      validators: this.validators,
    });
    if (!admitted.ok) return admitted;
    const { bytes, hash, transaction } = prepared.value;
    return accepted({ bytes, hash, sender: transaction.sender, nonce: transaction.nonce });
  }

  /**
   * The next block with those transactions, in this order, that can be included and fit; the others
   * are skipped. Its time is after the parent's even where the given one is not.
   */
  build(options: {
    parentCertificate: Certificate | undefined;
    time_ms: number;
    proposer: Uint8Array;
    transactions: Iterable<Uint8Array>;
  }): Block {
    const { parentCertificate, proposer } = options;
    const certificate = parentCertificateBytes(parentCertificate);
    const execution = this.#execution(Math.max(options.time_ms, this.#head.header.time_ms + 1));
    const transactions: Uint8Array[] = [];
    let size_bytes = 12 + header_bytes + certificate.length;
    for (const tx of options.transactions) {
      if (transactions.length >= transactionsMax) break;
      if (size_bytes + 4 + tx.length > blockMax_bytes) continue;
      if (this.#run(execution, tx) !== undefined) continue;
      transactions.push(tx);
      size_bytes += 4 + tx.length;
    }
    const parent = this.#head.header;
    const results = this.#log.after(execution.leaves());
    const header: BlockHeader = {
      chainId: this.genesis.chainId,
      height: parent.height + 1,
      epoch: this.epoch,
      parent: this.#head.hash,
      parentCertificateHash: this.#crypto.sha256(certificate),
      time_ms: execution.time_ms,
      proposer,
      txRoot: txRootOf(execution.results, this.#crypto),
      resultsSize: results.size,
      resultsRoot: results.root,
      stateRoot: execution.state.root(),
      nextValidatorsHash: this.#nextValidatorsHash(execution),
    };
    return { header, parentCertificate, transactions };
  }

  /**
   * Whether a block may follow the head: every rule of a header, every transaction includable, and
   * the roots those of executing it here. The chain stays as it is.
   */
  check(block: Block, options: { now_ms: number }): Outcome<CheckedBlock, BlockProblem> {
    const problem =
      sizeProblem(block) ??
      headerProblem({
        block,
        head: this.#head,
        genesis: this.genesis,
        epoch: this.epoch,
        validators: this.validators,
        headValidators: this.#electorate.head,
        now_ms: options.now_ms,
        crypto: this.#crypto,
      });
    if (problem !== undefined) return refused(problem);
    const execution = this.#execution(block.header.time_ms);
    for (const [i, tx] of block.transactions.entries()) {
      const refusal = this.#run(execution, tx);
      if (refusal === undefined) continue;
      const detail = `transaction ${i}: ${refusal.code}, ${refusal.detail}`;
      return refused({ code: "BLOCK_TRANSACTION", detail });
    }
    const wrong = rootProblem({
      header: block.header,
      txRoot: txRootOf(execution.results, this.#crypto),
      results: this.#log.after(execution.leaves()),
      stateRoot: execution.state.root(),
      nextValidatorsHash: this.#nextValidatorsHash(execution),
    });
    if (wrong !== undefined) return refused(wrong);
    const hash = headerHash(block.header, this.#crypto);
    const checked: CheckedBlock = { block, hash, results: execution.results };
    this.#checked.set(checked, execution);
    return accepted(checked);
  }

  /**
   * Makes a checked block the head. The caller has verified the certificate ({@link verifyCertificate});
   * here only its block is compared. Gives the block's results.
   */
  commit(checked: CheckedBlock, certificate: Certificate): readonly Result[] {
    const execution = this.#checked.get(checked);
    assert(execution !== undefined, "commit takes what this chain's check gave");
    const { header } = checked.block;
    assert(equalBytes(header.parent, this.#head.hash), "the checked block follows the head");
    assert(equalBytes(certificate.blockHash, checked.hash), "the certificate is of this block");
    this.#checked.delete(checked);
    this.#head = { header, hash: checked.hash, certificate };
    this.#state = execution.state;
    this.#electorate = this.#electorate.after(execution.state);
    this.#log.append(execution.leaves());
    this.#results.push(...checked.results);
    // Cut in large steps, so that a block costs no copy of the window.
    if (this.#results.length > 2 * this.#resultsKept) {
      this.#results = this.#results.slice(this.#results.length - this.#resultsKept);
    }
    return checked.results;
  }

  /**
   * Decodes, verifies and commits a final block of another node: for catching up, following and
   * replaying. A final block is never too far ahead in time.
   */
  follow(final: {
    block: Uint8Array;
    certificate: Uint8Array;
  }): Outcome<CheckedBlock, FollowProblem> {
    const block = decodeBlock(final.block);
    if (!block.ok) return refused({ code: "BLOCK_MALFORMED", detail: block.problem.detail });
    const certificate = decodeCertificate(final.certificate);
    if (!certificate.ok) {
      return refused({ code: "CERTIFICATE_MALFORMED", detail: certificate.problem.detail });
    }
    const { header } = block.value;
    const verdict = verifyCertificate({
      certificate: certificate.value,
      chainId: this.genesis.chainId,
      epoch: header.epoch,
      height: header.height,
      blockHash: headerHash(header, this.#crypto),
      validators: this.validators,
      crypto: this.#crypto,
    });
    if (!verdict.ok) return verdict;
    const checked = this.check(block.value, { now_ms: Number.MAX_SAFE_INTEGER });
    if (checked.ok) this.commit(checked.value, certificate.value);
    return checked;
  }

  /** undefined for an index that is not there yet, or so old that only the block store has it. */
  resultAt(index: number): Result | undefined {
    return this.#results[index - (this.#log.size - this.#results.length)];
  }

  /** A kept result with its path to the head's results root. */
  resultProof(options: { index: number }): ResultProof | undefined {
    const { index } = options;
    const result = this.resultAt(index);
    return result && { index, result, path: this.#log.path(index) };
  }

  /** Value and proof, or absence and proof, against the head's state root. */
  stateProof(name: string): { value: Uint8Array | undefined; proof: StateProof } {
    const proof = proveState({ state: this.#state, names: [name], crypto: this.#crypto });
    return { value: this.#state.get(name), proof };
  }

  /**
   * Results and state names proven by the head, at most 64 each; undefined where a result is not
   * there or no longer kept and not among `known` (as read from the block store), or where the head
   * is the genesis block.
   */
  evidence(options: {
    results: readonly number[];
    names: readonly string[];
    known?: ReadonlyMap<number, Result>;
  }): ChainEvidence | undefined {
    const { header, certificate } = this.#head;
    if (certificate === undefined) return undefined;
    const results: ResultProof[] = [];
    for (const index of options.results) {
      const result = this.resultAt(index) ?? this.#known(index, options.known?.get(index));
      if (result === undefined) return undefined;
      results.push({ index, result, path: this.#log.path(index) });
    }
    const { names } = options;
    const values = names.map((name) => ({ name, value: this.#state.get(name) }));
    const proof = proveState({ state: this.#state, names, crypto: this.#crypto });
    const successions = this.#electorate.successions.slice(0, header.epoch);
    return { header, certificate, successions, results, names: values, proof };
  }

  logState(logId: Uint8Array): LogState | undefined {
    return readLogState(this.#state.get(logName(logId)));
  }

  eventState(eventId: Uint8Array): EventState | undefined {
    const value = this.#state.get(eventName(eventId));
    const decoded = value && decodeEventState(value);
    return decoded?.ok ? decoded.value : undefined;
  }

  /** The sender's last nonce, 0 before its first transaction. */
  nonceOf(key: Uint8Array): number {
    return readNonce(this.#state.get(nonceName(key)));
  }

  deviceOf(keyId: Uint8Array): DeviceRecord | undefined {
    return readDeviceRecord(this.#state.get(deviceName(keyId)));
  }

  #nextValidatorsHash({ state }: Execution): Uint8Array {
    return validatorsHash(this.#electorate.after(state).next, this.#crypto);
  }

  #execution(time_ms: number): Execution {
    return new Execution({
      genesis: this.genesis,
      crypto: this.#crypto,
      state: this.#state,
      height: this.height + 1,
      time_ms,
      resultsSize: this.#log.size,
    });
  }

  #run(execution: Execution, tx: Uint8Array): TxProblem | undefined {
    const prepared = this.#gate.prepare(tx);
    if (!prepared.ok) return prepared.problem;
    const { state, time_ms } = execution;
    const admitted = this.#gate.admit({
      prepared: prepared.value,
      state,
      time_ms,
      validators: this.validators,
    });
    if (!admitted.ok) return admitted.problem;
    execution.run(prepared.value, admitted.value);
    return undefined;
  }

  /** A result from elsewhere, if it is the one that this chain has hashed. */
  #known(index: number, result: Result | undefined): Result | undefined {
    if (result === undefined || index >= this.#log.size) return undefined;
    const leaf = leafHash(encodeResult(result), this.#crypto);
    return equalBytes(leaf, this.#log.leaf(index)) ? result : undefined;
  }
}

/** Why a final block from elsewhere was not taken. */
export type FollowProblem =
  | BlockProblem
  | CertificateProblem
  | { readonly code: "BLOCK_MALFORMED"; readonly detail: string };

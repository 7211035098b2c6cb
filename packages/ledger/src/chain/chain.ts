import { accepted, assert, type Crypto, equalBytes, type Outcome, refused } from "@voltfog/runtime";
import { engineOf, type Genesis, type Validator } from "../genesis/genesis.ts";
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
import { startBlock } from "./block-start.ts";
import { type Certificate, decodeCertificate, verifyCertificate } from "./certificate.ts";
import type { ChainEvidence, ResultProof } from "./chain-evidence.ts";
import type { ChainHead } from "./chain-head.ts";
import type { AdmittedTx, CheckedBlock, FollowProblem } from "./checked-block.ts";
import { ConsortiumView } from "./consortium-view.ts";
import { Electorate } from "./electorate.ts";
import { Execution } from "./execution.ts";
import { genesisHeader, genesisState } from "./genesis-state.ts";
import { type BlockHeader, header_bytes, headerHash } from "./header.ts";
import { type BlockProblem, type BlockView, headerProblem } from "./header-rules.ts";
import { KeptResults } from "./kept-results.ts";
import type { Result } from "./result.ts";
import { ResultsLog } from "./results-log.ts";
import type { Seat } from "./seat.ts";
import { decodeSnapshot, encodeSnapshot, type SnapshotAssembly } from "./snapshot.ts";
import { type SnapshotSource, snapshotSource } from "./snapshot-parts.ts";
import type { SnapshotProblem } from "./snapshot-problem.ts";
import { readNonce, TransactionGate, type TxProblem } from "./transaction-gate.ts";
import { validatorsHash } from "./validator-set.ts";

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
  #log: ResultsLog;
  readonly #checked = new WeakMap<CheckedBlock, Execution>();
  #head: ChainHead;
  #state: StateTree;
  #electorate: Electorate;
  #results: KeptResults;
  /** The block that was built last on this head, with its execution: checking it takes no other. */
  #built: { readonly block: Block; readonly execution: Execution } | undefined;

  private constructor(
    options: ChainOptions & { head: ChainHead; state: StateTree; log: ResultsLog },
  ) {
    this.genesis = options.genesis;
    this.#crypto = options.crypto;
    this.#gate = new TransactionGate(options);
    this.#head = options.head;
    this.#state = options.state;
    this.#log = options.log;
    this.#results = new KeptResults(options);
    const { height, epoch } = options.head.header;
    this.#electorate = Electorate.at({ ...options, height, epoch });
  }

  static fromGenesis(options: ChainOptions): Chain {
    const { genesis, crypto } = options;
    const state = genesisState(genesis, crypto);
    const header = genesisHeader({ genesis, stateRoot: state.root(), crypto });
    const head = { header, hash: headerHash(header, crypto), certificate: undefined };
    return new Chain({ ...options, head, state, log: new ResultsLog({ crypto }) });
  }

  /** A chain that goes on after a snapshot, whole or put together; it proves itself against the genesis file. */
  static fromSnapshot(
    options: ChainOptions & ({ bytes: Uint8Array } | { assembly: SnapshotAssembly }),
  ): Outcome<Chain, SnapshotProblem> {
    const decoded = "assembly" in options ? options.assembly.finish() : decodeSnapshot(options);
    return decoded.ok ? accepted(new Chain({ ...options, ...decoded.value })) : decoded;
  }

  /** Everything needed to go on after the head; see {@link Chain.fromSnapshot}. Costs one pass over the state. */
  snapshot(): Uint8Array {
    return encodeSnapshot(this.snapshotSource());
  }

  /** The same, part by part; the head is not the genesis block, which follows from its file. */
  snapshotSource(): SnapshotSource {
    const evidence = this.evidence({ results: [], names: [] });
    assert(evidence !== undefined, "the genesis block needs no snapshot");
    return snapshotSource({ evidence, state: this.#state, log: this.#log, crypto: this.#crypto });
  }

  /** Becomes what another chain of the same genesis file is, which must not be used after that. */
  leap(to: Chain): void {
    assert(to.genesis === this.genesis && to.height > this.height, "a chain leaps forward only");
    this.#built = undefined;
    this.#head = to.#head;
    this.#state = to.#state;
    this.#log = to.#log;
    this.#electorate = to.#electorate;
    this.#results = to.#results;
  }

  get head(): ChainHead {
    return this.#head;
  }

  get height(): number {
    return this.#head.header.height;
  }

  /** As the head has it, for the modules' own readers. It is never changed: another block has another tree. */
  get state(): StateTree {
    return this.#state;
  }

  /** Who decides the next block; a place in the list is a bit in certificates. */
  get validators(): readonly Seat[] {
    return this.#electorate.next;
  }

  /** Who decided the head, who decides the next block, and the steps from the genesis file to them. */
  get electorate(): Electorate {
    return this.#electorate;
  }

  /** Of the next block: how often the vote keys changed until now. */
  get epoch(): number {
    return this.#electorate.epoch;
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
    const electorate = this.#electorate;
    const prepared = this.#gate.prepare(tx, electorate);
    if (!prepared.ok) return prepared;
    const { time_ms } = this.#head.header;
    const state = this.#state;
    const admitted = this.#gate.admit({ prepared: prepared.value, state, time_ms, electorate });
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
    const time_ms = Math.max(options.time_ms, this.#head.header.time_ms + 1);
    const execution = this.#execution({ time_ms, parentCertificate });
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
      ...{ resultsSize: results.size, resultsRoot: results.root },
      stateRoot: execution.state.root(),
      nextValidatorsHash: this.#nextValidatorsHash(execution),
    };
    const block: Block = { header, parentCertificate, transactions };
    this.#built = { block, execution };
    return block;
  }

  /**
   * Whether a block may follow the head: every rule of a header, every transaction includable, and the roots
   * those of executing it here, unless it is the object that {@link build} gave last. The chain stays as it is.
   */
  check(block: Block, view: BlockView): Outcome<CheckedBlock, BlockProblem> {
    const problem =
      sizeProblem(block) ??
      headerProblem({
        ...{ ...view, block, head: this.#head, genesis: this.genesis },
        ...{ electorate: this.#electorate, crypto: this.#crypto },
      });
    if (problem !== undefined) return refused(problem);
    const executed =
      this.#built?.block === block ? accepted(this.#built.execution) : this.#execute(block);
    if (!executed.ok) return executed;
    const hash = headerHash(block.header, this.#crypto);
    const checked: CheckedBlock = { block, hash, results: executed.value.results };
    this.#checked.set(checked, executed.value);
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
    this.#built = undefined;
    this.#head = { header, hash: checked.hash, certificate };
    this.#state = execution.state;
    this.#electorate = this.#electorate.after(execution.state);
    this.#log.append(execution.leaves());
    this.#results.append(checked.results);
    return checked.results;
  }

  /** Decodes, verifies and commits a final block of another node; it is never too far ahead in time. */
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
      engine: engineOf(this.genesis),
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
    return this.#results.at(index);
  }

  /** The path of a result in the log of results as it was at a size: above the index, at most the head's. */
  resultPath(options: { index: number; size: number }): readonly Uint8Array[] {
    return this.#log.path(options.index, options.size);
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
      const result = this.#results.at(index, options.known?.get(index));
      if (result === undefined) return undefined;
      results.push({ index, result, path: this.#log.path(index) });
    }
    const { names } = options;
    const values = names.map((name) => ({ name, value: this.#state.get(name) }));
    const proof = proveState({ state: this.#state, names, crypto: this.#crypto });
    const steps = this.#electorate.steps.slice(0, header.epoch);
    return { header, certificate, steps, results, names: values, proof };
  }

  /** Members, changes that wait for votes and rules, as the head has them. */
  get consortium(): ConsortiumView {
    const { genesis, height, state, electorate } = this;
    return new ConsortiumView({ state, genesis, electorate, height });
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

  /** Every transaction can be included, and the header names what they gave. */
  #execute(block: Block): Outcome<Execution, BlockProblem> {
    const { parentCertificate } = block;
    const execution = this.#execution({ time_ms: block.header.time_ms, parentCertificate });
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
    return accepted(execution);
  }

  #nextValidatorsHash({ state }: Execution): Uint8Array {
    return validatorsHash(this.#electorate.after(state).next, this.#crypto);
  }

  #execution(block: { time_ms: number; parentCertificate: Certificate | undefined }): Execution {
    const { genesis, electorate } = this;
    const { header: parent, hash: parentHash } = this.#head;
    const { time_ms, parentCertificate } = block;
    const start = { genesis, state: this.#state, parent, parentCertificate, electorate };
    return new Execution({
      genesis,
      crypto: this.#crypto,
      state: startBlock(start),
      roster: electorate,
      parent: { height: parent.height, hash: parentHash },
      time_ms,
      resultsSize: this.#log.size,
    });
  }

  #run(execution: Execution, tx: Uint8Array): TxProblem | undefined {
    const electorate = this.#electorate;
    const prepared = this.#gate.prepare(tx, electorate);
    if (!prepared.ok) return prepared.problem;
    const { state, time_ms } = execution;
    const admitted = this.#gate.admit({ prepared: prepared.value, state, time_ms, electorate });
    if (!admitted.ok) return admitted.problem;
    execution.run(prepared.value, admitted.value);
    return undefined;
  }
}

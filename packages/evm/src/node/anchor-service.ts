import {
  type Clock,
  type Crypto,
  faultOf,
  type Logger,
  messageOf,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import { AnchorContract, type AnchorProgress, refusalText, setHash } from "./anchor-contract.ts";
import type { AnchorSigner, SigningProblem, SigningRequest } from "./anchor-signer.ts";
import {
  type AnchorPlace,
  type AnchorStatement,
  anchorOf,
  anchorQuorum,
  packSignatures,
  statementSigner,
} from "./anchor-statement.ts";
import type { FinalHeaders } from "./final-evidence.ts";
import type { EndedMatter, TransactionSender } from "./transaction-sender.ts";

export interface AnchorServiceOptions {
  readonly contract: AnchorContract;
  readonly place: AnchorPlace;
  readonly sender: TransactionSender;
  readonly signers: readonly AnchorSigner[];
  readonly headers: FinalHeaders;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Anchor addresses of the validators as they should be, ascending; undefined where nobody knows yet. */
  readonly validators: () => Promise<readonly string[] | undefined>;
  /** Least time between two anchors. */
  readonly interval_ms: number;
  /** Time between two looks at both chains. */
  readonly poll_ms: number;
}

export interface AnchorCounts {
  anchored: number;
  reverted: number;
  displaced: number;
  quorumMissing: number;
  unreachable: number;
}

/**
 * Brings the newest final header of the consortium's chain to its CheckpointAnchor, every so often, and
 * its validator set when that changes. Any later anchor proves every older result, so what could not be
 * anchored in time is not caught up on one by one: the next anchor covers it.
 *
 * All that it must remember is what its sender keeps on disk. How far anchors are it reads from the
 * contract, so that it can be restarted anywhere, and several can run for one contract.
 */
export class AnchorService {
  readonly counts: AnchorCounts = {
    anchored: 0,
    reverted: 0,
    displaced: 0,
    quorumMissing: 0,
    unreachable: 0,
  };
  readonly #options: AnchorServiceOptions;
  #stopping = false;
  #wake: () => void = () => {};
  #loop: Promise<void> = Promise.resolve();
  #due_ms = 0;
  #progress: AnchorProgress | undefined;
  #state: "following" | "unreachable" | "starting" = "starting";

  constructor(options: AnchorServiceOptions) {
    this.#options = options;
  }

  /** How far the contract was at the last look. */
  get progress(): AnchorProgress | undefined {
    return this.#progress;
  }

  /** Of the account that pays. */
  get address(): string {
    return this.#options.sender.address;
  }

  /** Transactions that are not final yet. */
  get openIds(): readonly string[] {
    return this.#options.sender.openIds;
  }

  get reorganised(): number {
    return this.#options.sender.reorganised;
  }

  get state(): "following" | "unreachable" | "starting" {
    return this.#state;
  }

  start(): void {
    this.#loop = this.#repeat();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#loop;
  }

  async #repeat(): Promise<void> {
    const { clock, poll_ms, logger } = this.#options;
    while (!this.#stopping) {
      try {
        await this.step();
        if (this.#state !== "following") logger.info("anchors followed", { ...this.#progress });
        this.#state = "following";
      } catch (thrown) {
        this.counts.unreachable++;
        if (this.#state !== "unreachable") logger.warn("anchors not followed", faultOf(thrown));
        this.#state = "unreachable";
      }
      if (this.#stopping) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(poll_ms, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  /** One look at both chains, and what is due. Throws EVM_UNREACHABLE, CHAIN_UNREACHABLE and the like. */
  async step(): Promise<void> {
    const { sender, contract, clock } = this.#options;
    for (const ended of await sender.step()) this.#count(ended);
    if (sender.isWaiting) return;
    const progress = await contract.progress();
    this.#progress = progress;
    const now_ms = clock.monotonic_ms();
    if (now_ms < this.#due_ms) return;
    const present = await contract.validators();
    const wanted = await this.#options.validators();
    const isSent =
      wanted === undefined || setHash(wanted) === setHash(present)
        ? await this.#anchor(progress, present)
        : await this.#change({ progress, present, wanted });
    if (isSent) this.#due_ms = now_ms + this.#options.interval_ms;
  }

  async #anchor(progress: AnchorProgress, present: readonly string[]): Promise<boolean> {
    const { headers, crypto } = this.#options;
    const newest = await headers.newest();
    if (newest === undefined) return false;
    const content = anchorOf(newest.evidence.header, crypto);
    if (content.height <= Math.max(progress.height, progress.setHeight)) return false;
    const { setVersion } = progress;
    const by = await this.#signed({
      present,
      statement: { kind: "anchor", setVersion, content },
      request: { ...this.#place(), kind: "anchor", setVersion, evidence: newest.bytes },
    });
    if (by === undefined) return false;
    const data = AnchorContract.encodeAnchor(content, by);
    return this.#send(`anchor/${content.height}`, data);
  }

  async #change(o: {
    progress: AnchorProgress;
    present: readonly string[];
    wanted: readonly string[];
  }): Promise<boolean> {
    const { progress, present, wanted } = o;
    const content = {
      version: progress.setVersion + 1,
      height: Math.max(progress.height, progress.setHeight),
      validators: wanted,
    };
    const by = await this.#signed({
      present,
      statement: { kind: "validators", content },
      request: { ...this.#place(), kind: "validators", content },
    });
    if (by === undefined) return false;
    const data = AnchorContract.encodeChange({ height: content.height, next: wanted }, by);
    return this.#send(`set/${content.version}`, data);
  }

  #place(): { evmChainId: bigint; contract: string } {
    const { evmChainId, contract } = this.#options.place;
    return { evmChainId, contract };
  }

  /** A quorum of good signatures of the present set; undefined while there is none. */
  async #signed(o: {
    present: readonly string[];
    statement: AnchorStatement;
    request: SigningRequest;
  }): Promise<Parameters<typeof AnchorContract.encodeAnchor>[1] | undefined> {
    const { present, statement, request } = o;
    const { place, signers, logger } = this.#options;
    const answers = await Promise.all(
      signers.map((signer) => signer.sign(request).catch(unreachable)),
    );
    const signatures = new Map<string, string>();
    for (const answer of answers) {
      if (!answer.ok) {
        logger.debug("no signature", { ...answer.problem });
        continue;
      }
      const signer = statementSigner({ place, statement, signature: answer.value });
      if (signer !== undefined && present.includes(signer)) signatures.set(signer, answer.value);
    }
    const needed = anchorQuorum(present.length);
    if (signatures.size >= needed) {
      return { validators: present, ...packSignatures({ validators: present, signatures }) };
    }
    this.counts.quorumMissing++;
    logger.warn("too few signatures", { given: signatures.size, needed, kind: statement.kind });
    return undefined;
  }

  async #send(id: string, data: string): Promise<boolean> {
    const { sender, contract, logger } = this.#options;
    const sent = await sender.send({ id, to: contract.address, data });
    if (sent.ok) {
      logger.info("anchor sent", { id });
      return true;
    }
    const reason = refusalText("CheckpointAnchor", {
      detail: sent.problem.detail,
      data: sent.problem.data,
    });
    logger.warn("anchor not sent", { id, code: sent.problem.code, reason });
    return false;
  }

  #count({ id, outcome, receipt, hash }: EndedMatter): void {
    const key = outcome === "final" ? "anchored" : outcome;
    this.counts[key]++;
    const facts = { id, hash, block: receipt?.blockNumber, gas: Number(receipt?.gasUsed ?? 0) };
    if (outcome === "final") this.#options.logger.info("anchor final", facts);
    // The next look reads the contract and anchors what is newest then.
    else this.#options.logger.warn("anchor lost", { ...facts, outcome });
  }
}

function unreachable(thrown: unknown): Outcome<never, SigningProblem> {
  return refused({ code: "SIGNER_UNREACHABLE", detail: messageOf(thrown) });
}

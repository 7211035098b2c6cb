import {
  type Chain,
  encodeHashOrder,
  moduleNumber,
  pileAction,
  pileContract,
} from "@voltfog/ledger";
import type { SettlementExportView } from "@voltfog/messages";
import { type Clock, CodedError, fromHex, messageOf } from "@voltfog/runtime";
import { again, type StepVerdict } from "../remote/repeat.ts";
import type { PendingRow, SettlementExporter } from "./exporter.ts";

/** Sends a transaction of the market's desk; what a validator said to it. */
export type SendOrder = (
  chain: Chain,
  call: { module: number; action: number; payload: Uint8Array },
) => Promise<{ readonly ok: boolean }>;

const idle_ms = 500;
/** An acknowledgement that is on its way is not sent again before this. */
const resend_ms = 10_000;
const sentMax = 10_000;

/**
 * Follows the book with the operators' database, and tells the chain of every order whose row is there for
 * good. One that the database confirmed and the chain was not told of is told of again after a restart;
 * one that the chain has is noted in the database. Neither does anything twice.
 */
export class ExportStage {
  readonly #exporter: SettlementExporter;
  readonly #chain: () => Chain | undefined;
  readonly #send: SendOrder | undefined;
  readonly #waiting: (nextIndex: number) => Promise<number>;
  readonly #clock: Clock;
  readonly #sent = new Map<string, number>();
  #nextIndex = 0;
  #view: SettlementExportView = {
    ...{ state: "failing", code: "SETTLEMENT_NOT_ASKED", since_ms: null, isDurable: null },
    ...{ message: "the database was not reached yet", rows: 0, waiting: 0, unacknowledged: 0 },
  };

  constructor(options: {
    exporter: SettlementExporter;
    chain: () => Chain | undefined;
    /** undefined where this cloud has no key of the desk: then orders stay without acknowledgement. */
    send: SendOrder | undefined;
    /** Settled rows from an index on: those that the database has not got. */
    waiting: (nextIndex: number) => Promise<number>;
    clock: Clock;
  }) {
    this.#exporter = options.exporter;
    this.#chain = options.chain;
    this.#send = options.send;
    this.#waiting = options.waiting;
    this.#clock = options.clock;
  }

  get view(): SettlementExportView {
    return this.#view;
  }

  /** Exports one batch, then acknowledges. Throws SETTLEMENT_* codes. */
  async step(): Promise<StepVerdict> {
    try {
      const done = await this.#exporter.exportBatch();
      this.#nextIndex = done.nextIndex;
      const pending = await this.#exporter.pending();
      const open = await this.#acknowledge(pending);
      this.#view = {
        ...{ state: "following", code: null, message: null, since_ms: null },
        ...{ rows: done.rows, isDurable: done.isDurable, unacknowledged: open },
        waiting: await this.#waiting(done.nextIndex),
      };
      return done.exported > 0 ? again : { pause_ms: idle_ms };
    } catch (thrown) {
      const code = thrown instanceof CodedError ? thrown.code : "SETTLEMENT_FAILED";
      this.#view = {
        ...this.#view,
        ...{ state: "failing", code, message: messageOf(thrown) },
        since_ms: this.#view.since_ms ?? this.#clock.wall_ms(),
        waiting: await this.#waiting(this.#nextIndex),
      };
      throw thrown;
    }
  }

  close(): void {
    this.#exporter.close();
  }

  /** How many are still open after it. */
  async #acknowledge(pending: readonly PendingRow[]): Promise<number> {
    const chain = this.#chain();
    if (chain === undefined) return pending.length;
    let open = 0;
    for (const row of pending) {
      const contract = pileContract(chain.state, bytesOf(row.contractId));
      if (contract?.state === "complete") {
        await this.#exporter.acknowledged(row, chain.height);
        this.#sent.delete(row.contractId);
        continue;
      }
      open++;
      await this.#tell(chain, row);
    }
    return open;
  }

  async #tell(chain: Chain, { contractId, rowHash }: PendingRow): Promise<void> {
    const now_ms = this.#clock.monotonic_ms();
    const sent_ms = this.#sent.get(contractId);
    if (this.#send === undefined || (sent_ms !== undefined && now_ms - sent_ms < resend_ms)) return;
    if (this.#sent.size >= sentMax) this.#sent.clear();
    this.#sent.set(contractId, now_ms);
    await this.#send(chain, {
      module: moduleNumber.piles,
      action: pileAction.acknowledge,
      payload: encodeHashOrder({ contractId: bytesOf(contractId), hash: bytesOf(rowHash) }),
    });
  }
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

import {
  type Chain,
  type ChainEvidence,
  encodeSessionCount,
  linkedVehicleOf,
  moduleNumber,
  receiptJson,
  sessionAction,
  sessionOf,
  type VehicleCount,
  verifyEnergyStatement,
} from "@voltfog/ledger";
import {
  type CdrContext,
  cdrOf,
  correctedOf,
  creditOf,
  energyAgreement,
  meterHash,
  ocpiJson,
  readMeter,
  type SignedMeter,
} from "@voltfog/market";
import type {
  DayClearingView,
  PileAdviceView,
  SettlementExportView,
  SettlementReportKind,
  SettlementReportRow,
} from "@voltfog/messages";
import { type Clock, CodedError, type Crypto, fromHex, toHex } from "@voltfog/runtime";
import { DayClearing } from "./clearing.ts";
import type { SendOrder } from "./export-stage.ts";
import { pileAdvice } from "./pile-advice.ts";
import type { SettlementBook } from "./settlement-book.ts";
import {
  type CorrectionRow,
  dayBegin_ms,
  dayEnd_ms,
  type SessionRow,
  type SettlementRow,
} from "./settlement-row.ts";

/** Refused, with its HTTP status. */
export class SettlementRefusal extends CodedError {
  readonly statusCode: number;

  constructor(options: { statusCode: number; code: string; message: string }) {
    super(options);
    this.statusCode = options.statusCode;
  }
}

export interface SettlementDeskOptions {
  readonly book: SettlementBook;
  readonly chain: () => Chain | undefined;
  /** Evidence by the newest block of a result and of names; undefined before the chain was read. */
  readonly evidence: (o: {
    index: number;
    names: readonly string[];
  }) => Promise<ChainEvidence | undefined>;
  /** Height up to which the book is. */
  readonly height: () => number;
  /** Time of a final block; undefined where the store has none of that height. */
  readonly blockTime_ms: (height: number) => Promise<number | undefined>;
  readonly exportView: () => SettlementExportView;
  /** Signs with the desk's key and sends; undefined where it has none. */
  readonly send: SendOrder | undefined;
  readonly context: CdrContext;
  readonly clock: Clock;
  readonly crypto: Crypto;
}

/** Whether the chain was asked to open a dispute, because the counts cannot both be right. */
export interface CountOutcome {
  readonly dispute: "none" | "sent" | "not-sent";
}

const pageRows = 10_000;
const cdrsMax = 10_000;
const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
const adviceWindow_ms = 28 * day_ms;
const idPattern = /^[0-9a-f]{32}$/;

/** Answers questions about what was settled, and takes the papers that receipts need. */
export class SettlementDesk {
  readonly #options: SettlementDeskOptions;

  constructor(options: SettlementDeskOptions) {
    this.#options = options;
  }

  get export(): SettlementExportView {
    return this.#options.exportView();
  }

  /** The day's clearing between operators. DAY_INVALID. */
  async day(day: string): Promise<DayClearingView> {
    const begin_ms = dayBegin_ms(day);
    if (begin_ms === undefined) {
      const message = `${JSON.stringify(day)} is no day such as 2026-05-03`;
      throw new SettlementRefusal({ statusCode: 400, code: "DAY_INVALID", message });
    }
    // Asked before the rows: what is final then is among them.
    const chainBegan_ms = (await this.#options.blockTime_ms(1)) ?? null;
    const isFinal = await this.#isOver(dayEnd_ms(begin_ms), chainBegan_ms);
    const clearing = new DayClearing();
    await this.#eachOf(day, (row) => clearing.add(row));
    const { currency } = this.#options.context;
    return { day, currency, isFinal, chainBegan_ms, ...clearing.figures() };
  }

  /** The day's records, in the order of the chain; a refund gives a credit and a corrected record. */
  async cdrs(day: string): Promise<readonly unknown[]> {
    const rows: SettlementRow[] = [];
    await this.#eachOf(day, (row) => {
      const isRecord = row.kind === "session" || row.kind === "correction";
      if (isRecord && rows.length < cdrsMax) rows.push(row);
    });
    const cdrs: unknown[] = [];
    for (const row of rows) {
      if (row.kind === "session") cdrs.push(await this.#cdr(row));
      else if (row.kind === "correction") cdrs.push(...(await this.#correction(row)));
    }
    return cdrs;
  }

  async #cdr(row: SessionRow): Promise<unknown> {
    const { context, book } = this.#options;
    const paper = await book.paper(row.sessionId, "meter");
    const meter = paper === undefined ? {} : { meter: readPaper(paper) };
    return ocpiJson(cdrOf(row, { context, ...meter }));
  }

  async #correction(row: CorrectionRow): Promise<readonly unknown[]> {
    const { context, book } = this.#options;
    const session = await book.session(row.sessionId);
    if (session === undefined || row.reason !== "refund") return [];
    const at_ms = row.settled_ms;
    const refund = row.moved;
    const corrected = correctedOf(session, { context, refund, corrected_ms: at_ms });
    return [creditOf(cdrOf(session, { context }), at_ms), corrected].map(ocpiJson);
  }

  report(by: SettlementReportKind): Promise<readonly SettlementReportRow[]> {
    return this.#options.book.report(by);
  }

  /** SETTLEMENT_UNREAD before the chain was read. */
  async advice(): Promise<readonly PileAdviceView[]> {
    const { state, genesis } = this.#chain();
    const now_ms = this.#options.clock.wall_ms();
    // A young consortium is judged by the time that it has had, and by an hour at the least.
    const window_ms = Math.min(adviceWindow_ms, Math.max(hour_ms, now_ms - genesis.created_ms));
    const used = await this.#options.book.use(Math.max(0, now_ms - window_ms));
    return pileAdvice({ state, used, window_d: window_ms / day_ms });
  }

  /** The receipt of a settled session. UNKNOWN_SESSION, METER_MISSING while no signed values were handed in. */
  async receipt(sessionId: string): Promise<object> {
    const { book, evidence: evidenceOf } = this.#options;
    const row = await this.#settled(sessionId);
    const paper = await book.paper(sessionId, "meter");
    if (paper === undefined) {
      const message = "the charge point has not handed in its meter's signed values yet";
      throw new SettlementRefusal({ statusCode: 404, code: "METER_MISSING", message });
    }
    const vehicle = readCount(await book.paper(sessionId, "count"));
    const names = [
      `session/${sessionId}`,
      ...(vehicle === undefined ? [] : [`v2v-vehicle/${toHex(vehicle.key)}`]),
    ];
    const evidence = await evidenceOf({ index: row.resultIndex, names });
    if (evidence === undefined) throw unread();
    return receiptJson({
      ...{ sessionId: bytesOf(sessionId), meter: readPaper(paper), vehicle, evidence },
    });
  }

  /**
   * Takes a charge point's signed values; nobody else can have some with the hash that the session was
   * settled with. UNKNOWN_SESSION, METER_NOT_SETTLED, OCMF_*.
   */
  async keepMeter(sessionId: string, meter: SignedMeter): Promise<void> {
    const { book, crypto } = this.#options;
    const row = await this.#settled(sessionId);
    if (toHex(meterHash(meter, crypto)) !== row.meterHash) {
      const message = "the session was not settled with these signed values";
      throw new SettlementRefusal({ statusCode: 409, code: "METER_NOT_SETTLED", message });
    }
    const read = readMeter(meter);
    if (!read.ok) {
      const { code, detail: message } = read.problem;
      throw new SettlementRefusal({ statusCode: 422, code, message });
    }
    const body = JSON.stringify({ key: toHex(meter.key), records: meter.records });
    await book.keepPaper({ sessionId, kind: "meter", body });
  }

  /**
   * Takes a vehicle's count, signed by its key. The count of a vehicle that the chain links to the driver
   * takes the place of any other's, so that no stranger can keep it out; another's takes nobody's place.
   * Where it cannot be right beside the charge point's, the desk takes it to the chain, which opens the
   * dispute; handed in again it is sent again, and the chain opens none twice. UNKNOWN_SESSION,
   * VEHICLE_SIGNATURE_INVALID, COUNT_TAKEN.
   */
  async keepCount(sessionId: string, count: VehicleCount): Promise<CountOutcome> {
    const { book, crypto } = this.#options;
    const chain = this.#chain();
    const { genesis, state } = chain;
    const { driver } = await this.#settled(sessionId);
    const statement = { ...count, tradeId: bytesOf(sessionId), side: "received" as const };
    const { chainId } = genesis;
    if (!verifyEnergyStatement({ statement, chainId, vehicle: count.key, crypto })) {
      const message = "the key did not sign this count for this session and chain";
      throw new SettlementRefusal({ statusCode: 422, code: "VEHICLE_SIGNATURE_INVALID", message });
    }
    const { key, energy_Wh, from_ms, to_ms, signature } = count;
    const linked = linkedVehicleOf(state, key);
    const isDrivers = linked !== undefined && toHex(linked.account) === driver;
    const known = readCount(await book.paper(sessionId, "count"));
    if (known !== undefined && toHex(known.key) !== toHex(key) && !isDrivers) {
      const message = "another vehicle's count is there";
      throw new SettlementRefusal({ statusCode: 409, code: "COUNT_TAKEN", message });
    }
    const hex = { key: toHex(key), signature: toHex(signature) };
    const body = JSON.stringify({ ...hex, energy_Wh, from_ms, to_ms });
    await book.keepPaper({ sessionId, kind: "count", body });
    const charger_Wh = sessionOf(state, statement.tradeId)?.settlement?.energy_Wh;
    if (!isDrivers || charger_Wh === undefined) return { dispute: "none" };
    if (energyAgreement({ charger_Wh, pack_Wh: energy_Wh }).agrees) return { dispute: "none" };
    const payload = encodeSessionCount({ vehicle: key, statement });
    const call = { module: moduleNumber.sessions, action: sessionAction.count, payload };
    const answer = await this.#options.send?.(chain, call);
    return { dispute: answer?.ok === true ? "sent" : "not-sent" };
  }

  async #settled(sessionId: string): Promise<SessionRow> {
    const row = idPattern.test(sessionId) ? await this.#options.book.session(sessionId) : undefined;
    if (row !== undefined) return row;
    const message = "no session with this id was settled";
    throw new SettlementRefusal({ statusCode: 404, code: "UNKNOWN_SESSION", message });
  }

  async #eachOf(day: string, take: (row: SettlementRow) => void): Promise<void> {
    for (let after = -1; ; ) {
      const page = await this.#options.book.rowsOf({ day, after, limit: pageRows });
      for (const row of page) take(row);
      const last = page.at(-1);
      if (last === undefined || page.length < pageRows) return;
      after = last.resultIndex;
    }
  }

  /** No block that is not in the book can be of this day, since times of blocks rise. */
  async #isOver(end_ms: number, chainBegan_ms: number | null): Promise<boolean> {
    if (chainBegan_ms === null) return false;
    if (chainBegan_ms >= end_ms) return true;
    const height = this.#options.height();
    const readTo_ms = height < 1 ? undefined : await this.#options.blockTime_ms(height);
    return readTo_ms !== undefined && readTo_ms >= end_ms;
  }

  #chain(): Chain {
    const chain = this.#options.chain();
    if (chain === undefined) throw unread();
    return chain;
  }
}

function unread(): SettlementRefusal {
  const message = "the chain is being read from the store";
  return new SettlementRefusal({ statusCode: 503, code: "SETTLEMENT_UNREAD", message });
}

function readPaper(body: string): SignedMeter {
  const { key, records } = JSON.parse(body) as { key: string; records: readonly string[] };
  return { key: bytesOf(key), records };
}

function readCount(body: string | undefined): VehicleCount | undefined {
  if (body === undefined) return undefined;
  const { key, signature, ...counts } = JSON.parse(body) as {
    readonly key: string;
    readonly signature: string;
    readonly energy_Wh: number;
    readonly from_ms: number;
    readonly to_ms: number;
  };
  return { key: bytesOf(key), signature: bytesOf(signature), ...counts };
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

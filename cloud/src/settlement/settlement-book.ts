import type { SettlementReportKind, SettlementReportRow } from "@voltfog/messages";
import { numberAt, textAt, whole } from "../store/row-values.ts";
import type { SideDatabase, SideTransaction, SqlValue } from "../store/side-database.ts";
import { correctionOf, type SettlementNews } from "./read-settlement.ts";
import { dayOf, type SessionRow, type SettlementRow } from "./settlement-row.ts";

/** What one final result said, at its place. */
export interface PlacedNews {
  readonly index: number;
  readonly news: SettlementNews;
}

/** How much a pile was used over a stretch of time. */
export interface PileUse {
  readonly pile: string;
  readonly sessions: number;
  readonly energy_Wh: number;
  readonly busy_ms: number;
}

/**
 * One row for each final result that settled something, and what was handed in beside the chain: signed
 * meter values and vehicles' counts. `person` is the driver or buyer, `pile` the pile's id or key.
 */
export const settlementTables: readonly string[] = [
  `create table if not exists settlement_rows(
    result_index bigint, kind varchar, subject varchar, day varchar, operator varchar, home varchar,
    pile varchar, person varchar, energy_wh bigint, beans_wh bigint, amount bigint, from_ms bigint,
    to_ms bigint, body varchar)`,
  "create table if not exists settlement_cursor(next bigint)",
  "create table if not exists settlement_form(form bigint)",
  "create table if not exists settlement_homes(account varchar, organisation varchar)",
  "create table if not exists settlement_debts(session_id varchar, owed bigint)",
  "create table if not exists settlement_papers(session_id varchar, kind varchar, body varchar)",
];

/** Which kinds of rows the book has: 2 with trades between vehicles. */
const form = 2;

/** Papers that somebody hands in for a session. */
export type PaperKind = "meter" | "count";

const reportMax = 10_000;
const groups: Readonly<Record<SettlementReportKind, string>> = {
  day: "day",
  quarter: "substr(day, 1, 4) || '-Q' || ((substr(day, 6, 2)::int + 2) // 3)",
  year: "substr(day, 1, 4)",
  pile: "pile",
  user: "person",
};

/** What was settled, on the disk. Throws the database's codes. */
export class SettlementBook {
  readonly #database: SideDatabase;
  /** Who an account belongs to, by the key that vouched for it. */
  readonly #organisationOf: (key: Uint8Array) => string;

  constructor(options: {
    database: SideDatabase;
    organisationOf: (key: Uint8Array) => string;
  }) {
    this.#database = options.database;
    this.#organisationOf = options.organisationOf;
  }

  /** Begins the rows of an earlier version's book anew, since it left some kinds out; papers stay. */
  async renew(): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const [row] = await transaction.select(
        "select coalesce(max(form), 0) as form from settlement_form",
      );
      if (row !== undefined && numberAt(row, "form") === form) return;
      for (const table of ["rows", "cursor", "homes", "debts", "form"]) {
        await transaction.run(`delete from settlement_${table}`);
      }
      await transaction.append("settlement_form", [[whole(form)]]);
    });
  }

  /** Results below it are in the book. */
  async next(): Promise<number> {
    const [row] = await this.#database.query(
      "select coalesce(max(next), 0) as next from settlement_cursor",
    );
    return row === undefined ? 0 : numberAt(row, "next");
  }

  /** Rows and cursor in one transaction; results that are in the book already are passed over. */
  async fold(page: readonly PlacedNews[], next: number): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const [row] = await transaction.select(
        "select coalesce(max(next), 0) as next from settlement_cursor",
      );
      const from = row === undefined ? 0 : numberAt(row, "next");
      if (next <= from) return;
      for (const { index, news } of page) if (index >= from) await this.#fold(transaction, news);
      await transaction.run("delete from settlement_cursor");
      await transaction.append("settlement_cursor", [[whole(next)]]);
    });
  }

  async #fold(transaction: SideTransaction, news: SettlementNews): Promise<void> {
    if (news.kind === "opened") {
      const organisation = this.#organisationOf(news.by);
      if (organisation === "") return;
      await transaction.append("settlement_homes", [[news.account, organisation]]);
      return;
    }
    const row = await this.#rowOf(transaction, news);
    if (row === undefined) return;
    await transaction.append("settlement_rows", [valuesOf(row)]);
    if (row.kind !== "session" || row.shortfall === 0) return;
    await transaction.append("settlement_debts", [[row.sessionId, whole(row.shortfall)]]);
  }

  async #rowOf(
    transaction: SideTransaction,
    news: Exclude<SettlementNews, { kind: "opened" }>,
  ): Promise<SettlementRow | undefined> {
    if (news.kind === "contract" || news.kind === "trade") return news.row;
    if (news.kind === "settled") {
      const home = await homeOf(transaction, news.row.driver);
      return { ...news.row, home };
    }
    const { sessionId: id } = news;
    const [settled] = await transaction.select(
      "select home, pile from settlement_rows where kind = 'session' and subject = $id",
      { id },
    );
    if (settled === undefined) return undefined;
    const [debt] = await transaction.select(
      "select owed from settlement_debts where session_id = $id",
      { id },
    );
    const owed = debt === undefined ? 0 : numberAt(debt, "owed");
    await transaction.run("delete from settlement_debts where session_id = $id", { id });
    const left = news.session.settlement?.shortfall ?? 0;
    if (left > 0) await transaction.append("settlement_debts", [[id, whole(left)]]);
    const [home, pileId] = [textAt(settled, "home"), textAt(settled, "pile")];
    return correctionOf(news, { home, pileId, owed });
  }

  /** In the chain's order, from one result's index to below another. */
  async rowsBetween(o: {
    from: number;
    to: number;
    limit: number;
  }): Promise<readonly SettlementRow[]> {
    return await this.#rows(
      `select body from settlement_rows where result_index >= $from::bigint
        and result_index < $to::bigint order by result_index limit $limit::bigint`,
      { from: whole(o.from), to: whole(o.to), limit: whole(o.limit) },
    );
  }

  /** How many rows there are from a result's index on. */
  async countFrom(from: number): Promise<number> {
    const [row] = await this.#database.query(
      "select count(*) as n from settlement_rows where result_index >= $from::bigint",
      { from: whole(from) },
    );
    return row === undefined ? 0 : numberAt(row, "n");
  }

  /** Of one day in the chain's order, with indexes above one. */
  async rowsOf(o: {
    day: string;
    after: number;
    limit: number;
  }): Promise<readonly SettlementRow[]> {
    return await this.#rows(
      `select body from settlement_rows where day = $day and result_index > $after::bigint
        order by result_index limit $limit::bigint`,
      { day: o.day, after: whole(o.after), limit: whole(o.limit) },
    );
  }

  /** The settled session; undefined where none was. */
  async session(sessionId: string): Promise<SessionRow | undefined> {
    const [row] = await this.#rows(
      "select body from settlement_rows where kind = 'session' and subject = $id limit 1",
      { id: sessionId },
    );
    return row?.kind === "session" ? row : undefined;
  }

  async report(by: SettlementReportKind): Promise<readonly SettlementReportRow[]> {
    const rows = await this.#database.query(
      `select ${groups[by]} as name, count(*) filter (where kind = 'session') as sessions,
        count(*) filter (where kind = 'contract') as contracts,
        count(*) filter (where kind = 'trade') as trades, sum(energy_wh)::bigint as energy,
        sum(beans_wh)::bigint as beans, sum(amount)::bigint as amount
        from settlement_rows ${by === "pile" ? "where kind <> 'trade'" : ""} group by 1 order by 1 limit ${reportMax}`,
    );
    return rows.map((row) => ({
      name: textAt(row, "name"),
      sessions: numberAt(row, "sessions"),
      contracts: numberAt(row, "contracts"),
      trades: numberAt(row, "trades"),
      energy_Wh: numberAt(row, "energy"),
      beans_Wh: numberAt(row, "beans"),
      amount: numberAt(row, "amount"),
    }));
  }

  /** Sessions and contracts that ended since a time, by pile. */
  async use(since_ms: number): Promise<readonly PileUse[]> {
    const rows = await this.#database.query(
      `select pile, count(*) as sessions, sum(energy_wh)::bigint as energy,
        sum(to_ms - greatest(from_ms, $since::bigint))::bigint as busy from settlement_rows
        where kind in ('session', 'contract') and to_ms > $since::bigint group by pile`,
      { since: whole(since_ms) },
    );
    return rows.map((row) => ({
      pile: textAt(row, "pile"),
      sessions: numberAt(row, "sessions"),
      energy_Wh: numberAt(row, "energy"),
      busy_ms: numberAt(row, "busy"),
    }));
  }

  /** The one paper of this kind; the last one that was handed in. */
  async paper(sessionId: string, kind: PaperKind): Promise<string | undefined> {
    const [row] = await this.#database.query(
      "select body from settlement_papers where session_id = $id and kind = $kind limit 1",
      { id: sessionId, kind },
    );
    return row === undefined ? undefined : textAt(row, "body");
  }

  async keepPaper(o: { sessionId: string; kind: PaperKind; body: string }): Promise<void> {
    const { sessionId: id, kind, body } = o;
    await this.#database.transaction(async (transaction) => {
      await transaction.run(
        "delete from settlement_papers where session_id = $id and kind = $kind",
        { id, kind },
      );
      await transaction.append("settlement_papers", [[id, kind, body]]);
    });
  }

  async #rows(
    sql: string,
    parameters: Readonly<Record<string, SqlValue>>,
  ): Promise<readonly SettlementRow[]> {
    const rows = await this.#database.query(sql, parameters);
    return rows.map((row) => JSON.parse(textAt(row, "body")) as SettlementRow);
  }
}

async function homeOf(transaction: SideTransaction, account: string): Promise<string> {
  const [row] = await transaction.select(
    "select organisation from settlement_homes where account = $account limit 1",
    { account },
  );
  return row === undefined ? "" : textAt(row, "organisation");
}

function valuesOf(row: SettlementRow): readonly SqlValue[] {
  const body = JSON.stringify(row);
  const { kind, resultIndex, settled_ms } = row;
  const head = [whole(resultIndex), kind];
  const day = dayOf(settled_ms);
  if (row.kind === "contract") {
    const { contractId, pileKey, buyer, delivered_Wh, paid, from_ms, to_ms } = row;
    const figures = [delivered_Wh, 0, paid, from_ms, to_ms].map(whole);
    return [...head, contractId, day, "", "", pileKey, buyer, ...figures, body];
  }
  if (row.kind === "trade") {
    const { tradeId, buyer, delivered_Wh, paid, matched_ms } = row;
    const figures = [delivered_Wh, 0, paid, matched_ms, settled_ms].map(whole);
    return [...head, tradeId, day, "", "", "", buyer, ...figures, body];
  }
  const { sessionId, operator, home, pileId, driver } = row;
  const names = [sessionId, day, operator, home, pileId, driver];
  if (row.kind === "correction") {
    const change = row.reason === "refund" ? -row.moved : row.moved;
    return [...head, ...names, ...[0, 0, change, settled_ms, settled_ms].map(whole), body];
  }
  const energy_Wh = row.meterEnd_Wh - row.meterBegin_Wh;
  const figures = [energy_Wh, row.beans_Wh, row.cost, row.started_ms, row.ended_ms].map(whole);
  return [...head, ...names, ...figures, body];
}

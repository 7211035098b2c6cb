import type { ExportValue } from "./export-row.ts";

/** One connection to the operators' database. Everything throws SETTLEMENT_* codes. */
export interface SqlConnection {
  /** Whether a commit that was answered survives a loss of power. */
  readonly isDurable: boolean;
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Prepared; parameters are never part of the text. */
  run(sql: string, values: readonly ExportValue[]): Promise<void>;
  select(
    sql: string,
    values: readonly ExportValue[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Ends it at once; an open transaction is undone. */
  close(): void;
}

export type OpenSql = () => Promise<SqlConnection>;

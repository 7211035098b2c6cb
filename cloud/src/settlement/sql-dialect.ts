import type { ExportColumn, ExportTable } from "./export-row.ts";

/** The same statements in the words of one database. Values are always parameters, never text. */
export interface SqlDialect {
  readonly name: "mariadb" | "postgresql";
  /** Makes the cursor's table and the others where they are missing. */
  create(tables: readonly ExportTable[]): readonly string[];
  /** Begins a row of the cursor where there is none. Parameters: chain. */
  readonly beginCursor: string;
  /** The cursor, held until the transaction ends. Parameters: chain. */
  readonly holdCursor: string;
  /** Parameters: next index, rows, chain. */
  readonly moveCursor: string;
  /** So many rows at once; those that are there already stay as they are. Parameters: chain, result index, columns, hash of each row. */
  insert(table: ExportTable, rows: number): string;
  /** Result index and hash of rows from one index to below another. Parameters: chain, from, to. */
  hashes(table: ExportTable): string;
  /** Contracts whose acknowledgement is not final yet, oldest first. Parameters: chain. */
  pending(table: ExportTable, limit: number): string;
  /** Parameters: height, chain, result index. */
  acknowledge(table: ExportTable): string;
}

/**
 * Of the tables that there are now: with other tables it takes another name, so that a database of an earlier
 * version is gone through again from the first result, where every row that is there is compared and stays.
 */
const cursor = "voltfog_cursor_2";
const hashLength = 64;

interface Words {
  readonly name: SqlDialect["name"];
  /** The parameter at a place, counted from 1. */
  parameter(place: number): string;
  text(length: number): string;
  readonly tableEnd: string;
  /** What makes an insertion of a row that is there already do nothing. */
  readonly insertEnd: string;
  readonly cursorInsertEnd: string;
}

function dialectOf(words: Words): SqlDialect {
  const p = (place: number): string => words.parameter(place);
  const chainColumn = `chain_id ${words.text(hashLength)} not null`;
  const column = ({ name, length }: ExportColumn): string =>
    `${name} ${length === undefined ? "bigint" : words.text(length)} not null`;
  return {
    name: words.name,
    create: (tables) => [
      `create table if not exists ${cursor} (${chainColumn}, next_index bigint not null, rows_written bigint not null, primary key (chain_id))${words.tableEnd}`,
      ...tables.map((table) => {
        const columns = [
          chainColumn,
          "result_index bigint not null",
          ...table.columns.map(column),
          `row_hash ${words.text(hashLength)} not null`,
          ...(table.acknowledged ? ["acknowledged_height bigint"] : []),
        ];
        return `create table if not exists ${table.name} (${columns.join(", ")}, primary key (chain_id, result_index))${words.tableEnd}`;
      }),
    ],
    beginCursor: `insert into ${cursor} (chain_id, next_index, rows_written) values (${p(1)}, 0, 0)${words.cursorInsertEnd}`,
    holdCursor: `select next_index, rows_written from ${cursor} where chain_id = ${p(1)} for update`,
    moveCursor: `update ${cursor} set next_index = ${p(1)}, rows_written = ${p(2)} where chain_id = ${p(3)}`,
    insert(table, rows) {
      const names = [
        "chain_id",
        "result_index",
        ...table.columns.map(({ name }) => name),
        "row_hash",
      ];
      const groups = Array.from({ length: rows }, (_row, row) => {
        const places = names.map((_name, at) => p(row * names.length + at + 1));
        return `(${places.join(", ")})`;
      });
      return `insert into ${table.name} (${names.join(", ")}) values ${groups.join(", ")}${words.insertEnd}`;
    },
    hashes: ({ name }) =>
      `select result_index, row_hash from ${name} where chain_id = ${p(1)} and result_index >= ${p(2)} and result_index < ${p(3)} order by result_index`,
    pending: ({ name }, limit) =>
      `select result_index, contract_id, row_hash from ${name} where chain_id = ${p(1)} and acknowledged_height is null order by result_index limit ${limit}`,
    acknowledge: ({ name }) =>
      `update ${name} set acknowledged_height = ${p(1)} where chain_id = ${p(2)} and result_index = ${p(3)}`,
  };
}

/** MariaDB 10.6 and later, MySQL 8: InnoDB, texts compared byte by byte. */
export const mariadb: SqlDialect = dialectOf({
  name: "mariadb",
  parameter: () => "?",
  text: (length) => `varchar(${length})`,
  tableEnd: " engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin",
  insertEnd: " on duplicate key update result_index = result_index",
  cursorInsertEnd: " on duplicate key update chain_id = chain_id",
});

/** PostgreSQL 12 and later. Only its text is tested here. */
export const postgresql: SqlDialect = dialectOf({
  name: "postgresql",
  parameter: (place) => `$${place}`,
  text: (length) => `varchar(${length})`,
  tableEnd: "",
  insertEnd: " on conflict (chain_id, result_index) do nothing",
  cursorInsertEnd: " on conflict (chain_id) do nothing",
});

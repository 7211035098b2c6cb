import { expect, test } from "vitest";
import { mariadb, postgresql } from "./sql-dialect.ts";

const table = {
  name: "voltfog_contract",
  columns: [{ name: "contract_id", length: 32 }, { name: "energy_wh" }],
  acknowledged: true,
};

test("a row that is there already is left as it is, in the words of each database", () => {
  expect(mariadb.insert(table, 2)).toBe(
    "insert into voltfog_contract (chain_id, result_index, contract_id, energy_wh, row_hash) values (?, ?, ?, ?, ?), (?, ?, ?, ?, ?) on duplicate key update result_index = result_index",
  );
  expect(postgresql.insert(table, 2)).toBe(
    "insert into voltfog_contract (chain_id, result_index, contract_id, energy_wh, row_hash) values ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10) on conflict (chain_id, result_index) do nothing",
  );
});

test("tables have the chain and the result's index as key", () => {
  const [cursor, rows] = postgresql.create([table]);
  expect(cursor).toBe(
    "create table if not exists voltfog_cursor_2 (chain_id varchar(64) not null, next_index bigint not null, rows_written bigint not null, primary key (chain_id))",
  );
  expect(rows).toBe(
    "create table if not exists voltfog_contract (chain_id varchar(64) not null, result_index bigint not null, contract_id varchar(32) not null, energy_wh bigint not null, row_hash varchar(64) not null, acknowledged_height bigint, primary key (chain_id, result_index))",
  );
  expect(mariadb.create([table])[1]).toBe(
    `${rows} engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin`,
  );
});

test("the cursor is held for the length of a transaction and moved by parameters", () => {
  expect(postgresql.holdCursor).toBe(
    "select next_index, rows_written from voltfog_cursor_2 where chain_id = $1 for update",
  );
  expect(postgresql.moveCursor).toBe(
    "update voltfog_cursor_2 set next_index = $1, rows_written = $2 where chain_id = $3",
  );
  expect(postgresql.beginCursor).toBe(
    "insert into voltfog_cursor_2 (chain_id, next_index, rows_written) values ($1, 0, 0) on conflict (chain_id) do nothing",
  );
  expect(postgresql.acknowledge(table)).toBe(
    "update voltfog_contract set acknowledged_height = $1 where chain_id = $2 and result_index = $3",
  );
});

test("both have the same statements with other words for parameters", () => {
  const plain = (sql: string): string => sql.replaceAll(/\$\d+/g, "?").replace(/ on .*$/, "");
  expect(plain(postgresql.hashes(table))).toBe(mariadb.hashes(table));
  expect(plain(postgresql.pending(table, 9))).toBe(mariadb.pending(table, 9));
  expect(plain(postgresql.insert(table, 3))).toBe(plain(mariadb.insert(table, 3)));
});

import { SeededRandom, toHex } from "@voltfog/runtime";
import { nodeCrypto, systemClock } from "@voltfog/runtime/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ExportRow, type ExportTable, rowHash } from "./export-row.ts";
import { type RowSource, SettlementExporter } from "./exporter.ts";
import { openMariadb } from "./mariadb-connection.ts";
import type { SqlConnection } from "./sql-connection.ts";
import { mariadb } from "./sql-dialect.ts";
import { RealMariadb } from "./testing/real-mariadb.ts";

const sessions: ExportTable = {
  name: "voltfog_session",
  columns: [{ name: "session_id", length: 32 }, { name: "paid" }],
  acknowledged: false,
};
const contracts: ExportTable = {
  name: "voltfog_contract",
  columns: [{ name: "contract_id", length: 32 }, { name: "energy_wh" }],
  acknowledged: true,
};
const trades: ExportTable = {
  name: "voltfog_trade",
  columns: [{ name: "trade_id", length: 32 }, { name: "paid" }],
  acknowledged: false,
};
const tables = [sessions, contracts, trades];
const largest = Number.MAX_SAFE_INTEGER;

/** Every second result is a session, every tenth a contract or a trade; the others are of other modules. */
function rowAt(resultIndex: number): readonly ExportRow[] {
  const id = resultIndex.toString(16).padStart(32, "0");
  if (resultIndex % 10 === 0) {
    return [{ table: contracts, resultIndex, values: [id, largest - resultIndex], contractId: id }];
  }
  if (resultIndex % 10 === 5) return [{ table: trades, resultIndex, values: [id, resultIndex] }];
  return resultIndex % 2 === 0 ? [{ table: sessions, resultIndex, values: [id, resultIndex] }] : [];
}

function sourceOf(end: () => number): RowSource {
  return {
    rowsFrom(from, limit) {
      const next = Math.min(end(), from + limit);
      const rows = Array.from({ length: Math.max(0, next - from) }, (_, at) => rowAt(from + at));
      return Promise.resolve({ rows: rows.flat(), next: Math.max(from, next) });
    },
  };
}

function exporterOf(
  server: RealMariadb,
  options: { chain: number; end: () => number; open?: () => Promise<SqlConnection> },
): SettlementExporter {
  return new SettlementExporter({
    open: options.open ?? (() => openMariadb(server.address)),
    ...{ dialect: mariadb, tables, source: sourceOf(options.end), crypto: nodeCrypto },
    chainId: new Uint8Array(32).fill(options.chain),
  });
}

async function counted(server: RealMariadb, chain: number): Promise<Record<string, number>> {
  const connection = await openMariadb(server.address);
  const id = toHex(new Uint8Array(32).fill(chain));
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await connection.select(
      `select count(*) as n, count(distinct result_index) as different from ${name} where chain_id = ?`,
      [id],
    );
    counts[name] = Number(row?.["n"]);
    expect(row?.["different"]).toBe(row?.["n"]);
  }
  connection.close();
  return counts;
}

async function exportAll(exporter: SettlementExporter, end: number): Promise<readonly string[]> {
  const codes: string[] = [];
  for (;;) {
    try {
      const { nextIndex } = await exporter.exportBatch();
      if (nextIndex >= end) return codes;
    } catch (thrown) {
      codes.push(String((thrown as { code?: unknown }).code));
      await new Promise<void>((resolve) => systemClock.after(20, resolve));
    }
  }
}

describe("the export to a real database", () => {
  let server: RealMariadb;
  beforeAll(async () => {
    server = await RealMariadb.start();
  }, 120_000);
  afterAll(() => server.remove());

  test("writes every row once, and nothing where nothing is new", async () => {
    const exporter = exporterOf(server, { chain: 1, end: () => 1300 });
    expect(await exportAll(exporter, 1300)).toEqual([]);
    expect(await counted(server, 1)).toEqual({
      voltfog_session: 520,
      voltfog_contract: 130,
      voltfog_trade: 130,
    });
    expect(await exporter.exportBatch()).toMatchObject({ exported: 0, rows: 780, nextIndex: 1300 });
    expect(await counted(server, 1)).toEqual({
      voltfog_session: 520,
      voltfog_contract: 130,
      voltfog_trade: 130,
    });
    exporter.close();
  });

  test("killed ten times in mid-export, it writes nothing twice and leaves nothing out", async () => {
    const end = 20_000;
    const plan = killPlan({ kills: 10, statements: 200 });
    const exporter = exporterOf(server, {
      chain: 2,
      end: () => end,
      open: async () => killing(await openMariadb(server.address), { server, plan }),
    });
    const codes = await exportAll(exporter, end);
    expect(plan.size).toBe(0);
    expect(codes.length).toBeGreaterThan(5);
    expect(new Set(codes)).toEqual(new Set(["SETTLEMENT_UNREACHABLE"]));
    expect(await counted(server, 2)).toEqual({
      voltfog_session: 8000,
      voltfog_contract: 2000,
      voltfog_trade: 2000,
    });
    expect(await exporter.exportBatch()).toMatchObject({ exported: 0, rows: 12_000 });
    exporter.close();
  }, 180_000);

  test("a commit whose answer was lost is found done", async () => {
    let lost = 0;
    const exporter = exporterOf(server, {
      chain: 3,
      end: () => 1000,
      open: async () => {
        const connection = await openMariadb(server.address);
        if (lost >= 2) return connection;
        return {
          ...connection,
          async commit() {
            await connection.commit();
            lost++;
            throw Object.assign(new Error("no answer"), { code: "LOST" });
          },
        };
      },
    });
    expect(await exportAll(exporter, 1000)).toEqual(["LOST", "LOST"]);
    expect(await counted(server, 3)).toEqual({
      voltfog_session: 400,
      voltfog_contract: 100,
      voltfog_trade: 100,
    });
    exporter.close();
  });

  test("orders wait for the chain's word, oldest first, with the hash that proves the row", async () => {
    const exporter = exporterOf(server, { chain: 4, end: () => 30 });
    await exportAll(exporter, 30);
    const pending = await exporter.pending();
    expect(pending.map(({ resultIndex }) => resultIndex)).toEqual([0, 10, 20]);
    const [row] = rowAt(10);
    const [, second] = pending;
    if (row === undefined || second === undefined) throw new Error("there are three");
    const chainId = new Uint8Array(32).fill(4);
    expect(second.rowHash).toBe(toHex(rowHash(row, { chainId, crypto: nodeCrypto })));
    await exporter.acknowledged(second, 77);
    expect((await exporter.pending()).map(({ resultIndex }) => resultIndex)).toEqual([0, 20]);
    exporter.close();
  });

  test("a row that somebody changed or put there is found before the cursor moves", async () => {
    const exporter = exporterOf(server, { chain: 5, end: () => 20 });
    await exportAll(exporter, 20);
    const connection = await openMariadb(server.address);
    const chain = toHex(new Uint8Array(32).fill(5));
    await connection.run(
      "insert into voltfog_session (chain_id, result_index, session_id, paid, row_hash) values (?, 22, 'x', 1, 'y')",
      [chain],
    );
    connection.close();
    const later = exporterOf(server, { chain: 5, end: () => 30 });
    await expect(later.exportBatch()).rejects.toMatchObject({ code: "SETTLEMENT_ROW_DIFFERS" });
    exporter.close();
    later.close();
  });

  test("while the database is down it says so, and catches up when it is back", async () => {
    let end = 100;
    const exporter = exporterOf(server, { chain: 6, end: () => end });
    await exportAll(exporter, 100);
    await server.kill();
    end = 700;
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(exporter.exportBatch()).rejects.toMatchObject({
        code: "SETTLEMENT_UNREACHABLE",
      });
    }
    await server.start();
    expect(await exportAll(exporter, 700)).toEqual([]);
    expect(await counted(server, 6)).toEqual({
      voltfog_session: 280,
      voltfog_contract: 70,
      voltfog_trade: 70,
    });
    exporter.close();
  }, 90_000);

  test("a wrong password or database is refused with a code that names the remedy", async () => {
    for (const wrong of [{ database: "nowhere" }, { user: "nobody", password: "x" }]) {
      await expect(openMariadb({ ...server.address, ...wrong })).rejects.toMatchObject({
        code: "SETTLEMENT_REFUSED",
      });
    }
  });
});

test("a database without room is named, and the export goes on once there is some", async () => {
  const space = (max: string): readonly string[] => [
    "--innodb-file-per-table=0",
    `--innodb-data-file-path=ibdata1:12M:autoextend:max:${max}`,
  ];
  const server = await RealMariadb.start(...space("16M"));
  try {
    const exporter = exporterOf(server, { chain: 7, end: () => 400_000 });
    const codes = new Set<string>();
    let written = 0;
    for (let batch = 0; batch < 800 && codes.size === 0; batch++) {
      const done = await exporter.exportBatch().catch((thrown: { code: string }) => {
        codes.add(thrown.code);
      });
      written = done?.rows ?? written;
    }
    expect(codes).toEqual(new Set(["SETTLEMENT_DISK_FULL"]));
    await server.kill();
    await server.start(...space("64M"));
    const later = await exporter.exportBatch().catch(() => exporter.exportBatch());
    expect(later.rows).toBe(written + 300);
    exporter.close();
  } finally {
    await server.remove();
  }
}, 120_000);

/** Numbers of statements, counted over all connections, during which the server is killed. */
function killPlan(options: { kills: number; statements: number }): Set<number> {
  const random = new SeededRandom(9);
  const plan = new Set<number>();
  while (plan.size < options.kills) plan.add(Math.floor(random.uniform() * options.statements));
  return plan;
}

let statements = 0;

/** Kills the server while the statement or commit is on its way, and starts it again. */
function killing(
  connection: SqlConnection,
  { server, plan }: { server: RealMariadb; plan: Set<number> },
): SqlConnection {
  const during = async <T>(task: () => Promise<T>): Promise<T> => {
    const answer = task();
    if (!plan.delete(statements++)) return await answer;
    const ended = Promise.allSettled([answer]);
    await server.kill();
    await server.start();
    await ended;
    return await answer;
  };
  return {
    ...connection,
    run: (sql, values) => during(() => connection.run(sql, values)),
    select: (sql, values) => during(() => connection.select(sql, values)),
    commit: () => during(() => connection.commit()),
  };
}

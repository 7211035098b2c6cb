import type { DuckDBConnection } from "@duckdb/node-api";
import { decodeResult } from "@voltfog/ledger";
import type {
  ChainReader,
  EpochMember,
  LogCheckpoints,
  SealCount,
  StoredCheckpoint,
  StoredEpoch,
  StoredResult,
  TimedResult,
  TransactionQuery,
} from "./chain-reader.ts";
import { appendRows, type ReaderPool, type Row, selectRows } from "./connections.ts";
import { blob, bytesAt, numberAt, textAt, textOrNullAt, whole } from "./row-values.ts";
import type { BlockRecord } from "./telemetry-store.ts";

export function chainReader(readers: ReaderPool): ChainReader {
  const first = async (
    sql: string,
    parameters: Parameters<ReaderPool["query"]>[1],
  ): Promise<StoredResult | undefined> => {
    const [row] = await readers.query(sql, parameters);
    return row === undefined ? undefined : storedResult(row);
  };
  return {
    transactions: (query) => queryTransactions(readers, query),
    transaction: (hash) =>
      first(
        `select r.* from transactions t join results r on r.result_index = t.result_index
          where t.hash = $hash limit 1`,
        { hash: blob(hash) },
      ),
    result: (index) =>
      first("select * from results where result_index = $index::bigint limit 1", {
        index: whole(index),
      }),
    resultsEnd: () => queryResultsEnd(readers),
    okResults: (query) => queryOkResults(readers, query),
    eventResult: (id) =>
      first(
        `select r.* from event_finality f join results r on r.result_index = f.result_index
          where f.id = $id limit 1`,
        { id },
      ),
    async heightOf(hash) {
      const [row] = await readers.query("select height from blocks where hash = $hash limit 1", {
        hash,
      });
      return row === undefined ? undefined : numberAt(row, "height");
    },
    epochs: () => queryEpochs(readers),
    seals: () => querySeals(readers),
    logs: () => queryLogs(readers),
    checkpoints: (query) => queryCheckpoints(readers, query),
    growth: (query) => queryGrowth(readers, query),
  };
}

function storedResult(row: Row): StoredResult {
  return {
    height: numberAt(row, "height"),
    index: numberAt(row, "result_index"),
    bytes: bytesAt(row, "bytes"),
  };
}

/** What of a block can be asked for later: its transactions, and the epoch that it begins. */
export async function storeChainRows(
  connection: DuckDBConnection,
  record: BlockRecord,
): Promise<void> {
  await appendRows(connection, "transactions", record.results.map(transactionValues));
  if (record.begins === undefined) return;
  const { epoch, members } = record.begins;
  await appendRows(connection, "epochs", [
    [whole(epoch), whole(record.view.height), JSON.stringify(members)],
  ]);
}

type ResultRow = { readonly index: number; readonly bytes: Uint8Array };

function transactionValues({ index, bytes }: ResultRow): Parameters<typeof appendRows>[2][number] {
  const decoded = decodeResult(bytes);
  if (!decoded.ok) throw new Error(`result ${index}: ${decoded.problem.detail}`);
  const { txHash, sender, module, code } = decoded.value;
  return [blob(txHash), whole(index), blob(sender), module, code];
}

const upgradedAtOnce = 20_000;

/** Version 3 had neither transactions by hash nor epochs; results and headers say what they are. */
export async function fillChainRows(connection: DuckDBConnection): Promise<void> {
  for (let from = 0; ; from += upgradedAtOnce) {
    const rows = await selectRows(
      connection,
      `select result_index, bytes from results
        where result_index >= $from::bigint and result_index < $to::bigint order by result_index`,
      { from: whole(from), to: whole(from + upgradedAtOnce) },
    );
    if (rows.length === 0) break;
    const values = rows.map((row) =>
      transactionValues({ index: numberAt(row, "result_index"), bytes: bytesAt(row, "bytes") }),
    );
    await appendRows(connection, "transactions", values);
  }
  // A block begins with four bytes of length, then the header: version, chain id, height, epoch.
  await connection.run(
    `insert into epochs select epoch, min(height), '[]' from (
      select height, ('0x' || hex(array_slice(block, 46, 53)))::bigint as epoch from blocks)
      group by epoch`,
  );
}

async function queryResultsEnd(readers: ReaderPool): Promise<{ height: number; index: number }> {
  const [row] = await readers.query(
    `select coalesce((select max(height) from blocks), 0) as height,
      coalesce((select max(result_index) + 1 from results), 0) as index`,
    {},
  );
  return row === undefined
    ? { height: 0, index: 0 }
    : { height: numberAt(row, "height"), index: numberAt(row, "index") };
}

async function queryOkResults(
  readers: ReaderPool,
  query: Parameters<ChainReader["okResults"]>[0],
): Promise<readonly TimedResult[]> {
  // The range stands on both sides of the join, so that each is read for this part alone.
  const rows = await readers.query(
    `select r.height, r.result_index, r.bytes, b.time_ms
      from results r join transactions t on t.result_index = r.result_index
      join blocks b on b.height = r.height
      where t.module >= $module and t.code = 'OK'
        and t.result_index >= $from::bigint and t.result_index < $to::bigint
        and r.result_index >= $from::bigint and r.result_index < $to::bigint
      order by r.result_index`,
    { module: query.fromModule, from: whole(query.from), to: whole(query.to) },
  );
  return rows.map((row) => ({ ...storedResult(row), time_ms: numberAt(row, "time_ms") }));
}

async function queryTransactions(
  readers: ReaderPool,
  query: TransactionQuery,
): Promise<readonly StoredResult[]> {
  const { module, sender } = query;
  const conditions = [
    "result_index < $before::bigint",
    ...(module === undefined ? [] : ["module = $module"]),
    ...(sender === undefined ? [] : ["sender = $sender"]),
    ...(query.refused === true ? ["code <> 'OK'"] : []),
  ];
  const rows = await readers.query(
    `select * from results where result_index in (select result_index from transactions
      where ${conditions.join(" and ")} order by result_index desc limit $limit::bigint)
      order by result_index desc`,
    {
      before: whole(query.before),
      limit: whole(query.limit),
      ...(module === undefined ? {} : { module }),
      ...(sender === undefined ? {} : { sender: blob(sender) }),
    },
  );
  return rows.map(storedResult);
}

async function queryEpochs(readers: ReaderPool): Promise<readonly StoredEpoch[]> {
  const rows = await readers.query("select * from epochs order by epoch");
  return rows.map((row) => ({
    epoch: numberAt(row, "epoch"),
    firstHeight: numberAt(row, "first_height"),
    members: JSON.parse(textAt(row, "members")) as EpochMember[],
  }));
}

async function querySeals(readers: ReaderPool): Promise<readonly SealCount[]> {
  const rows = await readers.query(
    `select e.epoch, b.proposer, b.signers, count(*) as blocks, min(b.height) as low,
      max(b.height) as high from blocks b asof join epochs e on b.height >= e.first_height
      group by e.epoch, b.proposer, b.signers`,
  );
  return rows.map((row) => ({
    epoch: numberAt(row, "epoch"),
    proposer: textAt(row, "proposer"),
    signers: JSON.parse(textAt(row, "signers")) as string[],
    blocks: numberAt(row, "blocks"),
    firstHeight: numberAt(row, "low"),
    lastHeight: numberAt(row, "high"),
  }));
}

async function queryLogs(readers: ReaderPool): Promise<readonly LogCheckpoints[]> {
  const rows = await readers.query(
    `select unit_id, count(*) as checkpoints, max(size) as size, arg_max(root, size) as root,
      arg_max(height, size) as height, arg_max(final_ms, size) as final_ms
      from checkpoints group by unit_id order by unit_id`,
  );
  return rows.map((row) => ({
    log: textAt(row, "unit_id"),
    checkpoints: numberAt(row, "checkpoints"),
    size: numberAt(row, "size"),
    root: bytesAt(row, "root"),
    height: numberAt(row, "height"),
    final_ms: numberAt(row, "final_ms"),
  }));
}

const checkpointColumns = `c.size, c.root, c.height, b.time_ms, lower(hex(t.hash)) as hash
  from checkpoints c join blocks b on b.height = c.height
  left join transactions t on t.result_index = c.result_index`;

async function queryCheckpoints(
  readers: ReaderPool,
  query: { log: string; before: number; limit: number },
): Promise<readonly StoredCheckpoint[]> {
  const rows = await readers.query(
    `select ${checkpointColumns} where c.unit_id = $log and c.size < $before::bigint
      order by c.size desc limit $limit::bigint`,
    { log: query.log, before: whole(query.before), limit: whole(query.limit) },
  );
  return rows.map(storedCheckpoint);
}

async function queryGrowth(
  readers: ReaderPool,
  query: { log: string; points: number },
): Promise<readonly StoredCheckpoint[]> {
  const rows = await readers.query(
    `with ranked as (select *, row_number() over (order by size) as place, count(*) over () as total
      from checkpoints where unit_id = $log)
      select ${checkpointColumns.replace("checkpoints c", "ranked c")}
      where place = 1 or place = total
        or (place * $points::bigint) // total <> ((place - 1) * $points::bigint) // total
      order by c.size`,
    { log: query.log, points: whole(query.points) },
  );
  return rows.map(storedCheckpoint);
}

function storedCheckpoint(row: Row): StoredCheckpoint {
  return {
    size: numberAt(row, "size"),
    root: bytesAt(row, "root"),
    height: numberAt(row, "height"),
    time_ms: numberAt(row, "time_ms"),
    hash: textOrNullAt(row, "hash"),
  };
}

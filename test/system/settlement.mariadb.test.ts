import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { evidenceOf } from "../../cloud/src/settlement/evidence-of.ts";
import { ExportStage } from "../../cloud/src/settlement/export-stage.ts";
import { exportRowOf, exportTables } from "../../cloud/src/settlement/export-tables.ts";
import { SettlementExporter } from "../../cloud/src/settlement/exporter.ts";
import { openMariadb } from "../../cloud/src/settlement/mariadb-connection.ts";
import { SettlementBook, settlementTables } from "../../cloud/src/settlement/settlement-book.ts";
import { SettlementDesk } from "../../cloud/src/settlement/settlement-desk.ts";
import { SettlementFollower } from "../../cloud/src/settlement/settlement-follower.ts";
import { mariadb } from "../../cloud/src/settlement/sql-dialect.ts";
import { RealMariadb } from "../../cloud/src/settlement/testing/real-mariadb.ts";
import type { ChainReader } from "../../cloud/src/store/chain-reader.ts";
import { openSideDatabase, type SideDatabase } from "../../cloud/src/store/side-database.ts";
import {
  Chain,
  encodeDispute,
  encodeGenesis,
  encodeResolution,
  encodeResult,
  encodeTradeResolution,
  moduleNumber,
  v2vAction,
  verifyReceipt,
} from "../../packages/ledger/src/index.ts";
import type { MarketSite } from "../../packages/ledger/src/testing/market-site.ts";
import { contractOf, PileSite } from "../../packages/ledger/src/testing/pile-site.ts";
import { ReceiptSite } from "../../packages/ledger/src/testing/receipt-site.ts";
import { tradeIn, V2vSite } from "../../packages/ledger/src/testing/v2v-site.ts";
import { toHex, utf8 } from "../../packages/runtime/src/index.ts";
import {
  systemClock as clock,
  nodeCrypto as crypto,
} from "../../packages/runtime/src/node/index.ts";

type Store = Pick<ChainReader, "okResults" | "resultsEnd" | "result"> & {
  readonly blockTime_ms: (height: number) => Promise<number | undefined>;
};

/** What the cloud's store would give of a chain: its blocks, followed once more. */
function storeOf(site: MarketSite): Store {
  const copy = Chain.fromGenesis({ genesis: site.consortium.genesis, crypto });
  const times_ms = new Map<number, number>();
  const results = site.blocks.flatMap((bytes) => {
    const followed = copy.follow(bytes);
    if (!followed.ok) throw new Error(followed.problem.code);
    const { header } = followed.value.block;
    times_ms.set(header.height, header.time_ms);
    return followed.value.results.map((result) => ({ result, time_ms: header.time_ms }));
  });
  const stored = results.map(({ result, time_ms }, index) => {
    return { index, height: result.height, bytes: encodeResult(result), time_ms };
  });
  return {
    resultsEnd: async () => ({ height: copy.height, index: results.length }),
    result: async (index) => stored[index],
    blockTime_ms: async (height) => times_ms.get(height),
    okResults: async ({ fromModule, from, to }) =>
      stored.slice(from, to).filter((_one, at) => {
        const { module = 0, code } = results[from + at]?.result ?? {};
        return module >= fromModule && code === "OK";
      }),
  };
}

let folder: string;
let database: SideDatabase;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "test-settlement-"));
  database = await openBook();
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

function openBook(): Promise<SideDatabase> {
  const path = join(folder, "settlement.duckdb");
  return openSideDatabase({ path, tables: settlementTables, memoryMax_bytes: 256e6, clock });
}

/** The settlement over a chain, as the cloud puts it together. */
async function settle(site: MarketSite): Promise<{
  book: SettlementBook;
  follower: SettlementFollower;
  desk: SettlementDesk;
}> {
  const store = storeOf(site);
  const chain = () => site.chain;
  const book = new SettlementBook({ database, organisationOf: () => "" });
  await book.renew();
  const follower = new SettlementFollower({ store, chain, book });
  await follower.step();
  const desk = new SettlementDesk({
    ...{ book, chain, clock, crypto, height: () => follower.height },
    blockTime_ms: store.blockTime_ms,
    evidence: ({ index, names }) => evidenceOf(site.chain, { index, names, store }),
    exportView: () => {
      throw new Error("nothing is exported here");
    },
    send: async (_chain, { module, action, payload }) => {
      const [sender, call] = [site.authority, { module: "sessions", action, payload } as const];
      expect(module).toBe(moduleNumber.sessions);
      return { ok: site.send({ sender, ...call }).code === "OK" };
    },
    context: {
      ...{ countryCode: "NL", country: "NLD", currency: "EUR" },
      partyIdOf: (name) => name.slice(0, 3).toUpperCase(),
    },
  });
  return { book, follower, desk };
}

describe("sessions that a chain settled", () => {
  test("are cleared, recorded and proven by a receipt once the meter's values are there", async () => {
    const charged = new ReceiptSite({ crypto });
    const { site } = charged.charging;
    const { desk } = await settle(site);
    const id = toHex(charged.sessionId);
    const day = new Date(charged.charging.now_ms).toISOString().slice(0, 10);
    expect(await desk.day(day)).toMatchObject({
      ...{ day, sessions: 1, energy_Wh: 10_000, amount: 4_500_000, isFinal: false },
      lines: [{ home: null, operator: "north" }],
    });
    const early = await desk.day("2001-02-03");
    expect(early).toMatchObject({ isFinal: true, sessions: 0 });
    expect(early.chainBegan_ms).toBe(await storeOf(site).blockTime_ms(1));
    await expect(desk.receipt(id)).rejects.toMatchObject({ code: "METER_MISSING" });
    const times = { begin_ms: 1, end_ms: 2 };
    await expect(desk.keepMeter(id, charged.signed(times))).rejects.toMatchObject({
      code: "METER_NOT_SETTLED",
    });
    await desk.keepMeter(id, charged.meter);
    const stranger = charged.count(1, site.named("stranger"));
    expect(await desk.keepCount(id, stranger)).toEqual({ dispute: "none" });
    await expect(desk.keepCount(id, charged.count(9500))).rejects.toMatchObject({
      code: "COUNT_TAKEN",
    });
    charged.linkVehicle();
    expect(await desk.keepCount(id, charged.count(9500))).toEqual({ dispute: "none" });
    await expect(desk.keepCount(id, stranger)).rejects.toMatchObject({ code: "COUNT_TAKEN" });
    const bytes = utf8(JSON.stringify(await desk.receipt(id), null, 2));
    const genesisBytes = encodeGenesis(site.consortium.genesis);
    expect(verifyReceipt({ bytes, genesisBytes, crypto })).toMatchObject({
      ok: true,
      value: { vehicle: { isLinked: true, agreement: { agrees: true } } },
    });
    const [cdr] = (await desk.cdrs(day)) as readonly Record<string, unknown>[];
    expect(cdr).toMatchObject({ id, party_id: "NOR", signed_data: { encoding_method: "OCMF" } });
    await expect(desk.receipt("00".repeat(16))).rejects.toMatchObject({ code: "UNKNOWN_SESSION" });
  });

  test("are disputed on the chain by the desk, once, where the driver's vehicle cannot have taken so much", async () => {
    const charged = new ReceiptSite({ crypto });
    const { site } = charged.charging;
    const { desk } = await settle(site);
    const id = toHex(charged.sessionId);
    charged.linkVehicle();
    expect(await desk.keepCount(id, charged.count(4000))).toEqual({ dispute: "sent" });
    expect(charged.charging.record(charged.sessionId)).toMatchObject({
      state: "disputed",
      dispute: { vehicleEnergy_Wh: 4000 },
    });
    expect(await desk.keepCount(id, charged.count(4000))).toEqual({ dispute: "not-sent" });
  });

  test("are taken back as far as a dispute gave money back, however often the book is opened", async () => {
    const charged = new ReceiptSite({ crypto });
    const { charging, driver, sessionId } = charged;
    const { site } = charging;
    await settle(site);
    const evidenceHash = new Uint8Array(32);
    const order = encodeDispute({ sessionId, vehicleEnergy_Wh: 5000, evidenceHash });
    expect(charging.session(driver, "dispute", order)).toBe("OK");
    const resolution = { sessionId, refund: 1_000_000, reasonHash: evidenceHash };
    const payload = encodeResolution(resolution);
    expect(charging.session(site.authority, "resolve", payload)).toBe("OK");
    await settle(site);
    await database.close();
    database = await openBook();
    const { desk, book } = await settle(site);
    expect(await book.countFrom(0)).toBe(2);
    const day = new Date(charging.now_ms).toISOString().slice(0, 10);
    const figures = { sessions: 1, amount: 3_500_000, refunds: 1_000_000 };
    expect(await desk.day(day)).toMatchObject(figures);
    const cdrs = (await desk.cdrs(day)) as readonly Record<string, unknown>[];
    expect(cdrs.map((cdr) => cdr["total_cost"])).toEqual([
      { excl_vat: 4.5 },
      { excl_vat: -4.5 },
      { excl_vat: 3.5 },
    ]);
    expect(await desk.report("quarter")).toMatchObject([{ sessions: 1, amount: 3_500_000 }]);
    expect(await desk.report("user")).toMatchObject([{ name: toHex(driver.signer.publicKey) }]);
    expect(await desk.advice()).toMatchObject([
      { pile: "north-1", operator: "north", advice: "idle" },
      { pile: "south-1", operator: "south", advice: "idle" },
    ]);
  });
});

test("an order of a private pile is complete only once its row is in the database and the chain was told", async () => {
  const site = new PileSite({ crypto });
  const { market } = site;
  const buyer = market.person("buyer", 50_000_000);
  const owner = market.person("owner");
  const pile = market.named("pile");
  site.list(owner, pile);
  const { contractId } = contractOf(site.buy(buyer));
  for (const party of [buyer, owner]) site.sign(party, contractId);
  site.wait(site.contract(contractId).window.from_ms);
  site.deliver(pile, contractId, 10_000);
  site.deliver(buyer, contractId, 9990);
  for (const party of [buyer, owner]) site.about(party, "confirm", contractId);
  expect(site.contract(contractId).state).toBe("settled");
  const { book, follower } = await settle(market);
  const server = await RealMariadb.start();
  try {
    const stageOf = (): ExportStage =>
      new ExportStage({
        exporter: new SettlementExporter({
          open: () => openMariadb(server.address),
          ...{ dialect: mariadb, tables: exportTables, crypto },
          chainId: site.chainId,
          source: {
            async rowsFrom(from, limit) {
              const to = follower.next ?? 0;
              const rows = await book.rowsBetween({ from, to, limit });
              return { rows: rows.map(exportRowOf), next: Math.max(from, to) };
            },
          },
        }),
        chain: () => market.chain,
        waiting: (next) => book.countFrom(next),
        clock,
        send: async (_chain, { action, payload }) => ({
          ok: site.authority(action, payload).code === "OK",
        }),
      });
    await server.kill();
    const cut = stageOf();
    await expect(cut.step()).rejects.toMatchObject({ code: "SETTLEMENT_UNREACHABLE" });
    expect(cut.view).toMatchObject({
      state: "failing",
      code: "SETTLEMENT_UNREACHABLE",
      waiting: 1,
    });
    expect(site.contract(contractId).state).toBe("settled");
    await server.start();
    const stage = stageOf();
    await stage.step();
    expect(stage.view).toMatchObject({
      state: "following",
      rows: 1,
      waiting: 0,
      unacknowledged: 1,
    });
    expect(site.contract(contractId).state).toBe("complete");
    await stage.step();
    expect(stage.view).toMatchObject({ unacknowledged: 0, isDurable: true });
    const connection = await openMariadb(server.address);
    const [row] = await connection.select("select * from voltfog_contract", []);
    connection.close();
    const rowHash = site.contract(contractId).rowHash ?? new Uint8Array();
    expect(row).toMatchObject({ contract_id: toHex(contractId), row_hash: toHex(rowHash) });
    expect(row).toMatchObject({ delivered_wh: 9990, to_grid_wh: 10, from_grid_wh: 0 });
    cut.close();
    stage.close();
  } finally {
    await server.remove();
  }
}, 120_000);

describe("trades between vehicles", () => {
  /** Two trades that were paid and one that the authority divided, of a chain of its own. */
  function traded(): V2vSite {
    const site = new V2vSite({ crypto, vehicles: 2 });
    site.namePoints();
    const [buyer, seller] = [site.driver("buyer", 20_000_000), site.driver("seller", 20_000_000)];
    for (const [name, received] of Object.entries({ one: 9500, two: 9000, apart: 4000 })) {
      site.sell(seller, { name: `sell ${name}` });
      const trade = tradeIn(site.buy(buyer, { name: `buy ${name}` }));
      site.deliver(seller, trade, { side: "given", energy_Wh: 10_000 });
      site.deliver(buyer, trade, { side: "received", energy_Wh: received });
      if (name !== "apart") continue;
      const refund = 1_000_000;
      const payload = encodeTradeResolution({
        ...{ tradeId: trade.id, refund, reasonHash: new Uint8Array(32) },
      });
      expect(site.v2v(site.authority, v2vAction.resolve, payload).code).toBe("OK");
    }
    return site;
  }

  test("stand in the day and in the reports, and are no use of any pile", async () => {
    const site = traded();
    const { desk, book } = await settle(site);
    const day = new Date(site.chain.head.header.time_ms).toISOString().slice(0, 10);
    const { trades, sessions } = await desk.day(day);
    expect(trades).toMatchObject({ count: 3, energy_Wh: 9500 + 9000 + 4000 });
    expect(sessions).toBe(0);
    for (const by of ["day", "quarter", "year", "user"] as const) {
      expect(await desk.report(by)).toMatchObject([{ trades: 3, amount: trades.amount }]);
    }
    expect([await desk.report("pile"), await book.use(0)]).toEqual([[], []]);
    expect(await desk.cdrs(day)).toEqual([]);
  });

  test("are added to the book of an earlier version, which left them out, and its papers stay", async () => {
    const site = traded();
    const { book } = await settle(site);
    await book.keepPaper({ sessionId: "00".repeat(16), kind: "meter", body: "{}" });
    const rows = await book.rowsBetween({ from: 0, to: 1000, limit: 100 });
    expect(rows).toHaveLength(3);
    await database.transaction(async (transaction) => {
      await transaction.run("delete from settlement_form");
      await transaction.run("delete from settlement_rows");
    });
    const again = await settle(site);
    expect(await again.book.rowsBetween({ from: 0, to: 1000, limit: 100 })).toEqual(rows);
    expect(await again.book.countFrom(0)).toBe(3);
    expect(await again.book.paper("00".repeat(16), "meter")).toBe("{}");
  });

  test("are written once each though the database is killed within the export, also after an earlier version's", async () => {
    const site = traded();
    const { book, follower } = await settle(site);
    const server = await RealMariadb.start();
    const exporterOf = (kill?: () => Promise<void>): SettlementExporter =>
      new SettlementExporter({
        open: async () => {
          const connection = await openMariadb(server.address);
          return {
            ...connection,
            async commit() {
              await kill?.();
              await connection.commit();
            },
          };
        },
        ...{ dialect: mariadb, tables: exportTables, crypto },
        chainId: site.consortium.genesis.chainId,
        source: {
          async rowsFrom(from) {
            const to = Math.min(follower.next ?? 0, from + 5);
            const rows = await book.rowsBetween({ from, to, limit: 5 });
            return { rows: rows.map(exportRowOf), next: Math.max(from, to) };
          },
        },
      });
    try {
      let kills = 0;
      const exporter = exporterOf(async () => {
        if (kills >= 3) return;
        kills++;
        await server.kill();
        await server.start();
      });
      for (let nextIndex = 0; nextIndex < (follower.next ?? 0); ) {
        const done = await exporter.exportBatch().catch((thrown: { code: string }) => {
          expect(thrown.code).toBe("SETTLEMENT_UNREACHABLE");
        });
        nextIndex = done?.nextIndex ?? nextIndex;
      }
      expect(kills).toBe(3);
      expect(await exporter.pending()).toEqual([]);
      exporter.close();
      const connection = await openMariadb(server.address);
      const read = (): Promise<readonly unknown[]> =>
        connection.select("select * from voltfog_trade order by result_index", []);
      const rows = await read();
      expect(rows).toMatchObject([
        { state: "paid", given_wh: 10_000, received_wh: 9500, delivered_wh: 9500, refunded: 0 },
        { state: "paid", received_wh: 9000, energy_cost: 4_000_000 },
        { state: "resolved", received_wh: 4000, delivered_wh: 4000, refunded: 1_000_000 },
      ]);
      // A database that is as far, but whose tables an earlier version made, is gone through again.
      await connection.run("delete from voltfog_trade", []);
      await connection.run("drop table voltfog_cursor_2", []);
      const later = exporterOf();
      for (let nextIndex = 0; nextIndex < (follower.next ?? 0); ) {
        ({ nextIndex } = await later.exportBatch());
      }
      expect(await read()).toEqual(rows);
      later.close();
      connection.close();
    } finally {
      await server.remove();
    }
  }, 180_000);
});

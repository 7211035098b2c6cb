import { join } from "node:path";
import type { Chain, ChainEvidence } from "@voltfog/ledger";
import type { CdrContext } from "@voltfog/market";
import type { SettlementExportView } from "@voltfog/messages";
import { type Clock, CodedError, type Crypto } from "@voltfog/runtime";
import type { StepVerdict } from "../remote/repeat.ts";
import type { ChainReader } from "../store/chain-reader.ts";
import { CopyStage } from "../store/copy-stage.ts";
import { openSideDatabase, type SideDatabase } from "../store/side-database.ts";
import { ExportStage, type SendOrder } from "./export-stage.ts";
import { exportRowOf, exportTables } from "./export-tables.ts";
import { type RowSource, SettlementExporter } from "./exporter.ts";
import { openMariadb } from "./mariadb-connection.ts";
import { SettlementBook, settlementTables } from "./settlement-book.ts";
import { SettlementDesk } from "./settlement-desk.ts";
import { SettlementFollower } from "./settlement-follower.ts";
import { readSettlementUrl } from "./settlement-url.ts";
import { mariadb } from "./sql-dialect.ts";

/** Of the cloud's configuration. */
export interface SettlementConfig {
  readonly dataDir: string;
  readonly marketCurrency: string;
  readonly settlementUrl: string;
  readonly settlementLogin: string;
  readonly settlementAuthority: string;
  readonly settlementCountry: string;
  readonly settlementParties: readonly string[];
}

/** The parts of the cloud's settlement. */
export interface Settlement {
  readonly settlement: SettlementDesk;
  readonly stages: readonly { readonly name: string; step(): Promise<StepVerdict> }[];
  /** After the stages have ended. */
  close(): Promise<void>;
}

const memoryMax_bytes = 134_217_728;
/** The cursor is moved over results that settle nothing only now and then. */
const emptyResultsMax = 1000;

/** Opens the book; nothing runs yet. STORE_UNREADABLE, CONFIG_INVALID. */
export async function openSettlement(options: {
  config: SettlementConfig;
  chain: () => Chain | undefined;
  chainId: Uint8Array;
  store: ChainReader;
  blockTime_ms: (height: number) => Promise<number | undefined>;
  evidence: (o: { index: number; names: readonly string[] }) => Promise<ChainEvidence | undefined>;
  /** The organisation of a validator's vote key, or nothing for any other key. */
  organisationOf: (key: Uint8Array) => string;
  send: SendOrder | undefined;
  clock: Clock;
  crypto: Crypto;
}): Promise<Settlement> {
  const { config, chain, store, clock, crypto, organisationOf } = options;
  const context = cdrContextOf(config);
  const path = join(config.dataDir, "settlement.duckdb");
  const database = await openSideDatabase({
    path,
    tables: settlementTables,
    memoryMax_bytes,
    clock,
  });
  const book = new SettlementBook({ database, organisationOf });
  await book.renew();
  const follower = new SettlementFollower({ store, chain, book });
  const stage = exportStageOf({ ...options, book, follower });
  const off: SettlementExportView = {
    ...{ state: "off", code: null, message: null, since_ms: null, isDurable: null },
    ...{ rows: 0, waiting: 0, unacknowledged: 0 },
  };
  const settlement = new SettlementDesk({
    ...{ book, chain, context, clock, crypto, evidence: options.evidence },
    height: () => follower.height,
    exportView: () => stage?.view ?? off,
    blockTime_ms: options.blockTime_ms,
    send: options.send,
  });
  const follow = { name: "settlement", step: () => follower.step() };
  const copies = new CopyStage(database);
  const copy = { name: "copy of the settlement", step: () => copies.step() };
  const exports = stage && { name: "settlement export", step: () => stage.step() };
  return {
    settlement,
    stages: [follow, copy, ...(exports === undefined ? [] : [exports])],
    close: () => closeAll(stage, database),
  };
}

async function closeAll(stage: ExportStage | undefined, database: SideDatabase): Promise<void> {
  stage?.close();
  await database.close();
}

function exportStageOf(options: {
  config: SettlementConfig;
  chain: () => Chain | undefined;
  chainId: Uint8Array;
  send: SendOrder | undefined;
  clock: Clock;
  crypto: Crypto;
  book: SettlementBook;
  follower: SettlementFollower;
}): ExportStage | undefined {
  const { config, book, chainId, crypto, chain, send, clock } = options;
  if (config.settlementUrl === "") return undefined;
  const address = readSettlementUrl(config);
  const exporter = new SettlementExporter({
    open: () => openMariadb(address),
    ...{ dialect: mariadb, tables: exportTables, chainId, crypto },
    source: sourceOf(options),
  });
  const waiting = (next: number): Promise<number> => book.countFrom(next);
  return new ExportStage({ exporter, chain, send, waiting, clock });
}

function sourceOf(parts: { book: SettlementBook; follower: SettlementFollower }): RowSource {
  return {
    async rowsFrom(from, limit) {
      const to = parts.follower.next ?? 0;
      const rows = await parts.book.rowsBetween({ from, to, limit });
      const last = rows.at(-1);
      if (last === undefined) return { rows: [], next: to - from > emptyResultsMax ? to : from };
      const next = rows.length === limit ? last.resultIndex + 1 : to;
      return { rows: rows.map(exportRowOf), next };
    },
  };
}

/** CONFIG_INVALID. */
function cdrContextOf(config: SettlementConfig): CdrContext {
  const [countryCode = "", country = ""] = config.settlementCountry.split("/");
  const parties = new Map<string, string>();
  for (const item of config.settlementParties) {
    const [, organisation, party] = /^([a-z][a-z0-9-]{0,31})=([A-Z0-9]{3})$/.exec(item) ?? [];
    if (organisation === undefined || party === undefined) {
      throw new CodedError({
        code: "CONFIG_INVALID",
        message: `settlementParties: ${JSON.stringify(item)}`,
        remedy: "write organisation=ABC, three capital letters or digits",
      });
    }
    parties.set(organisation, party);
  }
  return {
    ...{ countryCode, country, currency: config.marketCurrency },
    partyIdOf: (organisation) => parties.get(organisation) ?? partyOf(organisation),
  };
}

/** Three letters: two of the name and its last, so that operator-1 and operator-2 differ; UNI for the desk. */
function partyOf(organisation: string): string {
  const letters = organisation.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
  if (letters === "") return "UNI";
  return `${letters.slice(0, 2)}${letters.slice(2).at(-1) ?? ""}`.padEnd(3, "X");
}

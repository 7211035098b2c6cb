import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  checkpointAction,
  currentLogName,
  currentLogNumber,
  decodeLogState,
  encodeEntry,
  encodeLogOpening,
  finalEnd,
  keyIdOf,
  type LogEnd,
  logId,
  logName,
  logOrigin,
  moduleNumber,
  nonceName,
  parseLogOrigin,
  signTransaction,
  treeCrypto,
} from "@voltfog/ledger";
import {
  earlierLogFolder,
  earlierLogs,
  openLogReader,
  restoredMark,
  TelemetryLog,
} from "@voltfog/ledger/node";
import {
  type Clock,
  CodedError,
  type Crypto,
  equalBytes,
  type Logger,
  messageOf,
} from "@voltfog/runtime";
import { syncFolderSync } from "@voltfog/runtime/node";
import type { ChainPort } from "../anchoring/chain-port.ts";
import { NonceSource } from "../anchoring/nonce-source.ts";
import type { UnitIdentity } from "../unit-identity.ts";

/** The log that the unit writes. */
export interface CurrentLog {
  /** From 1; a unit that was restored goes on with the next. */
  readonly number: number;
  readonly origin: string;
  readonly logId: Uint8Array;
}

export interface SettleOptions {
  readonly dataDir: string;
  readonly identity: UnitIdentity;
  readonly chain: ChainPort;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the chain may take to answer; two minutes unless told. */
  readonly patience_ms?: number;
}

const patience_ms = 120_000;
const retry_ms = 500;
const resend_ms = 5000;

/**
 * Says which log the unit writes on, before it takes a frame. A unit that came back from a backup puts
 * its log aside, since it may lack what was signed later, and opens the next one: its first entry names
 * the end of the old log that is final on the chain. No receipt is given under a log that the chain
 * does not know yet, so that a log's number is never used for two different logs, however often the
 * same backup is restored. LOG_NOT_OPENED when the chain does not answer in time; the next start goes
 * on from there.
 */
export async function settleLog(options: SettleOptions): Promise<CurrentLog> {
  const { dataDir, clock, logger } = options;
  putRestoredAside(options);
  const own = await readOwn(options);
  if (own === undefined && earlierLogs(dataDir).length === 0) return logOf(options, 1);
  // A frame is taken only after the chain had the opening: a log with more than that is known there.
  if (own !== undefined && (own.number === 1 || own.size > 1)) return logOf(options, own.number);
  const end_ms = clock.monotonic_ms() + (options.patience_ms ?? patience_ms);
  const opening = new LogOpener(options);
  logger.info("opening the next log", { restored: true });
  for (;;) {
    const reason = await opening.step().catch(messageOf);
    if (typeof reason !== "string") return reason;
    if (clock.monotonic_ms() >= end_ms) {
      throw new CodedError({
        code: "LOG_NOT_OPENED",
        message: `this unit was restored, and the chain has not taken its next log: ${reason}`,
        remedy: "start enough validators for a quorum; the unit goes on once they answer",
      });
    }
    await new Promise<void>((resolve) => clock.after(retry_ms, resolve));
  }
}

/** The unit's log of a number. */
export function logOf(
  { identity, crypto }: Pick<SettleOptions, "identity" | "crypto">,
  number: number,
): CurrentLog {
  const { chain, logHash: hash } = identity.genesis;
  const origin = logOrigin({ chain, unitId: identity.id, number, hash });
  const { publicKey } = identity.signer;
  return { number, origin, logId: logId({ origin, publicKey, crypto }) };
}

interface Known {
  /** The log that the chain takes checkpoints of. */
  readonly number: number;
  readonly end: LogEnd;
  readonly nonce: Uint8Array | undefined;
}

class LogOpener {
  readonly #options: SettleOptions;
  readonly #nonces: NonceSource;
  #sent_ms = Number.NEGATIVE_INFINITY;

  constructor(options: SettleOptions) {
    this.#options = options;
    this.#nonces = new NonceSource({ clock: options.clock });
  }

  /** The log once the chain knows it; until then what is waited for. */
  async step(): Promise<CurrentLog | string> {
    const { clock, logger, dataDir } = this.#options;
    const known = await this.#ask();
    if (known === undefined) return "no block is final yet";
    const own = await readOwn(this.#options);
    if (own?.number === known.number && own.size > 0) {
      logger.info("next log opened", { number: own.number, after: earlierLogs(dataDir).length });
      return logOf(this.#options, own.number);
    }
    const fits = own !== undefined && own.number > known.number && names(own, known.end);
    if (own !== undefined && !fits) putAside(dataDir, own.number);
    const number = fits ? own.number : nextNumber(dataDir, known.number);
    const note = await this.#write(number, known.end);
    const now_ms = clock.monotonic_ms();
    if (now_ms - this.#sent_ms < resend_ms) return "the block that takes it is not final yet";
    this.#sent_ms = now_ms;
    return this.#send(note, known);
  }

  async #ask(): Promise<Known | undefined> {
    const { chain, crypto, identity } = this.#options;
    const { publicKey } = identity.signer;
    const wanted = [currentLogName(keyIdOf(publicKey, crypto)), nonceName(publicKey)];
    const first = await chain.evidence({ results: [], names: wanted });
    if (first === undefined) return undefined;
    const number = currentLogNumber(first.names[0]?.value);
    const { logId: id } = logOf(this.#options, number);
    const second = await chain.evidence({ results: [], names: [logName(id)] });
    if (second === undefined) return undefined;
    const value = second.names[0]?.value;
    const decoded = value && decodeLogState(value);
    const state = decoded?.ok ? decoded.value : undefined;
    const ofTree = treeCrypto(identity.genesis.logHash ?? "sha256", crypto);
    const end = finalEnd({ logId: id, state, crypto: ofTree });
    return { number, end, nonce: first.names[1]?.value };
  }

  /** Makes the log with its first entry durable, or finds it so. */
  async #write(number: number, predecessor: LogEnd): Promise<string> {
    const { dataDir, identity, crypto, clock, logger } = this.#options;
    const log = await TelemetryLog.open({
      folder: join(dataDir, "log"),
      origin: logOf(this.#options, number).origin,
      signer: identity.signer,
      crypto,
      logger,
      opening: async () => ({ predecessor, at_ms: clock.wall_ms() }),
    });
    const { note } = log.published;
    await log.close();
    return note;
  }

  async #send(note: string, known: Known): Promise<string> {
    const { chain, identity } = this.#options;
    this.#nonces.learn(known.nonce);
    const entry = encodeEntry({ kind: "log-opened", predecessor: known.end });
    const verdict = await chain.submit(
      signTransaction({
        chainId: identity.genesis.chainId,
        module: moduleNumber.checkpoints,
        action: checkpointAction.open,
        nonce: this.#nonces.next(),
        payload: encodeLogOpening({ note, entry }),
        signer: identity.signer,
      }),
    );
    return verdict.ok ? "sent to the chain" : `${verdict.problem.code}: ${verdict.problem.detail}`;
  }
}

interface OwnLog {
  readonly number: number;
  readonly size: number;
  readonly predecessor: LogEnd | undefined;
}

/** Whether the log can still become one that names this end: it says so already, or says nothing. */
function names({ size, predecessor }: OwnLog, { logId: id, size: end, root }: LogEnd): boolean {
  if (size === 0) return true;
  if (predecessor === undefined || predecessor.size !== end) return false;
  return equalBytes(predecessor.logId, id) && equalBytes(predecessor.root, root);
}

/** What the folder of the current log holds; undefined where there is none. Logs beyond the first only are read. */
async function readOwn(options: SettleOptions): Promise<OwnLog | undefined> {
  const number = ownNumber(options);
  if (number === undefined) return undefined;
  if (number === 1) return { number, size: 0, predecessor: undefined };
  const folder = join(options.dataDir, "log");
  if (!existsSync(join(folder, "checkpoint"))) return { number, size: 0, predecessor: undefined };
  const log = await openLogReader(folder);
  const [first] = await log.read({ from: 0, limit: 1 });
  const predecessor = first?.entry.kind === "log-opened" ? first.entry.predecessor : undefined;
  return { number, size: log.size, predecessor };
}

/** By the log's key file, whose first word is its origin. */
function ownNumber({ dataDir, identity }: SettleOptions): number | undefined {
  const path = join(dataDir, "log", "vkey");
  if (!existsSync(path)) return undefined;
  const [origin = ""] = readFileSync(path, "utf8").split("+");
  const log = parseLogOrigin(origin, identity.genesis.chain);
  // The log's own opening refuses what is not this unit's.
  return log?.unitId === identity.id ? log.number : 1;
}

/** The mark goes only after the log has: a crash between the two is made good at the next start. */
function putRestoredAside(options: SettleOptions): void {
  const { dataDir, logger } = options;
  const mark = join(dataDir, restoredMark.file);
  if (!existsSync(mark)) return;
  const number = ownNumber(options);
  if (number !== undefined) {
    putAside(dataDir, number);
    logger.info("restored log put aside", { number });
  }
  rmSync(mark);
  syncFolderSync(dataDir);
}

function putAside(dataDir: string, number: number): void {
  const target = earlierLogFolder(dataDir, number);
  mkdirSync(join(target, ".."), { recursive: true });
  renameSync(join(dataDir, "log"), target);
  syncFolderSync(join(target, ".."));
  syncFolderSync(dataDir);
}

function nextNumber(dataDir: string, known: number): number {
  return Math.max(known, ...earlierLogs(dataDir).map(({ number }) => number)) + 1;
}

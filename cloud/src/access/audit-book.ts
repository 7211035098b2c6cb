import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, CodedError, type Logger, messageOf } from "@voltfog/runtime";
import { RecordFile, readRecords } from "@voltfog/runtime/node";
import { type AuditEntry, decodeAuditEntry, encodeAuditEntry } from "./audit-entry.ts";

export interface AuditBookOptions {
  readonly folder: string;
  /** The oldest sixteenth goes when this is full. */
  readonly sizeMax_bytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What an access is, without when and how often. */
export type Access = Omit<AuditEntry, "at_ms" | "times">;

export interface AuditQuery {
  readonly vehicleId?: string;
  readonly caller?: string;
  /** Only entries before this moment. */
  readonly before_ms: number;
  readonly limit: number;
}

const kind = "voltfog-audit";
const segments = 16;
/** Repeats within this long are counted in one entry. */
const window_ms = 60_000;
/** Accesses of different kinds that are counted at a time; one more is written each time. */
const countedMax = 10_000;
const nameOf = (number: number): string => `${String(number).padStart(8, "0")}.records`;
const namePattern = /^\d{8}\.records$/;

interface Counted {
  readonly access: Access;
  readonly ends_ms: number;
  last_ms: number;
  times: number;
}

/**
 * Who looked at what and when, in files of its own. An access is durable before it is granted; what the
 * same caller asks again within a minute is counted, and written as one entry when the minute is over (a
 * crash loses that count, never the access itself). Bounded: the oldest entries go.
 */
export class AuditBook {
  readonly #options: AuditBookOptions;
  readonly #counted = new Map<string, Counted>();
  #file: RecordFile;
  #number: number;
  #turning: Promise<void> | undefined;
  #cancel = (): void => {};

  private constructor(options: AuditBookOptions, file: RecordFile, number: number) {
    this.#options = options;
    this.#file = file;
    this.#number = number;
  }

  /** Goes on after the newest file; one that is damaged is kept as it is, and a new one begun. */
  static async open(options: AuditBookOptions): Promise<AuditBook> {
    mkdirSync(options.folder, { recursive: true });
    const newest = Number.parseInt(listSegments(options.folder).at(-1) ?? "1", 10);
    try {
      const file = await openSegment(options.folder, newest);
      return new AuditBook(options, file, newest);
    } catch (thrown) {
      options.logger.error("audit file damaged: a new one is begun", { reason: messageOf(thrown) });
      const file = await openSegment(options.folder, newest + 1);
      return new AuditBook(options, file, newest + 1);
    }
  }

  /** Writes what was counted when its minute is over. */
  start(): void {
    this.#cancel = this.#options.clock.after(window_ms / 4, () => {
      this.#flush(this.#options.clock.wall_ms()).catch((thrown: unknown) => {
        this.#options.logger.error("audit not written", { reason: messageOf(thrown) });
      });
      this.start();
    });
  }

  /** Resolves when the access is durable. AUDIT_FAILED: it must not be granted. */
  async note(access: Access): Promise<void> {
    const at_ms = this.#options.clock.wall_ms();
    const key = JSON.stringify(Object.values(access));
    const counted = this.#counted.get(key);
    if (counted !== undefined && at_ms < counted.ends_ms) {
      counted.times += 1;
      counted.last_ms = at_ms;
      return;
    }
    await this.#flush(at_ms);
    await this.#write([{ ...access, at_ms, times: 1 }]);
    if (this.#counted.size >= countedMax) return;
    this.#counted.set(key, { access, ends_ms: at_ms + window_ms, last_ms: at_ms, times: 0 });
  }

  /** Newest first. Reads from the newest file back: the rarer what is asked for, the more it reads. */
  async entries(query: AuditQuery): Promise<readonly AuditEntry[]> {
    const found: AuditEntry[] = [];
    for (const name of listSegments(this.#options.folder).reverse()) {
      found.push(...(await this.#matching(name, query)));
      if (found.length >= query.limit) break;
    }
    return found.slice(0, query.limit);
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.#flush(Number.MAX_SAFE_INTEGER).catch((thrown: unknown) => {
      this.#options.logger.error("audit not written", { reason: messageOf(thrown) });
    });
    await this.#file.close();
  }

  async #flush(now_ms: number): Promise<void> {
    const over = [...this.#counted].filter(([, { ends_ms }]) => ends_ms <= now_ms);
    for (const [key] of over) this.#counted.delete(key);
    const entries = over.flatMap(([, { access, last_ms, times }]) =>
      times === 0 ? [] : [{ ...access, at_ms: last_ms, times }],
    );
    if (entries.length > 0) await this.#write(entries);
  }

  async #write(entries: readonly AuditEntry[]): Promise<void> {
    try {
      await this.#turn();
      await this.#file.append(entries.map(encodeAuditEntry));
    } catch (thrown) {
      throw new CodedError({
        code: "AUDIT_FAILED",
        message: `access cannot be recorded: ${messageOf(thrown)}`,
        remedy: "see to the disk of the cloud's data folder",
        cause: thrown,
      });
    }
  }

  /** Begins the next file when this one is full, and lets the oldest go. */
  async #turn(): Promise<void> {
    await this.#turning;
    if (this.#file.size_bytes < this.#options.sizeMax_bytes / segments) return;
    this.#turning ??= this.#next().finally(() => {
      this.#turning = undefined;
    });
    await this.#turning;
  }

  async #next(): Promise<void> {
    const { folder, logger } = this.#options;
    const file = await openSegment(folder, this.#number + 1);
    const full = this.#file;
    this.#number += 1;
    this.#file = file;
    await full.close();
    for (const name of listSegments(folder).slice(0, -segments)) {
      rmSync(join(folder, name), { force: true });
      logger.info("oldest audit file removed", { file: name });
    }
  }

  async #matching(name: string, query: AuditQuery): Promise<readonly AuditEntry[]> {
    const path = join(this.#options.folder, name);
    const { records } = await readRecords({ path, kind }).catch((thrown: unknown) => {
      this.#options.logger.error("audit file not read", { file: name, reason: messageOf(thrown) });
      return { records: [] };
    });
    return records
      .flatMap(({ payload }) => {
        const entry = decodeAuditEntry(payload);
        return entry.ok && matches(entry.value, query) ? [entry.value] : [];
      })
      .reverse();
  }
}

function matches(entry: AuditEntry, query: AuditQuery): boolean {
  const { vehicleId, caller, before_ms } = query;
  if (entry.at_ms >= before_ms) return false;
  if (caller !== undefined && entry.caller !== caller) return false;
  return vehicleId === undefined || entry.vehicleId === vehicleId || entry.vehicleId === "*";
}

function openSegment(folder: string, number: number): Promise<RecordFile> {
  return RecordFile.open({ path: join(folder, nameOf(number)), kind });
}

function listSegments(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => namePattern.test(name))
    .sort();
}

import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import {
  accepted,
  CodedError,
  type MalformedProblem,
  type Outcome,
  refused,
  utf8,
} from "@voltfog/runtime";
import { RecordFile, syncFolderSync } from "@voltfog/runtime/node";
import { Transaction } from "ethers";

/** One line of the journal: a transaction that was signed and may be on its way, or how a matter ended. */
export type JournalRecord =
  | { readonly kind: "signed"; readonly id: string; readonly raw: string }
  | { readonly kind: "ended"; readonly id: string; readonly outcome: MatterOutcome };

/** final: in a block that is deep enough. reverted: likewise, but the contract refused it. displaced: its nonce went to a stranger's, or is out of reach. */
export type MatterOutcome = "final" | "reverted" | "displaced";

const fileKind = "evm-transactions-1";
/** Above this, opening writes the file anew with what is still open. */
const rewriteAbove_bytes = 1024 * 1024;
const outcomes: readonly string[] = ["final", "reverted", "displaced"];

export function decodeJournalRecord(bytes: Uint8Array): Outcome<JournalRecord, MalformedProblem> {
  const malformed = (detail: string): Outcome<never, MalformedProblem> =>
    refused({ code: "MALFORMED", detail });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return malformed("no JSON");
  }
  if (typeof value !== "object" || value === null) return malformed("no object");
  const { kind, id, raw, outcome } = value as Record<string, unknown>;
  if (typeof id !== "string" || id.length > 200) return malformed("no id");
  if (kind === "ended" && outcomes.includes(outcome as string)) {
    return accepted({ kind, id, outcome: outcome as MatterOutcome });
  }
  if (kind !== "signed" || typeof raw !== "string") return malformed("of an unknown kind");
  try {
    if (!Transaction.from(raw).isSigned()) return malformed("a transaction without a signature");
  } catch {
    return malformed("no transaction");
  }
  return accepted({ kind, id, raw });
}

/**
 * What this account has signed, on disk before any node hears of it: after a crash at any point the same
 * transactions are sent again, never others in their place.
 */
export class TransactionJournal {
  readonly #file: RecordFile;

  private constructor(file: RecordFile) {
    this.#file = file;
  }

  /** With the signed transactions of each matter that has not ended, in the order they were signed. */
  static async open(path: string): Promise<{
    journal: TransactionJournal;
    unfinished: ReadonlyMap<string, readonly string[]>;
  }> {
    const unfinished = new Map<string, string[]>();
    const file = await RecordFile.open({
      path,
      kind: fileKind,
      onRecord: ({ payload }) => take(path, payload, unfinished),
    });
    if (file.size_bytes <= rewriteAbove_bytes) {
      return { journal: new TransactionJournal(file), unfinished };
    }
    await file.close();
    return { journal: new TransactionJournal(await rewrite(path, unfinished)), unfinished };
  }

  /** Resolves once it is durable. */
  async write(record: JournalRecord): Promise<void> {
    await this.#file.append([utf8(JSON.stringify(record))]);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function take(path: string, payload: Uint8Array, unfinished: Map<string, string[]>): void {
  const record = decodeJournalRecord(payload);
  if (!record.ok) {
    throw new CodedError({
      code: "JOURNAL_CORRUPT",
      message: `${path}: ${record.problem.detail}`,
      remedy: "restore the file; without it a transaction could be sent twice",
    });
  }
  const { id } = record.value;
  if (record.value.kind === "ended") unfinished.delete(id);
  else unfinished.set(id, [...(unfinished.get(id) ?? []), record.value.raw]);
}

async function rewrite(
  path: string,
  unfinished: ReadonlyMap<string, readonly string[]>,
): Promise<RecordFile> {
  const fresh = `${path}.new`;
  if (existsSync(fresh)) await rm(fresh);
  const file = await RecordFile.open({ path: fresh, kind: fileKind });
  const records = [...unfinished].flatMap(([id, raws]) =>
    raws.map((raw) => utf8(JSON.stringify({ kind: "signed", id, raw } satisfies JournalRecord))),
  );
  await file.append(records);
  await file.close();
  await rename(fresh, path);
  syncFolderSync(dirname(path));
  return RecordFile.open({ path, kind: fileKind });
}

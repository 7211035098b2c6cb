import { logId } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { heldCheckpoint, type SiteRecord, type UnitRecord } from "../site/site-record.ts";

/** What a restored unit had signed after its backup, as far as the chain has it final. */
export interface LostAfterBackup {
  readonly unitId: string;
  /** The log that came back shorter. */
  readonly logNumber: number;
  readonly entries: number;
  /**
   * Entries that came back and cannot be proven any more: they stand behind the newest final checkpoint
   * that the shorter log still reaches, and the tree of the next one is lost with what it covered.
   */
  readonly unprovable: number;
}

/**
 * Compares where each unit's later logs say that an earlier one ended with what is there of that one. The
 * difference is declared lost, by the unit's signature and the chain's; what it had acknowledged and not
 * yet made final is not in it.
 */
export async function lostAfterBackup(record: SiteRecord): Promise<readonly LostAfterBackup[]> {
  const lost: LostAfterBackup[] = [];
  for (const { id: unitId, key, logNumber, log } of record.units) {
    const [first] = logNumber === 1 ? [] : await log.read({ from: 0, limit: 1 });
    if (first?.entry.kind !== "log-opened") continue;
    const { predecessor } = first.entry;
    const before = record.units.find(
      (other) => other.id === unitId && equalBytes(idOf(other), predecessor.logId),
    );
    if (before === undefined || !isTaken(record, { key, log })) continue;
    const entries = predecessor.size - before.log.size;
    if (entries <= 0) continue;
    const unprovable = before.log.size - (heldCheckpoint(record.chain, before)?.size ?? 0);
    lost.push({ unitId, logNumber: before.logNumber, entries, unprovable });
  }
  return lost;
}

type LogOf = Pick<UnitRecord, "key" | "log">;

function idOf({ key, log }: LogOf): Uint8Array {
  return logId({ origin: log.key.name, publicKey: key, crypto });
}

/** A unit that asked a validator that was behind may have put another try aside, which the chain never had. */
function isTaken({ chain }: SiteRecord, log: LogOf): boolean {
  return chain.logState(idOf(log)) !== undefined;
}

import type { DuckDBConnection } from "@duckdb/node-api";
import { decodeEntry } from "@voltfog/ledger";
import { openFrame, type Stream } from "@voltfog/messages";
import { missingLink } from "../intake/missing-link.ts";
import { fillChainRows } from "./chain-rows.ts";
import { appendRows, selectRows } from "./connections.ts";
import { unlinkedValues } from "./link-rows.ts";
import { bytesAt, bytesOrNullAt, numberAt, textAt } from "./row-values.ts";
import { schemaVersion } from "./schema.ts";

const versionLeast = 1;

/**
 * Brings a store of an earlier version up to this one, inside the caller's transaction. Throws for a later
 * version.
 */
export async function upgrade(connection: DuckDBConnection, version: number): Promise<void> {
  if (version === schemaVersion) return;
  if (version < versionLeast || version > schemaVersion) {
    throw new Error(
      `holds version ${version}, this program reads ${versionLeast} to ${schemaVersion}`,
    );
  }
  // Version 3 brought tables that begin empty: samples of before are settled with the next ones.
  if (version < 2) await fillUnlinked(connection);
  if (version < 4) await fillChainRows(connection);
  await connection.run(`update store_version set version = ${schemaVersion}`);
}

/** Version 1 had no links; the entries say which of them are unlinked, in the fourth byte. */
async function fillUnlinked(connection: DuckDBConnection): Promise<void> {
  const rows = await selectRows(
    connection,
    `select unit_id, log_index, vehicle_id, stream, sequence, accepted_ms, entry, frame from entries
      where kind <> 'refused' and substr(hex(entry), 7, 2) <> '00'`,
  );
  const values = rows.flatMap((row) => {
    const entry = decodeEntry(bytesAt(row, "entry"));
    if (!entry.ok || !("unlinked" in entry.value)) return [];
    const frame = openFrame(bytesOrNullAt(row, "frame") ?? new Uint8Array());
    const unlinked = missingLink(entry.value, frame.ok ? frame.value : undefined);
    const place = {
      logIndex: numberAt(row, "log_index"),
      vehicleId: textAt(row, "vehicle_id"),
      stream: textAt(row, "stream") as Stream,
      sequence: numberAt(row, "sequence"),
      accepted_ms: numberAt(row, "accepted_ms"),
    };
    return [unlinkedValues({ ...place, unlinked }, textAt(row, "unit_id"))];
  });
  await appendRows(connection, "unlinked", values);
}

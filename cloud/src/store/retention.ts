import type { DuckDBConnection } from "@duckdb/node-api";
import { selectRows } from "./connections.ts";
import { settle } from "./roll-ups.ts";
import { numberAt, whole } from "./row-values.ts";

/** What a store keeps. 0 keeps all. */
export interface Retention {
  /** Samples of before go, their roll-ups by minute, hour and day stay. */
  readonly samplesFrom_ms: number;
  /** Signed frames of before go, with every single cell; their entries stay, so trees and counts do. */
  readonly framesFrom_ms: number;
}

export interface Removed {
  readonly samples: number;
  readonly frames: number;
}

/**
 * Removes what is no longer kept, in the caller's transaction. A frame goes only where its entry is final:
 * until then it may be the only copy that nobody has proven. Calling it again removes nothing.
 */
export async function applyRetention(
  connection: DuckDBConnection,
  retention: Retention,
): Promise<Removed> {
  const parameters = {
    samplesFrom: whole(retention.samplesFrom_ms),
    framesFrom: whole(retention.framesFrom_ms),
  };
  const [counted] = await selectRows(
    connection,
    `select (select count(*) from pack_samples where wall_ms < $samplesFrom::bigint) as samples,
      (select count(*) from final_entries where frame is not null and final_height is not null
        and accepted_ms < $framesFrom::bigint) as frames`,
    parameters,
  );
  const removed = {
    samples: counted === undefined ? 0 : numberAt(counted, "samples"),
    frames: counted === undefined ? 0 : numberAt(counted, "frames"),
  };
  if (removed.samples > 0) {
    await settle(connection);
    await connection.run("delete from settled_samples where wall_ms < $samplesFrom::bigint", {
      samplesFrom: parameters.samplesFrom,
    });
  }
  if (removed.frames > 0) {
    await connection.run(
      `update entries set frame = null where frame is not null
        and accepted_ms < $framesFrom::bigint and log_index <
          (select coalesce(max(size), 0) from finality where finality.unit_id = entries.unit_id)`,
      { framesFrom: parameters.framesFrom },
    );
  }
  if (removed.samples + removed.frames > 0) {
    await connection.run(
      "insert into removed values ($samplesFrom::bigint, $framesFrom::bigint, $samples::bigint)",
      { ...parameters, samples: whole(removed.samples) },
    );
  }
  return removed;
}

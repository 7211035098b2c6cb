import type { DuckDBConnection } from "@duckdb/node-api";
import type { IncidentView } from "../api/responses.ts";
import { appendRows, type ReaderPool, type Row, selectRows } from "./connections.ts";
import { numberAt, textAt, textOrNullAt, whole } from "./row-values.ts";
import type { Incident } from "./telemetry-store.ts";

export async function storeIncident(
  connection: DuckDBConnection,
  incident: Incident,
): Promise<IncidentView> {
  const [known] = await selectRows(
    connection,
    `select * from incidents where code = $code and unit_id is not distinct from $unitId
      and sentence = $sentence`,
    { code: incident.code, unitId: incident.unitId, sentence: incident.sentence },
  );
  if (known !== undefined) {
    const view = incidentView(known);
    await connection.run(
      "update incidents set last_ms = $at::bigint, count = count + 1 where id = $id::bigint",
      { at: whole(incident.at_ms), id: whole(view.id) },
    );
    return { ...view, last_ms: incident.at_ms, count: view.count + 1 };
  }
  const [newest] = await selectRows(connection, "select coalesce(max(id), 0) as id from incidents");
  const id = (newest === undefined ? 0 : numberAt(newest, "id")) + 1;
  const { at_ms, code, unitId, sentence } = incident;
  await appendRows(connection, "incidents", [
    [whole(id), code, unitId, sentence, whole(at_ms), whole(at_ms), 1n],
  ]);
  return { id, code, unitId, sentence, first_ms: at_ms, last_ms: at_ms, count: 1 };
}

export async function queryIncidents(
  readers: ReaderPool,
  limit: number,
): Promise<readonly IncidentView[]> {
  const rows = await readers.query(
    "select * from incidents order by last_ms desc, id desc limit $limit::bigint",
    { limit: whole(limit) },
  );
  return rows.map(incidentView);
}

function incidentView(row: Row): IncidentView {
  return {
    id: numberAt(row, "id"),
    code: textAt(row, "code"),
    unitId: textOrNullAt(row, "unit_id"),
    sentence: textAt(row, "sentence"),
    first_ms: numberAt(row, "first_ms"),
    last_ms: numberAt(row, "last_ms"),
    count: numberAt(row, "count"),
  };
}

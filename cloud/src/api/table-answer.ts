import type { FastifyReply } from "fastify";
import { csvOf } from "../maintenance/csv.ts";
import type { PlainTable, SideDatabase } from "../store/side-database.ts";
import { answers, type JsonSchema, oneOf } from "./schema.ts";

export type TableFormat = "json" | "csv" | "parquet";

/** Parameter of a route whose answer is a table too. */
export const formatParameter: JsonSchema = {
  ...oneOf(["json", "csv", "parquet"]),
  default: "json",
  description: "json; or its table as csv or parquet, to download",
};

const parquetType = "application/vnd.apache.parquet";

/** The answers of such a route. */
export function tableAnswers(
  description: string,
  schema: JsonSchema,
  codes: readonly number[] = [],
): JsonSchema {
  const file = { schema: { type: "string", format: "binary" } };
  return {
    ...answers(description, {}, codes),
    200: {
      description,
      content: { "application/json": { schema }, "text/csv": file, [parquetType]: file },
    },
  };
}

/** Sends a table as a file to download. */
export async function sendTable(
  reply: FastifyReply,
  o: {
    format: Exclude<TableFormat, "json">;
    name: string;
    table: PlainTable;
    database: Pick<SideDatabase, "parquet">;
  },
): Promise<FastifyReply> {
  const { format, name, table, database } = o;
  reply.header("content-disposition", `attachment; filename="${name}.${format}"`);
  if (format === "csv") return reply.type("text/csv; charset=utf-8").send(csvOf(table));
  return reply.type(parquetType).send(Buffer.from(await database.parquet(table)));
}

/** Objects with the same plain fields as a table; an interval becomes three columns. */
export function tableOf<T extends object>(
  items: readonly T[],
  columns: readonly {
    readonly name: string;
    readonly kind: "number" | "text";
    readonly of: (item: T) => number | string | null;
  }[],
): PlainTable {
  return {
    columns: columns.map(({ name, kind }) => ({ name, kind })),
    rows: items.map((item) => columns.map(({ of }) => of(item))),
  };
}

type Interval = { readonly value: number; readonly low: number; readonly high: number } | null;

/** The columns of an interval: its value, and its ends behind it. */
export function intervalColumns<T>(
  name: string,
  of: (item: T) => Interval,
): readonly { name: string; kind: "number"; of: (item: T) => number | null }[] {
  return (["value", "low", "high"] as const).map((end) => ({
    name: end === "value" ? name : `${name}_${end}`,
    kind: "number",
    of: (item) => of(item)?.[end] ?? null,
  }));
}

export function numberColumn<T>(
  name: string,
  of: (item: T) => number | null,
): { name: string; kind: "number"; of: (item: T) => number | null } {
  return { name, kind: "number", of };
}

export function textColumn<T>(
  name: string,
  of: (item: T) => string | null,
): { name: string; kind: "text"; of: (item: T) => string | null } {
  return { name, kind: "text", of };
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DayClearingView } from "@voltfog/messages";
import { replaceFileSync } from "@voltfog/runtime/node";

type Cdr = Readonly<Record<string, unknown>>;

/** Writes clearing.csv, sessions.csv and cdrs.json; gives their paths. Files of before are replaced. */
export function writeClearing(o: {
  clearing: DayClearingView;
  cdrs: readonly Cdr[];
  folder: string;
}): readonly string[] {
  const { clearing, cdrs, folder } = o;
  mkdirSync(folder, { recursive: true });
  const files = {
    "clearing.csv": clearingCsv(clearing),
    "sessions.csv": sessionsCsv(cdrs),
    "cdrs.json": `${JSON.stringify(cdrs, null, 2)}\n`,
  };
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    replaceFileSync(path, text);
    return path;
  });
}

function clearingCsv({ day, currency, lines }: DayClearingView): string {
  const rows = lines.map(({ home, operator, sessions, energy_Wh, beans_Wh, amount }) => [
    ...[day, home ?? "", operator, sessions, energy_Wh, beans_Wh, amount, currency],
  ]);
  const head = "day,drivers_of,piles_of,sessions,energy_wh,beans_wh,amount_millionths,currency";
  return csv(head.split(","), rows);
}

/** The charge detail records, one line each, for a spreadsheet. */
function sessionsCsv(cdrs: readonly Cdr[]): string {
  const names = ["id", "party_id", "start_date_time", "end_date_time", "total_energy", "currency"];
  const rows = cdrs.map((cdr) => [
    ...names.map((name) => String(cdr[name] ?? "")),
    String((cdr["total_cost"] as Cdr | undefined)?.["excl_vat"] ?? ""),
    cdr["credit"] === true ? "credit" : "",
  ]);
  return csv([...names, "total_cost_excl_vat", "credit"], rows);
}

/** RFC 4180; a text that a spreadsheet would run as a formula is quoted with an apostrophe before it. */
function csv(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string => {
    const text =
      typeof value === "string" && /^[=+@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

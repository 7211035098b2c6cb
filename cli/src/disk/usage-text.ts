import { sizeText } from "../backup/size-text.ts";
import type { SiteUsage } from "./site-usage.ts";

/** One line for each process and kind, then when the disk is full. */
export function usageText(usage: SiteUsage): string {
  const rows = usage.processes.flatMap(({ id, kinds }) =>
    kinds.map(({ kind, files, size_bytes, growthPerDay_bytes }) => [
      id,
      kind,
      files === 1 ? "1 file" : `${files} files`,
      sizeText(size_bytes),
      growthText(growthPerDay_bytes),
    ]),
  );
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [...lines, "", ...forecastText(usage)].join("\n");
}

function growthText(growthPerDay_bytes: number | null): string {
  if (growthPerDay_bytes === null) return "growth not known yet";
  return growthPerDay_bytes === 0 ? "level" : `+ ${sizeText(growthPerDay_bytes)} a day`;
}

/** A day that far ahead says nothing. */
const farAway_d = 36_500;

function forecastText({ folder, size_bytes, processes, disk }: SiteUsage): readonly string[] {
  const { free_bytes, growthPerDay_bytes, left_d, full_ms, warning } = disk;
  const held = `${sizeText(size_bytes)} in ${folder}, ${sizeText(free_bytes)} free on its disk`;
  const isYoung = processes.some(({ kinds }) =>
    kinds.some((kind) => kind.growthPerDay_bytes === null),
  );
  const growth = growthText(growthPerDay_bytes === 0 && isYoung ? null : growthPerDay_bytes);
  const isFar = left_d === null || full_ms === null || left_d > farAway_d;
  const forecast = isFar
    ? `${growth}${isYoung ? "" : `: not full within ${farAway_d / 365} years`}`
    : `${growth}: full in ${Math.floor(left_d)} days, on ${new Date(full_ms).toISOString().slice(0, 10)}`;
  const alert = { "few-bytes": "WARNING: little is free", "few-days": "WARNING: it is full soon" };
  return [held, forecast, ...(warning === null ? [] : [alert[warning]])];
}

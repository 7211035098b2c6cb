import { CodedError } from "@voltfog/runtime";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { readUpFile } from "../supervisor/up-file.ts";
import { getJson } from "../up/http-json.ts";
import { opinions, type ValidatorRow, type ValidatorStatus } from "../validators/opinions.ts";

interface Flags {
  readonly data: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** `voltfog validator list`: who is agile, who is blunt, and why. */
export function validatorListCommand(context: CommandContext): Command {
  return new Command("list")
    .summary("Show every validator: agile or blunt, and the cause")
    .description(
      "Asks the running validators what they measure of each other: seals in the last 100 final certificates, delay of proposals, clock, bandwidth and pauses. What most of them say is shown. Exit code 1 where one is not agile.",
    )
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--url <url>", "ask this validator alone, by its HTTP address")
    .option("--json", "print {height, validators} as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog validator list\n  voltfog validator list --url http://127.0.0.1:8070 --json",
    )
    .action(async (flags: Flags) => {
      const asked = flags.url === undefined ? urlsOf(flags.data) : [flags.url];
      const statuses = await Promise.all(asked.map(statusOf));
      const answered = statuses.filter((status) => status !== undefined);
      if (answered.length === 0) throw silent(asked);
      const validators = opinions(answered);
      const height = Math.max(...answered.map((status) => status.height));
      context.terminal.print(
        flags.json ? JSON.stringify({ height, validators }, null, 2) : listText(validators),
      );
      context.exitCode = validators.every(({ state }) => state === "agile") ? 0 : 1;
    });
}

function urlsOf(root: string): readonly string[] {
  const processes = readUpFile(root)?.processes ?? [];
  return processes
    .filter(({ role }) => role === "validator")
    .map(({ ports }) => `http://127.0.0.1:${ports.http}`);
}

async function statusOf(url: string): Promise<ValidatorStatus | undefined> {
  return getJson(`${url.replace(/\/$/, "")}/v1/status`).then(
    (answer) => answer as ValidatorStatus,
    () => undefined,
  );
}

function silent(asked: readonly string[]): CodedError {
  return new CodedError({
    code: "NO_VALIDATOR",
    message:
      asked.length === 0
        ? "no validator runs on this folder"
        : `no validator answers at ${asked.join(", ")}`,
    remedy: "name the folder of a running site with --data, or a validator with --url",
  });
}

function listText(validators: readonly ValidatorRow[]): string {
  const head = ["VALIDATOR", "ORGANISATION", "STATE", "CAUSE", "SEALS", "DELAY", "BANDWIDTH"];
  const rows = validators.map((one) => [
    one.id,
    one.organisation,
    one.quarantined ? `${one.state}, quarantined` : one.state,
    one.cause ?? "-",
    one.participation === null ? "-" : `${Math.round(100 * one.participation)} %`,
    one.delay_ms === null ? "-" : `${one.delay_ms} ms`,
    one.bandwidth_bytes_per_s === null
      ? "-"
      : `${Math.round(one.bandwidth_bytes_per_s / 1000)} kB/s`,
    one.clockOffset_ms === null ? "-" : `${one.clockOffset_ms} ms`,
    String(one.weight),
  ]);
  const table = [[...head, "CLOCK", "WEIGHT"], ...rows];
  const widths = head.concat("", "").map((_, column) => {
    return Math.max(...table.map((row) => row[column]?.length ?? 0));
  });
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { readUpFile, type UpFile, type UpProcess } from "../supervisor/up-file.ts";
import { getJson } from "../up/http-json.ts";

interface Placements {
  readonly attachments: readonly {
    readonly vehicleId: string;
    readonly unitId: string;
    readonly latency_ms: number | null;
    readonly reason: string;
  }[];
}

/** `voltfog status`: what runs on a site, and which unit serves which vehicle. */
export function statusCommand(context: CommandContext): Command {
  return new Command("status")
    .description(
      "Reads what voltfog up runs on a folder and asks the controller for the placements. Exit code 1 when nothing runs.",
    )
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print {running, processes, placements} as JSON")
    .addHelpText("after", "\nExamples:\n  voltfog status\n  voltfog status --data /tmp/site --json")
    .action(async (flags: { data: string; json?: boolean }) => {
      const up = readUpFile(flags.data);
      const placements = up && (await placementsOf(up));
      if (flags.json) context.terminal.print(jsonText(up, placements));
      else context.terminal.print(up === undefined ? idleText(flags.data) : upText(up, placements));
      context.exitCode = up === undefined ? 1 : 0;
    });
}

/** null while the controller does not answer. */
async function placementsOf(up: UpFile): Promise<Placements | null> {
  const controller = up.processes.find(({ role }) => role === "controller");
  const url = `http://127.0.0.1:${controller?.ports.http}/v1/placements`;
  return getJson(url).then(
    (answer) => answer as Placements,
    () => null,
  );
}

function jsonText(up: UpFile | undefined, placements: Placements | null | undefined): string {
  const idle = { running: false, processes: [], placements: null };
  const { version: _, identities: __, ...facts } = up ?? { version: 1, identities: [] };
  const answer = up === undefined ? idle : { running: true, ...facts, placements };
  return JSON.stringify(answer, null, 2);
}

function idleText(root: string): string {
  return `nothing runs on ${root}; start it with voltfog up`;
}

function upText(up: UpFile, placements: Placements | null | undefined): string {
  const processes = up.processes.map((process) => [
    process.id,
    process.role,
    process.pid === null ? "restarting" : String(process.pid),
    portsText(process),
    process.dataDir,
  ]);
  const attachments = (placements?.attachments ?? []).map((one) => [
    one.vehicleId,
    one.unitId,
    one.latency_ms === null ? "-" : `${one.latency_ms.toFixed(1)} ms`,
    one.reason,
  ]);
  return [
    `open ${up.web}`,
    "",
    table([["PROCESS", "ROLE", "PID", "PORTS", "DATA"], ...processes]),
    "",
    placements === null
      ? "the controller does not answer"
      : table([["VEHICLE", "UNIT", "LATENCY", "REASON"], ...attachments]),
  ].join("\n");
}

function portsText({ ports }: UpProcess): string {
  return Object.entries(ports)
    .map(([name, port]) => `${name} ${port}`)
    .join(", ");
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

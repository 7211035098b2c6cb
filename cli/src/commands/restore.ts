import { CodedError } from "@voltfog/runtime";
import { Command } from "commander";
import { type RestoreReport, restoreSite } from "../backup/restore-site.ts";
import type { CommandContext } from "../command-context.ts";
import { complaintLine } from "../complaint.ts";

interface RestoreFlags {
  readonly data: string;
  readonly json?: boolean;
}

/** Verdicts on the archive, not on how the command was called. */
const verdicts: ReadonlySet<string> = new Set([
  "ARCHIVE_DAMAGED",
  "ARCHIVE_VERSION",
  "MANIFEST_MISMATCH",
]);

/** `voltfog restore`: a backup's folder, verified. */
export function restoreCommand(context: CommandContext): Command {
  return new Command("restore")
    .description(
      "Unpacks an archive of voltfog backup to a new folder and checks every byte of it: by the archive's checksums, and by what units and validators signed. Where a byte was changed or is missing it names the file and leaves nothing behind. Validators come back without their votes and do not start until they have a new key; units keep the old log and open a new one. Exit code 1 for a damaged archive, or one whose site was damaged already.",
    )
    .argument("<file>", "an archive that voltfog backup wrote")
    .requiredOption("--data <dir>", "folder for the site; new or empty")
    .option("--json", "print what was restored as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog restore site.vfbak --data /srv/restored\n  voltfog log fsck /srv/restored/unit-1",
    )
    .action(async (archive: string, flags: RestoreFlags) => {
      const { terminal } = context;
      try {
        const report = await restoreSite({
          archive,
          target: flags.data,
          progress: (text) => terminal.progress(text),
        });
        terminal.progressDone();
        terminal.print(flags.json ? JSON.stringify(report, null, 2) : reportText(report));
        context.exitCode = report.ok ? 0 : 1;
      } catch (thrown) {
        terminal.progressDone();
        if (!(thrown instanceof CodedError) || !verdicts.has(thrown.code)) throw thrown;
        const { code, message: detail } = thrown;
        if (flags.json) terminal.print(JSON.stringify({ ok: false, code, detail }, null, 2));
        else terminal.note(complaintLine(thrown));
        context.exitCode = 1;
      }
    });
}

function reportText(report: RestoreReport): string {
  const { folder, files, chain, height, logs, problems } = report;
  const saved = new Date(report.created_ms).toISOString();
  return [
    `${folder}: ${files} files as they were saved at ${saved}; chain ${chain} up to block ${height}`,
    ...logs.map((log) =>
      log.ok
        ? `${log.id}: ${log.entries} entries, ${log.finalSize} of them final; sound`
        : `${log.id}: damaged before it was saved: ${log.problem}`,
    ),
    ...problems,
    "validators do not start until they have new vote keys; units do not write on their old logs (docs/operations/backup.md)",
  ].join("\n");
}

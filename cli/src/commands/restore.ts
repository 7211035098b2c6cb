import { CodedError } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import { type MembersReport, restoreMembers } from "../backup/restore-members.ts";
import { type RestoreReport, restoreSite } from "../backup/restore-site.ts";
import type { CommandContext } from "../command-context.ts";
import { complaintLine } from "../complaint.ts";

interface RestoreFlags {
  readonly data: string;
  readonly member?: readonly string[];
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
      "Unpacks an archive of voltfog backup to a new folder and checks every byte of it: by the archive's checksums, and by what units and validators signed. Where a byte was changed or is missing it names the file and leaves nothing behind. With --member only those units and validators come back, into their stopped site: a validator with a new vote key, which the others take once the site runs; a unit with a new log that names its old one. Without it the whole site comes back to be read and proven from, and its validators do not start. Exit code 1 for a damaged archive, or one whose site was damaged already.",
    )
    .argument("<file>", "an archive that voltfog backup wrote")
    .requiredOption(
      "--data <dir>",
      "folder for the site; new or empty, or with --member the site's",
    )
    .option("--member <id...>", "only these units and validators, into their site's folder")
    .option("--json", "print what was restored as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog restore site.vfbak --data /srv/restored\n  voltfog log fsck /srv/restored/unit-1\n  voltfog restore site.vfbak --data .voltfog --member unit-1 validator-1",
    )
    .action(async (archive: string, flags: RestoreFlags) => {
      const { terminal } = context;
      try {
        const report = await bringBack(archive, flags, (text) => terminal.progress(text));
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

function bringBack(
  archive: string,
  { data: target, member: members }: RestoreFlags,
  progress: (text: string) => void,
): Promise<RestoreReport | MembersReport> {
  const options = { archive, target, progress, clock: systemClock };
  return members ? restoreMembers({ ...options, members }) : restoreSite(options);
}

function reportText(report: RestoreReport | MembersReport): string {
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
    ...nextSteps(report),
  ].join("\n");
}

function nextSteps(report: RestoreReport | MembersReport): readonly string[] {
  if (!("members" in report)) {
    return [
      "the whole site is back to be read and proven from; its validators do not start, since their votes are lost (docs/operations/backup.md)",
    ];
  }
  return [
    `${report.members.join(" and ")} came back into ${report.folder}`,
    ...report.newVoteKeys.map(
      (id) => `${id} has a new vote key; its old one is gone from the site and votes never again`,
    ),
    `next: voltfog up --data ${report.folder}; the other validators take new vote keys and new logs by themselves`,
    "then: voltfog backup, since older archives do not have the new vote keys",
  ];
}

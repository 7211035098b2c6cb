import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import { sizeText } from "../backup/size-text.ts";
import { writeBackup } from "../backup/write-backup.ts";
import type { CommandContext } from "../command-context.ts";

interface BackupFlags {
  readonly data: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `voltfog backup`: a site's folder in one file. */
export function backupCommand(context: CommandContext): Command {
  return new Command("backup")
    .description(
      "Writes keys, logs, events, blocks and vehicles of a site to one archive, each file with its checksum, and does not disturb a running site. Votes are left out, since they must never come back, and so is the cloud's store, which the cloud makes again from the logs. The archive holds private keys: keep it where only you can read it.",
    )
    .requiredOption(
      "--out <file>",
      "the archive to write, such as site.vfbak; never replaces a file",
    )
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print what was saved as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog backup --out site.vfbak\n  voltfog backup --data /srv/site --out /mnt/site-monday.vfbak --json",
    )
    .action(async (flags: BackupFlags) => {
      const { terminal } = context;
      const report = await writeBackup({
        root: flags.data,
        out: flags.out,
        clock: systemClock,
        progress: (share) => terminal.progress(`saving, ${Math.floor(share * 10) * 10} %`),
      }).finally(() => terminal.progressDone());
      if (flags.json) {
        terminal.print(JSON.stringify({ ok: true, ...report }, null, 2));
        return;
      }
      const { file, files, size_bytes, chain, height, units, deciding } = report;
      const entries = units.reduce((sum, unit) => sum + unit.entries, 0);
      const validators = ` with ${deciding.validators.length} validators in epoch ${deciding.epoch}`;
      terminal.print(
        `${file}: ${files} files, ${sizeText(size_bytes)}; chain ${chain} up to block ${height}${validators}, ${entries} log entries of ${units.length} units\nsha256 ${report.sha256}`,
      );
    });
}

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Archive, TelemetryStore } from "@voltfog/cloud";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseDuration_ms } from "../flag-values.ts";

interface StoreFlags {
  readonly data: string;
  readonly json?: boolean;
}

interface ExportFlags extends StoreFlags {
  readonly out: string;
  readonly last?: string;
}

interface RetentionFlags extends StoreFlags {
  readonly samples?: string;
  readonly frames?: string;
}

const memoryMax_bytes = 2_000_000_000;

/** `voltfog store`: what concerns the cloud's store, while no cloud process has it. */
export function storeCommand(context: CommandContext): Command {
  return new Command("store")
    .description(
      "The store of a stopped cloud: history as Parquet, and what is kept. For samples in InfluxDB use its own tools.",
    )
    .addCommand(exportCommand(context))
    .addCommand(importCommand(context))
    .addCommand(retentionCommand(context));
}

function exportCommand({ terminal }: CommandContext): Command {
  return withStore(
    new Command("export")
      .summary("Write history as Parquet files")
      .description(
        "Samples, their roll-ups by minute, hour and day, and log entries with their signed frames, one file each.",
      )
      .requiredOption("--out <dir>", "new folder for the files")
      .option("--last <duration>", "only so far back from now, such as 30d"),
  )
    .option("--json", "print {version, from_ms, to_ms, rows} as JSON")
    .addHelpText("after", "\nExample:\n  voltfog store export --out history --last 30d")
    .action(async (flags: ExportFlags) => {
      const now_ms = systemClock.wall_ms();
      const from_ms =
        flags.last === undefined
          ? 0
          : Math.max(0, now_ms - parseDuration_ms({ flag: "--last", text: flags.last }));
      const range = { from_ms, to_ms: Number.MAX_SAFE_INTEGER };
      const archive = await inStore(flags.data, (store) =>
        store.exportArchive({ folder: resolve(flags.out), ...range }),
      );
      terminal.print(flags.json ? JSON.stringify(archive) : textOf(archive, flags.out));
    });
}

function textOf({ rows }: Archive, out: string): string {
  const parts = Object.entries(rows).map(([name, count]) => `${count} ${name}`);
  return `${parts.join(", ")} in ${out}`;
}

function importCommand({ terminal }: CommandContext): Command {
  return withStore(
    new Command("import")
      .summary("Take in samples that were exported")
      .description("Samples that are there already are passed over, so a repeat changes nothing.")
      .argument("<folder>", "what voltfog store export wrote"),
  )
    .option("--json", "print {samples, known} as JSON")
    .addHelpText("after", "\nExample:\n  voltfog store import history")
    .action(async (folder: string, flags: StoreFlags) => {
      const taken = await inStore(flags.data, (store) => store.importArchive(resolve(folder)));
      terminal.print(
        flags.json
          ? JSON.stringify(taken)
          : `${taken.samples} samples taken in, ${taken.known} were there already`,
      );
    });
}

function retentionCommand({ terminal }: CommandContext): Command {
  return withStore(
    new Command("retention")
      .summary("Remove samples and frames that are old enough")
      .description(
        "Roll-ups by minute, hour and day stay, and so do the entries of the logs. A signed frame goes only where its entry is final. A running cloud does the same by itself with samplesKept_d and framesKept_d.",
      )
      .option("--samples <duration>", "keep single samples so long, such as 90d; all unless told")
      .option("--frames <duration>", "keep signed frames so long, such as 365d; all unless told"),
  )
    .option("--json", "print {samples, frames} as JSON")
    .addHelpText("after", "\nExample:\n  voltfog store retention --samples 90d --frames 365d")
    .action(async (flags: RetentionFlags) => {
      const keepFrom_ms = (flag: string, text: string | undefined): number =>
        text === undefined
          ? 0
          : Math.max(0, systemClock.wall_ms() - parseDuration_ms({ flag, text }));
      const retention = {
        samplesFrom_ms: keepFrom_ms("--samples", flags.samples),
        framesFrom_ms: keepFrom_ms("--frames", flags.frames),
      };
      const removed = await inStore(flags.data, (store) => store.retain(retention));
      terminal.print(
        flags.json
          ? JSON.stringify(removed)
          : `${removed.samples} samples and ${removed.frames} frames removed`,
      );
    });
}

function withStore(command: Command): Command {
  return command.option("--data <dir>", "folder of the site, or of its cloud", ".voltfog");
}

async function inStore<T>(data: string, task: (store: TelemetryStore) => Promise<T>): Promise<T> {
  const folder = [data, join(data, "cloud")].find((one) =>
    existsSync(join(one, "telemetry.duckdb")),
  );
  if (folder === undefined) {
    throw complaint({
      code: "FOLDER_UNREADABLE",
      what: `${data} holds no store of a cloud`,
      remedy: "name the site's folder, or the cloud's data folder with telemetry.duckdb",
    });
  }
  const { openDuckDbStore } = await import("@voltfog/cloud");
  const store = await openDuckDbStore({ folder, memoryMax_bytes, clock: systemClock });
  try {
    return await task(store);
  } finally {
    await store.close();
  }
}

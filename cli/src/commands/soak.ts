import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock, systemRandom } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { runSoak } from "../soak/run-soak.ts";
import { isSound, soakFindings } from "../soak/soak-findings.ts";
import { readSoakFlags, type SoakFlags } from "../soak/soak-options.ts";

interface Flags extends SoakFlags {
  readonly json?: boolean;
  readonly keep?: string;
  readonly out?: string;
}

const summary = "Run the whole system under random faults and count what is left";

/** `voltfog soak`: the whole system under faults. 1 when a goal was missed. */
export function soakCommand(context: CommandContext): Command {
  return new Command("soak")
    .description(
      "Runs the whole system in a folder and on ports of its own, kills, freezes and cuts its parts at random, lets it settle, and counts from the disk whether anything is lost, doubled or unproven, and whether memory stays flat.",
    )
    .option("--for <duration>", "how long the faults go on, 30s or more", "30m")
    .option("--seed <n>", "seed of the faults and of the fleet [drawn and printed]")
    .option("--vehicles <n>", "vehicles", "12")
    .option("--units <n>", "roadside units, each with a validator", "4")
    .option("--rate <hz>", "samples per second and vehicle, 1 to 10", "10")
    .option("--frame-age <duration>", "a frame is sent when its first sample is this old", "1s")
    .option("--datasets <dir>", "folder of the datasets (or VOLTFOG_DATASETS) [the shipped ones]")
    .option("--json", "print {name, commit, machine, method, inputs, rows, items} as JSON")
    .option("--keep <dir>", "leave the site there, with the list of faults; an empty folder")
    .option("--out <dir>", "write the result there too, and the page of all results in it")
    .addHelpText(
      "after",
      "\nExit code 1: something was lost, doubled or unproven, a process died by itself, or memory grew.\n\nExamples:\n  voltfog soak --for 60s\n  voltfog soak --for 30m --seed 7 --out bench/results",
    )
    .action((flags: Flags) => soak(flags, context));
}

async function soak(flags: Flags, context: CommandContext): Promise<void> {
  const { reportText, runExperiment } = await import("@voltfog/bench");
  const { terminal } = context;
  const asked = readSoakFlags(flags, () => Math.floor(systemRandom.uniform() * 2 ** 32));
  terminal.note(`seed ${asked.seed}`);
  const report = await runExperiment(
    {
      name: "soak",
      summary,
      async run({ folder, isKept }) {
        const options = { ...asked, folder };
        const record = await runSoak(options, context);
        if (isKept) {
          const { faults, missed, memory } = record;
          writeFileSync(
            join(folder, "soak-record.json"),
            JSON.stringify({ faults, missed, memory }),
          );
        }
        return soakFindings(record, options);
      },
    },
    {
      clock: systemClock,
      self: context.self,
      isQuick: false,
      keep: flags.keep,
      out: flags.out,
      progress: () => {},
    },
  );
  terminal.progressDone();
  terminal.print(flags.json ? JSON.stringify(report, null, 2) : reportText(report));
  if (!isSound(report)) context.exitCode = 1;
}

import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { parseWhole } from "../flag-values.ts";
import { progressText } from "../progress-text.ts";

interface HistoryFlags {
  readonly vehicles: string;
  readonly days: string;
  readonly seed: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `voltfog simulate fleet-history`: what a cloud would have kept of a fleet over years. */
export function fleetHistoryCommand(context: CommandContext): Command {
  return new Command("fleet-history")
    .summary("Write what a cloud would have kept of a fleet over years, with its truth beside")
    .description(
      "Simulates vehicles of five uses over years: season, wear, faults that grow from a known day to a failure, workshop visits, recalibrations, gaps and the errors of sensors. Rows come every 5 minutes while driving, 10 charging, 60 parked. Beside FILE stands FILE.truth.jsonl. The same seed gives the same bytes. docs/specs/maintenance.md.",
    )
    .requiredOption("--out <file>", "a new file that ends in .parquet, .csv or .jsonl")
    .option("--vehicles <n>", "how many, 1 to 10000", "200")
    .option("--days <d>", "simulated days, 1 to 3650", "730")
    .option("--seed <s>", "a whole number; another gives another fleet", "1")
    .option("--json", "print {rows, bytes, truth, wall_s} as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog simulate fleet-history --vehicles 200 --days 730 --seed 1 --out history.parquet\n  voltfog simulate fleet-history --vehicles 5 --days 90 --out history.csv",
    )
    .action((flags: HistoryFlags) => simulateHistory(flags, context));
}

async function simulateHistory(flags: HistoryFlags, { terminal }: CommandContext): Promise<void> {
  const vehicles = parseWhole({ flag: "--vehicles", text: flags.vehicles, min: 1, max: 10_000 });
  const days = parseWhole({ flag: "--days", text: flags.days, min: 1, max: 3650 });
  const seed = parseWhole({ flag: "--seed", text: flags.seed, min: 0, max: 2 ** 32 - 1 });
  const { writeFleetHistory } = await import("@voltfog/datasets");
  const start_ms = systemClock.monotonic_ms();
  const run = writeFleetHistory({
    ...{ out: flags.out, seed, vehicles, days },
    onVehicle: (done) =>
      terminal.progress(progressText({ done, total: vehicles, doing: "simulating" })),
  });
  terminal.progressDone();
  const wall_s = (systemClock.monotonic_ms() - start_ms) / 1000;
  if (flags.json === true) {
    terminal.print(JSON.stringify({ ...run, wall_s }, null, 2));
    return;
  }
  terminal.print(
    `simulated: ${vehicles} vehicles x ${days} days, ${run.rows} rows, ${(run.bytes / 1e6).toFixed(1)} MB in ${flags.out}, truth in ${run.truth}; ${wall_s.toFixed(1)} s`,
  );
}

import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseWhole } from "../flag-values.ts";
import { readInputFile } from "../input-file.ts";
import { bundleFacts, bundleText, sampleOf } from "../verification/bundle-facts.ts";
import { judgeBundle } from "../verification/judge-bundle.ts";

interface VerifyFlags {
  readonly genesis: string;
  readonly sample?: string;
  readonly json?: boolean;
}

/** `voltfog verify`: offline, with trust in the genesis file alone. */
export function verifyCommand(context: CommandContext): Command {
  return new Command("verify")
    .description(
      "Says whose frame a bundle holds, which unit logged it and which validators made that final. Needs no network and no running system. Exit code 0 when it verifies, 1 with the reason when it does not.",
    )
    .argument("<bundle>", "file written by voltfog proof")
    .requiredOption("--genesis <file>", "genesis file of the consortium you trust")
    .option("--sample <i>", "also print this sample of the frame, counted from 0")
    .option("--json", "print the facts as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog verify frame.vfb --genesis .voltfog/genesis.json\n  voltfog verify frame.vfb --genesis genesis.json --sample 0 --json",
    )
    .action((file: string, flags: VerifyFlags) => {
      context.exitCode = verifyFile(file, flags, context);
    });
}

function verifyFile(file: string, flags: VerifyFlags, context: CommandContext): number {
  const { terminal } = context;
  const index =
    flags.sample === undefined
      ? undefined
      : parseWhole({ flag: "--sample", text: flags.sample, min: 0, max: 63 });
  const verdict = judgeBundle({
    bytes: readInputFile(file),
    genesisBytes: readInputFile(flags.genesis),
    genesisName: flags.genesis,
  });
  if (!verdict.ok) {
    const { code, detail } = verdict.problem;
    if (flags.json) terminal.print(JSON.stringify({ ok: false, code, detail }, null, 2));
    else terminal.print(`not verified: ${code}: ${detail}`);
    return 1;
  }
  const bundle = verdict.value;
  const sample = index === undefined ? undefined : requireSample(bundle.frame.bytes, index);
  if (flags.json) {
    const facts = bundleFacts(bundle);
    terminal.print(JSON.stringify(sample === undefined ? facts : { ...facts, sample }, null, 2));
  } else {
    terminal.print(bundleText(bundle));
    if (sample !== undefined) terminal.print(`sample ${index}: ${JSON.stringify(sample)}`);
  }
  return 0;
}

/** The sample, or SAMPLE_UNKNOWN where the frame holds none at that place. */
export function requireSample(frame: Uint8Array, index: number): object {
  const sample = sampleOf({ frame, index });
  if (sample !== undefined) return sample;
  throw complaint({
    code: "SAMPLE_UNKNOWN",
    what: `the frame holds no sample ${index}`,
    remedy: "choose a smaller number; they count from 0",
  });
}

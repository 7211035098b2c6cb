import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseWhole } from "../flag-values.ts";
import { readInputFile } from "../input-file.ts";
import { bundleFacts, bundleText, sampleOf } from "../verification/bundle-facts.ts";
import { judgeBundle } from "../verification/judge-bundle.ts";
import {
  disagreementOf,
  isReceipt,
  judgeReceipt,
  receiptFacts,
  receiptText,
} from "../verification/judge-receipt.ts";
import { judgeTrust, restsOnFacts, restsOnText } from "../verification/judge-trust.ts";

interface VerifyFlags {
  readonly genesis: string;
  readonly sample?: string;
  readonly trusted?: string;
  readonly json?: boolean;
}

/** `voltfog verify`: offline, with trust in the genesis file alone. */
export function verifyCommand(context: CommandContext): Command {
  return new Command("verify")
    .description(
      "Says whose frame a bundle holds, which unit logged it and which validators made that final; or what a charging session's receipt proves. Needs no network and no running system. Exit code 0 when it verifies, 1 with the reason when it does not, also where charger and vehicle counted another energy.",
    )
    .argument("<file>", "bundle written by voltfog proof, or receipt of voltfog trade receipt")
    .requiredOption("--genesis <file>", "genesis file of the consortium you trust")
    .option("--sample <i>", "also print this sample of the frame, counted from 0")
    .option(
      "--trusted <block>",
      "also rest on a recent block: its hash, a file of evidence by it, or the address of a validator to ask for that",
    )
    .option("--json", "print the facts as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog verify frame.vfb --genesis .voltfog/genesis.json\n  voltfog verify frame.vfb --genesis genesis.json --sample 0 --json\n  voltfog verify receipt.json --genesis genesis.json\n  voltfog verify frame.vfb --genesis genesis.json --trusted https://validator.example",
    )
    .action(async (file: string, flags: VerifyFlags) => {
      context.exitCode = await verifyFile(file, flags, context);
    });
}

async function verifyFile(
  file: string,
  flags: VerifyFlags,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  const index =
    flags.sample === undefined
      ? undefined
      : parseWhole({ flag: "--sample", text: flags.sample, min: 0, max: 63 });
  const input = { bytes: readInputFile(file), genesisBytes: readInputFile(flags.genesis) };
  if (isReceipt(input.bytes)) return verifyReceiptFile(input, flags, context);
  const verdict = judgeBundle({ ...input, genesisName: flags.genesis });
  if (!verdict.ok) return refuse(verdict.problem, flags, context);
  const bundle = verdict.value;
  const trust = await judgeTrust({ ...input, bundle, trusted: flags.trusted });
  if (!trust.ok) return refuse(trust.problem, flags, context);
  const sample = index === undefined ? undefined : requireSample(bundle.frame.bytes, index);
  if (flags.json) {
    const facts = { ...bundleFacts(bundle), restsOn: restsOnFacts(bundle, trust.value) };
    terminal.print(JSON.stringify(sample === undefined ? facts : { ...facts, sample }, null, 2));
  } else {
    terminal.print(`${bundleText(bundle)}\n${restsOnText(bundle, trust.value)}`);
    if (sample !== undefined) terminal.print(`sample ${index}: ${JSON.stringify(sample)}`);
  }
  return 0;
}

function verifyReceiptFile(
  input: { bytes: Uint8Array; genesisBytes: Uint8Array },
  flags: VerifyFlags,
  context: CommandContext,
): number {
  if (flags.sample !== undefined || flags.trusted !== undefined) {
    throw complaint({
      code: "FLAG_OF_BUNDLES",
      what: "--sample and --trusted are for bundles, this is a receipt",
      remedy: "leave them out",
    });
  }
  const verdict = judgeReceipt({ ...input, genesisName: flags.genesis });
  if (!verdict.ok) return refuse(verdict.problem, flags, context);
  const { terminal } = context;
  if (flags.json) terminal.print(JSON.stringify(receiptFacts(verdict.value), null, 2));
  else terminal.print(receiptText(verdict.value));
  return disagreementOf(verdict.value) === undefined ? 0 : 1;
}

function refuse(
  { code, detail }: { code: string; detail: string },
  flags: VerifyFlags,
  context: CommandContext,
): number {
  if (flags.json) context.terminal.print(JSON.stringify({ ok: false, code, detail }, null, 2));
  else context.terminal.print(`not verified: ${code}: ${detail}`);
  return 1;
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

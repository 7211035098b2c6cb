import { engineOf } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseDuration_ms } from "../flag-values.ts";
import { type AgreedOutcome, agreedOutcome } from "../outcome/agreed-outcome.ts";
import { askSiteValidators } from "../outcome/ask-site-validators.ts";
import { sitePaths } from "../site/site-folder.ts";
import { readGenesis } from "../site/site-record.ts";

interface Flags {
  readonly data: string;
  readonly wait: string;
  readonly json?: boolean;
}

/** `voltfog ledger outcome`: what f + 1 validators say of a transaction. */
export function ledgerOutcomeCommand(context: CommandContext): Command {
  return new Command("outcome")
    .summary("What became of a transaction, as f + 1 validators say alike")
    .description(
      "Asks every validator of a running site and believes none of them alone: the outcome is taken once f + 1 say the same, byte for byte, so that at least one of them is correct. Exit code 1 where the chain refused the transaction.",
    )
    .argument("<hash>", "the transaction's SHA-256 in hex")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--wait <duration>", "how long to wait for it", "60s")
    .option("--json", "print {hash, code, height, txIndex, data, needed, by} as JSON")
    .addHelpText(
      "after",
      "\nOf a validator that keeps only new blocks, or was started again, older outcomes are with the cloud: voltfog trade outcome.\n\nExamples:\n  voltfog ledger outcome 7d1c… --data .voltfog\n  voltfog ledger outcome 7d1c… --json --wait 5s",
    )
    .action(async (hash: string, flags: Flags) => {
      if (!/^[0-9a-f]{64}$/.test(hash)) throw notHash(hash);
      const ask = askSiteValidators(flags.data);
      const genesis = readGenesis(sitePaths(flags.data).genesis);
      const agreed = await agreedOutcome({
        validators: genesis.validators.map(({ id }) => id),
        engine: engineOf(genesis),
        limit_ms: parseDuration_ms({ flag: "--wait", text: flags.wait }),
        ...{ hash, ask, clock: systemClock },
      });
      context.terminal.print(flags.json ? jsonText(agreed) : text(agreed));
      context.exitCode = agreed.result.code === "OK" ? 0 : 1;
    });
}

function notHash(hash: string): Error {
  return complaint({
    code: "HASH_INVALID",
    what: `${JSON.stringify(hash.slice(0, 80))} is no hash of a transaction`,
    remedy: "give 64 hexadecimal digits in lower case",
  });
}

function text({ result, by, needed }: AgreedOutcome): string {
  const { code, height } = result;
  return `${code} in final block ${height}. So say ${by.join(", ")}; ${needed} had to agree.`;
}

function jsonText({ result, by, needed }: AgreedOutcome): string {
  const { txHash, code, height, txIndex, data } = result;
  const hash = toHex(txHash);
  return JSON.stringify({ hash, code, height, txIndex, data: toHex(data), needed, by }, null, 2);
}

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { anchorStatus, type StatusFlags } from "../anchor/anchor-status.ts";
import { anchorVerify, type VerifyFlags } from "../anchor/anchor-verify.ts";
import { type DeployFlags, deploy } from "../anchor/deploy.ts";
import { passphraseOf } from "../anchor/passphrase.ts";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { writingFile } from "../output-file.ts";
import { processRole } from "../process-role.ts";
import { makeEach } from "../site/site-folder.ts";
import { vaultCommand } from "./anchor-vault.ts";
import { processCommand } from "./process-command.ts";

const rpcDefault = "http://127.0.0.1:8545";
const validatorDefault = "http://127.0.0.1:8070";

/** `voltfog anchor`: what an Ethereum chain knows of a consortium's chain. */
export async function anchorCommand(context: CommandContext): Promise<Command> {
  return new Command("anchor")
    .description(
      "Brings the newest final header of the consortium's chain to a contract on an Ethereum chain, where other contracts can check records against it. How to run it: docs/operations/anchoring.md.",
    )
    .addCommand(keyCommand(context))
    .addCommand(deployCommand(context))
    .addCommand(await runCommand(context))
    .addCommand(statusCommand(context))
    .addCommand(verifyCommand(context))
    .addCommand(vaultCommand(context));
}

function keyCommand({ terminal }: CommandContext): Command {
  return new Command("key")
    .summary("Make an anchor key, or show the address of one")
    .description(
      "Writes a new secp256k1 key, readable by its owner only, and prints its address; of a file that is there it prints the address alone.",
    )
    .argument("<file>", "PKCS #8 PEM")
    .option("--key-passphrase <file>", "file with a passphrase: the key is encrypted")
    .option("--json", "print {address, isNew} as JSON")
    .addHelpText("after", "\nExample:\n  voltfog anchor key validator-1/anchor.key")
    .action(async (file: string, flags: { keyPassphrase?: string; json?: boolean }) => {
      const { createAnchorKey, loadAnchorKey, addressOf } = await import("@voltfog/evm/node");
      const passphrase = passphraseOf(flags.keyPassphrase);
      const isNew = !existsSync(file);
      const key = isNew
        ? writingFile({ path: file, remedy: "choose another file for the key" }, () => {
            makeEach(dirname(resolve(file)));
            return createAnchorKey(file, passphrase);
          })
        : loadAnchorKey(file, passphrase);
      const address = addressOf(key);
      terminal.print(flags.json === true ? JSON.stringify({ address, isNew }) : address);
    });
}

function deployCommand(context: CommandContext): Command {
  return new Command("deploy")
    .summary("Deploy CheckpointAnchor and RecordVerifier for a consortium")
    .description(
      "Deploys what the file named by --out does not list yet and writes it there, so that a run that was cut off is simply repeated.",
    )
    .requiredOption("--genesis <file>", "the consortium's genesis file")
    .requiredOption("--sender-key <file>", "key of the account that pays, PKCS #8 PEM")
    .requiredOption("--validators <a,b,…>", "anchor addresses of the validators")
    .option("--key-passphrase <file>", "file with the key's passphrase")
    .option("--rpc <url>", "JSON-RPC address of the Ethereum chain", rpcDefault)
    .option("--out <file>", "where to write the addresses", "anchor.json")
    .option("--registries", "also LogRegistry and EventRegistry, for units without a consortium")
    .option(
      "--vault <wei>",
      "also SettlementVault, where a millionth of the market's currency is so many wei",
    )
    .option("--confirmations <n>", "blocks until a contract counts as deployed", "2")
    .option("--fee-max <gwei>", "most that is offered per unit of gas", "200")
    .option("--json", "print {evmChainId, chain, contracts} as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  voltfog anchor deploy --genesis genesis.json --sender-key payer.key --validators 0x…,0x…,0x…,0x…",
    )
    .action((flags: DeployFlags) => deploy(flags, context));
}

async function runCommand(context: CommandContext): Promise<Command> {
  const { anchorConfig, runAnchor } = await import("@voltfog/evm/node");
  const role = processRole({
    name: "anchor",
    summary:
      "Run the anchor service: with a validator's key it signs, with an account's key it sends",
    example: "voltfog anchor run --config anchor-1.json",
    schema: anchorConfig,
    start: runAnchor,
  });
  return processCommand(role, context).name("run").summary("Run the anchor service");
}

function statusCommand(context: CommandContext): Command {
  return new Command("status")
    .summary("Show how far the anchors are, by the contract itself")
    .option("--deployment <file>", "what voltfog anchor deploy wrote", "anchor.json")
    .option("--rpc <url>", "JSON-RPC address of the Ethereum chain", rpcDefault)
    .option("--json", "print the facts as JSON")
    .addHelpText("after", "\nExample:\n  voltfog anchor status --json")
    .action((flags: StatusFlags) => anchorStatus(flags, context));
}

function verifyCommand(context: CommandContext): Command {
  return new Command("verify")
    .summary("Let the contract verify the records of a proof bundle")
    .description(
      "Verifies the bundle offline first, then asks the contract RecordVerifier, which checks the same records below the newest anchor. Exit code 0 when it verifies, 1 with the reason when it does not or not yet.",
    )
    .argument("<bundle>", "file written by voltfog proof")
    .requiredOption("--genesis <file>", "genesis file of the consortium you trust")
    .option("--deployment <file>", "what voltfog anchor deploy wrote", "anchor.json")
    .option("--rpc <url>", "JSON-RPC address of the Ethereum chain", rpcDefault)
    .option("--validator-url <url>", "a validator, for the path to the anchor", validatorDefault)
    .option("--json", "print {ok, verifier, height, methods} or {ok, code, detail} as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  voltfog anchor verify frame.vfb --genesis genesis.json --deployment anchor.json",
    )
    .action(async (file: string, flags: VerifyFlags) => {
      for (const url of [flags.rpc, flags.validatorUrl]) requireUrl(url);
      context.exitCode = await anchorVerify(file, flags, context);
    });
}

function requireUrl(text: string): void {
  if (/^https?:\/\/\S+$/.test(text)) return;
  throw complaint({
    code: "URL_INVALID",
    what: `${JSON.stringify(text)} is no address`,
    remedy: "write http://host:port or https://host:port",
  });
}

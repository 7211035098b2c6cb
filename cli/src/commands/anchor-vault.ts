import { Command } from "commander";
import { type CreditFlags, creditDeposits } from "../anchor/vault-credit.ts";
import type { VaultFlags } from "../anchor/vault-parts.ts";
import { type PayFlags, payWithdrawal } from "../anchor/vault-pay.ts";
import { showVault } from "../anchor/vault-show.ts";
import type { CommandContext } from "../command-context.ts";

const rpcDefault = "http://127.0.0.1:8545";
const validatorDefault = "http://127.0.0.1:8070";

/** `voltfog anchor vault`: money of the market on an Ethereum chain. */
export function vaultCommand(context: CommandContext): Command {
  return new Command("vault")
    .summary("Deposits to and withdrawals from the market by a contract")
    .description(
      "The contract SettlementVault, which voltfog anchor deploy --vault puts there, takes ether for accounts of the market and pays withdrawals against a proof.",
    )
    .addCommand(showCommand(context))
    .addCommand(creditCommand(context))
    .addCommand(payCommand(context));
}

function placed(command: Command): Command {
  return command
    .option("--deployment <file>", "what voltfog anchor deploy wrote", "anchor.json")
    .option("--rpc <url>", "JSON-RPC address of the Ethereum chain", rpcDefault);
}

function showCommand(context: CommandContext): Command {
  return placed(new Command("show"))
    .summary("Show a vault's id and what it holds")
    .option("--json", "print the facts as JSON")
    .addHelpText("after", "\nExample:\n  voltfog anchor vault show --json")
    .action((flags: VaultFlags & { json?: boolean }) => showVault(flags, context));
}

function creditCommand(context: CommandContext): Command {
  return placed(new Command("credit"))
    .summary("Have the chain credit what came into the vault")
    .description(
      "Runs until SIGTERM or Ctrl-C. The chain credits each deposit once, so this can be stopped and started anywhere.",
    )
    .requiredOption("--genesis <file>", "the consortium's genesis file")
    .requiredOption("--authority-key <file>", "the market's key, which the validators named")
    .option("--validator-url <url>", "a validator, which takes the deposits", validatorDefault)
    .option("--position <file>", "where to note how far it has looked", "vault-position.json")
    .option("--first-block <n>", "where to begin without that file", "0")
    .option("--confirmations <n>", "blocks until a deposit counts", "12")
    .option("--once", "end once all deposits that count are credited")
    .addHelpText(
      "after",
      "\nExample:\n  voltfog anchor vault credit --genesis genesis.json --authority-key keys/market.key",
    )
    .action(async (flags: CreditFlags) => {
      context.exitCode = await creditDeposits(flags, context);
    });
}

function payCommand(context: CommandContext): Command {
  return placed(new Command("pay"))
    .summary("Have the vault pay a withdrawal")
    .description(
      "Brings a withdrawal's proof below the newest anchor to the vault. Anybody may: the money goes to the payee that the withdrawal names. Exit code 1 with the reason where it is not paid, as NOT_ANCHORED_YET.",
    )
    .argument("<result>", "index of the withdrawal's result, as the chain's explorer shows it")
    .requiredOption("--sender-key <file>", "key of the account that pays the gas, PKCS #8 PEM")
    .option("--key-passphrase <file>", "file with the key's passphrase")
    .option("--validator-url <url>", "a validator, for the path to the anchor", validatorDefault)
    .option("--journal <file>", "where its transactions are noted", "vault-payments.journal")
    .option("--confirmations <n>", "blocks until it counts as paid", "2")
    .option("--fee-max <gwei>", "most that is offered per unit of gas", "200")
    .addHelpText("after", "\nExample:\n  voltfog anchor vault pay 4711 --sender-key payer.key")
    .action(async (result: string, flags: PayFlags) => {
      context.exitCode = await payWithdrawal(result, flags, context);
    });
}

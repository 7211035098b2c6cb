import { readPassphrase, systemClock, systemRandom } from "@voltfog/runtime/node";
import { Command } from "commander";
import { addTokenFlag, cloudToken } from "../cloud-token.ts";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { siteUrl } from "../market/site-url.ts";
import { Keyboard } from "../trade/keyboard.ts";
import { runMenu } from "../trade/menu.ts";
import { type OtherFlags, operationCommand } from "../trade/operation-command.ts";
import { tradeParts } from "../trade/trade-parts.ts";
import { type PassphraseSource, TradeSession } from "../trade/trade-session.ts";
import { parseHandle, WalletFolder, walletFolder } from "../trade/wallet-folder.ts";

/** The least that a new passphrase has: the key is as safe as this. */
const passphraseMin = 8;

/** `voltfog trade`: the market for drivers and owners of piles and vehicles. */
export function tradeCommand(context: CommandContext): Command {
  const command = new Command("trade")
    // The flags of a subcommand are its own, though they are called as those of the menu.
    .enablePositionalOptions()
    .description(
      "The market for drivers and owners of piles and vehicles. Without a subcommand, on a terminal, it leads through everything. What changes something is signed with your own key, ordered by the consensus and waited for; reading is not. How it works: docs/operations/market.md.",
    )
    .addHelpText(
      "after",
      "\nExit code 0 done, 1 refused by the chain, 2 refused before.\n\nExamples:\n  voltfog trade\n  voltfog trade register ada-1 --passphrase-file pass\n  voltfog trade market --json",
    )
    .action(async (flags: OtherFlags) => {
      if (process.stdin.isTTY !== true) command.help();
      await interactive(flags, context);
    });
  addWho(command);
  for (const operation of tradeParts.flatMap((part) => part.operations)) {
    const open = (flags: OtherFlags): TradeSession =>
      sessionOf({ flags, context, passphrase: () => scripted(flags, context) });
    command.addCommand(operationCommand({ operation, context, addFlags: addWho, open }));
  }
  return command;
}

/** Who asks which cloud. */
function addWho(command: Command): void {
  command
    .option("--url <url>", "address of the cloud [the running site's]")
    .option("--data <dir>", "folder of the site whose cloud is asked", ".voltfog")
    .option("--wallet <dir>", "folder of your keys (or VOLTFOG_WALLET) [~/.voltfog-wallet]")
    .option("--as <handle>", "whose account [who is logged in]")
    .option("--passphrase-file <file>", "its first line opens your key (or VOLTFOG_PASSPHRASE)");
  addTokenFlag(command);
}

function sessionOf(o: {
  flags: OtherFlags;
  context: CommandContext;
  passphrase: PassphraseSource;
}): TradeSession {
  const { flags, context } = o;
  const text = (name: string): string | undefined => flags[name] as string | undefined;
  const { environment } = context;
  const as = text("as");
  return new TradeSession({
    url: text("url") ?? siteUrl(text("data") ?? ""),
    wallet: new WalletFolder(walletFolder(text("wallet"), environment)),
    passphrase: o.passphrase,
    clock: systemClock,
    random: systemRandom,
    token: cloudToken(text("tokenFile"), environment),
    handle: as === undefined ? undefined : parseHandle(as),
  });
}

function scripted(flags: OtherFlags, { environment }: CommandContext): Promise<string> {
  const file = flags["passphraseFile"] as string | undefined;
  return Promise.resolve(readPassphrase({ file: file ?? "", environment }));
}

async function interactive(flags: OtherFlags, context: CommandContext): Promise<void> {
  const keyboard = new Keyboard();
  const isScripted =
    flags["passphraseFile"] !== undefined ||
    context.environment["VOLTFOG_PASSPHRASE"] !== undefined;
  const passphrase: PassphraseSource = (why) =>
    isScripted ? scripted(flags, context) : typed(keyboard, why);
  try {
    const session = sessionOf({ flags, context, passphrase });
    await runMenu({ parts: tradeParts, session, dialogue: keyboard, greeting });
  } finally {
    keyboard.close();
  }
}

async function typed(keyboard: Keyboard, why: "new" | "open"): Promise<string> {
  if (why === "open") return keyboard.askSecret("Passphrase");
  const passphrase = await keyboard.askSecret(
    `New passphrase, at least ${passphraseMin} characters`,
  );
  if (passphrase.length < passphraseMin) {
    throw complaint({
      code: "PASSPHRASE_SHORT",
      what: `a passphrase has at least ${passphraseMin} characters`,
      remedy: "take several words",
    });
  }
  if ((await keyboard.askSecret("The same again")) === passphrase) return passphrase;
  throw complaint({
    code: "PASSPHRASE_DIFFERS",
    what: "the two were not the same",
    remedy: "begin again",
  });
}

/** Who is logged in; for a newcomer what to do first. */
function greeting(session: TradeSession): string {
  try {
    return `The market at ${session.url}. You are ${session.note.handle}.`;
  } catch {
    return `The market at ${session.url}. You are new here: begin with register, then deposit, then link your vehicle.`;
  }
}

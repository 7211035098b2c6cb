import type { DayClearingView, SettlementExportView } from "@voltfog/messages";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import { addTokenFlag, cloudToken } from "../cloud-token.ts";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { MarketClient } from "../market/market-client.ts";
import { siteUrl } from "../market/site-url.ts";
import { clearingText } from "../settlement/clearing-text.ts";
import { writeClearing } from "../settlement/write-clearing.ts";

interface SettleFlags {
  readonly day?: string;
  readonly url?: string;
  readonly data: string;
  readonly out?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/** `voltfog settle`: a day's clearing between operators, and the files that their offices take. */
export function settleCommand(context: CommandContext): Command {
  const command = new Command("settle")
    .description(
      "A day's clearing between the operators of charge points, as the chain settled it: who stands for what to whom, and how far their database is. Changes nothing. With --out it writes clearing.csv, sessions.csv and cdrs.json (OCPI 2.2.1). How it comes about: docs/operations/settlement.md.",
    )
    .option("--day <day>", "a day in UTC, as 2026-05-03 [today]")
    .option("--url <url>", "address of the cloud [the running site's]")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--out <dir>", "also write the day's files into this folder")
    .option("--json", "print the clearing as JSON");
  return addTokenFlag(command)
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog settle --day 2026-05-03\n  voltfog settle --day 2026-05-03 --out offices/2026-05-03 --json",
    )
    .action(async (flags: SettleFlags) => {
      await settle(flags, context);
    });
}

async function settle(flags: SettleFlags, context: CommandContext): Promise<void> {
  const { terminal, environment } = context;
  const today = new Date(systemClock.wall_ms()).toISOString().slice(0, 10);
  const day = flags.day ?? today;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) {
    throw complaint({
      code: "DAY_INVALID",
      what: `--day is ${JSON.stringify(day)}`,
      remedy: "write a day in UTC such as 2026-05-03",
    });
  }
  const token = cloudToken(flags.tokenFile, environment);
  const url = flags.url ?? siteUrl(flags.data);
  const client = new MarketClient({ url, clock: systemClock, token });
  const clearing = (await client.get(`/v1/settlement/days/${day}`)) as DayClearingView;
  refuseBeforeChain(clearing);
  const state = (await client.get("/v1/settlement/export")) as SettlementExportView;
  const written = flags.out === undefined ? [] : await write(client, clearing, flags.out);
  if (flags.json) terminal.print(JSON.stringify({ ...clearing, export: state, written }, null, 2));
  else terminal.print([clearingText(clearing, state), ...written].join("\n"));
}

/** DAY_BEFORE_CHAIN: what is asked for never was, and will not come. */
function refuseBeforeChain({ day, chainBegan_ms }: DayClearingView): void {
  const end_ms = Date.parse(`${day}T00:00:00Z`) + 86_400_000;
  if (chainBegan_ms === null || chainBegan_ms < end_ms) return;
  const began = new Date(chainBegan_ms).toISOString();
  throw complaint({
    code: "DAY_BEFORE_CHAIN",
    what: `the chain began at ${began}, so there is nothing to settle of ${day}`,
    remedy: `ask for ${began.slice(0, 10)} or a later day`,
  });
}

async function write(
  client: MarketClient,
  clearing: DayClearingView,
  folder: string,
): Promise<readonly string[]> {
  const path = `/v1/settlement/cdrs?day=${clearing.day}`;
  const cdrs = (await client.get(path)) as readonly Readonly<Record<string, unknown>>[];
  return writeClearing({ clearing, cdrs, folder });
}

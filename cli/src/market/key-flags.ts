import { systemClock } from "@voltfog/runtime/node";
import type { Command } from "commander";
import { passphraseFor } from "../authority/authority-session.ts";
import { addTokenFlag, cloudToken } from "../cloud-token.ts";
import type { OtherFlags } from "../trade/operation-command.ts";
import { MarketClient } from "./market-client.ts";
import { siteUrl } from "./site-url.ts";

/** What both commands of a key's holder take: where the cloud is, whose key, and what opens it. */
export function addKeyFlags(command: Command, keySummary: string): void {
  command
    .option("--url <url>", "address of the cloud [the running site's]")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--key <file>", keySummary)
    .option(
      "--passphrase-file <file>",
      "its first line opens a sealed key (or VOLTFOG_PASSPHRASE)",
    );
  addTokenFlag(command);
}

/** The market and the key that these flags name; `usualKey` is the site's own, by its folder. */
export function keyHolderOf(
  flags: OtherFlags,
  environment: Readonly<Record<string, string | undefined>>,
  usualKey: (data: string) => string,
): { client: MarketClient; keyFile: string; passphrase: () => string } {
  const text = (name: string): string | undefined => flags[name] as string | undefined;
  const data = text("data") ?? "";
  const token = cloudToken(text("tokenFile"), environment);
  return {
    client: new MarketClient({ url: text("url") ?? siteUrl(data), clock: systemClock, token }),
    keyFile: text("key") ?? usualKey(data),
    passphrase: passphraseFor(text("passphraseFile"), environment),
  };
}

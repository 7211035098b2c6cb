import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseDuration_ms, parseIdentifier } from "../flag-values.ts";
import { sitePaths } from "../site/site-folder.ts";
import { createToken, listTokens, requireSite, revokeToken } from "../site/site-tokens.ts";
import { inSiteTurn } from "../site/site-turn.ts";

/** A token that never ends is one that nobody looks after. */
const validMax_ms = 3650 * 86_400_000;

/** `voltfog token`: who may ask the cloud's API what. */
export function tokenCommand(context: CommandContext): Command {
  return new Command("token")
    .description("Create, list and revoke tokens of the cloud's API, on a running or stopped site.")
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(revokeCommand(context));
}

function dataOption(command: Command): Command {
  return command.option("--data <dir>", "folder of the site", ".voltfog");
}

interface CreateFlags {
  readonly data: string;
  readonly role: string;
  readonly fleet?: string;
  readonly valid: string;
  readonly json?: boolean;
}

function createCommand(context: CommandContext): Command {
  return dataOption(new Command("create"))
    .summary("Create a token and show it once")
    .description(
      "Prints a new token, which is kept nowhere: the site keeps its SHA-256 alone. A running cloud takes it within a second.",
    )
    .requiredOption("--role <role>", "what its holder is, such as auditor")
    .option("--fleet <id>", "it shows vehicles of this fleet alone")
    .option("--valid <duration>", "how long it holds, such as 12h or 30d", "30d")
    .option("--json", "print {id, token, role, fleet?, expires_ms} as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  voltfog token create --role fleet-engineer --fleet north --valid 7d",
    )
    .action(async (flags: CreateFlags) => {
      const valid_ms = parseDuration_ms({ flag: "--valid", text: flags.valid });
      if (valid_ms > validMax_ms) {
        throw complaint({
          code: "DURATION_INVALID",
          what: `--valid ${flags.valid} is longer than ten years`,
          remedy: "give at most 3650d",
        });
      }
      const paths = sitePaths(flags.data);
      const fleet =
        flags.fleet === undefined
          ? {}
          : { fleet: parseIdentifier({ code: "FLEET_INVALID", text: flags.fleet }) };
      const asked = { role: flags.role, ...fleet, expires_ms: systemClock.wall_ms() + valid_ms };
      requireSite(paths);
      const created = await inSiteTurn({ paths, clock: systemClock }, () =>
        createToken(paths, asked),
      );
      const { id, token, role, expires_ms } = created;
      context.terminal.print(
        flags.json
          ? JSON.stringify(created, null, 2)
          : `${token}\n${id}, role ${role}${ofFleet(created.fleet)}, holds until ${instant(expires_ms)}; it is not shown again`,
      );
    });
}

function listCommand(context: CommandContext): Command {
  return dataOption(new Command("list"))
    .summary("List the tokens, without the tokens themselves")
    .option("--json", "print [{id, role, fleet?, expires_ms, revoked_ms?}] as JSON")
    .action((flags: { data: string; json?: boolean }) => {
      const rows = listTokens(sitePaths(flags.data)).map(({ hash: _, ...row }) => row);
      const lines = rows.map(
        (row) =>
          `${row.id}  ${row.role}${ofFleet(row.fleet)}  ${stateOf(row, systemClock.wall_ms())}`,
      );
      context.terminal.print(
        flags.json ? JSON.stringify(rows, null, 2) : lines.join("\n") || "no tokens",
      );
    });
}

function revokeCommand(context: CommandContext): Command {
  return dataOption(new Command("revoke"))
    .summary("Revoke a token: the cloud refuses it within a second")
    .argument("<id>", "id of the token, as in voltfog token list")
    .action(async (id: string, flags: { data: string }) => {
      const paths = sitePaths(flags.data);
      requireSite(paths);
      await inSiteTurn({ paths, clock: systemClock }, () =>
        revokeToken(paths, { id, now_ms: systemClock.wall_ms() }),
      );
      context.terminal.print(`${id} is revoked; a running cloud refuses it within a second`);
    });
}

function stateOf(
  { expires_ms, revoked_ms }: { expires_ms: number; revoked_ms?: number },
  now_ms: number,
): string {
  if (revoked_ms !== undefined) return `revoked ${instant(revoked_ms)}`;
  return `${expires_ms > now_ms ? "holds until" : "expired"} ${instant(expires_ms)}`;
}

function ofFleet(fleet: string | undefined): string {
  return fleet === undefined ? "" : ` of fleet ${fleet}`;
}

function instant(at_ms: number): string {
  return new Date(at_ms).toISOString();
}

import { resolve } from "node:path";
import { toHex } from "@voltfog/runtime";
import { readPassphrase, systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { consortiumPaths } from "../consortium/consortium-folder.ts";
import { createConsortium, type Founder } from "../consortium/create-consortium.ts";
import { parseDuration_ms, parseIdentifier, parseWhole } from "../flag-values.ts";
import { engineFlagText, parseEngine } from "../site/engine-flag.ts";
import { agencyCommands } from "./consortium-agency.ts";
import { ruleCommands } from "./consortium-rules.ts";
import { voteCommands } from "./consortium-votes.ts";

interface InitFlags {
  readonly name: string;
  readonly organisations: string;
  readonly host: string;
  readonly basePort: string;
  readonly blockInterval: string;
  readonly engine: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

/** `voltfog consortium`: founding one, and its members' votes. */
export function consortiumCommand(context: CommandContext): Command {
  const command = new Command("consortium")
    .description(
      "Found a consortium of organisations, and vote on who belongs to it. Joining is voltfog validator init, preflight and join.",
    )
    .addCommand(initCommand(context));
  const others = [...agencyCommands(context), ...voteCommands(context), ...ruleCommands(context)];
  for (const one of others) command.addCommand(one);
  return command;
}

function initCommand(context: CommandContext): Command {
  return new Command("init")
    .summary("Found a consortium: genesis file, authority, agencies, and a node for each validator")
    .description(
      "Makes everything in one new folder, on one machine and without a network. Hand each organisation its agency's folder and its nodes, then remove them here; keep ca.key offline: it certifies agencies. consortium.json is what joiners need, and no secret.",
    )
    .argument("<folder>", "a new folder")
    .requiredOption("--name <id>", "the chain's name")
    .requiredOption(
      "--organisations <list>",
      "founders as id:validators or id:validators:name, separated by commas",
    )
    .option("--host <address>", "address that the nodes listen on and are told by", "127.0.0.1")
    .option("--base-port <n>", "node k takes the three ports from this + 10 k", "8060")
    .option("--block-interval <duration>", "shortest time between blocks", "1s")
    .option("--engine <name>", `what decides blocks: ${engineFlagText}`, "poa")
    .option(
      "--passphrase-file <file>",
      "its first line seals the keystores (or VOLTFOG_PASSPHRASE)",
    )
    .option("--json", "print {chainId, nodes} as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog consortium init alliance --name alliance --organisations north:4,south:1,west:2:West-Motors --passphrase-file pass\n  voltfog validator run alliance/nodes/validator-1",
    )
    .action(async (folder: string, flags: InitFlags) => {
      const paths = consortiumPaths(folder);
      const passphraseFile =
        flags.passphraseFile === undefined ? "" : resolve(flags.passphraseFile);
      const { environment, terminal } = context;
      const founded = await createConsortium(paths, {
        chain: parseIdentifier({ code: "NAME_INVALID", text: flags.name }),
        founders: parseFounders(flags.organisations),
        host: flags.host,
        basePort: parseWhole({ flag: "--base-port", text: flags.basePort, min: 1024, max: 60_000 }),
        blockInterval_ms: parseDuration_ms({ flag: "--block-interval", text: flags.blockInterval }),
        engine: parseEngine(flags.engine),
        passphrase: readPassphrase({ file: passphraseFile, environment }),
        passphraseFile,
        now_ms: systemClock.wall_ms(),
      });
      const chainId = toHex(founded.chainId);
      if (flags.json) {
        terminal.print(JSON.stringify({ chainId, nodes: founded.nodes }, null, 2));
        return;
      }
      terminal.print(
        [
          `chain ${flags.name}, ${chainId}`,
          ...founded.nodes.map((node) => `  voltfog validator run ${node.folder}`),
          `for joiners: ${paths.public}; agencies to hand out: ${paths.agencies}; keep offline: ${paths.authorityKey}`,
        ].join("\n"),
      );
    });
}

/** Founders of "north:4,south:1:South Motors". ORGANISATIONS_INVALID, NUMBER_INVALID. */
export function parseFounders(text: string): readonly Founder[] {
  const founders = text.split(",").map((part) => {
    const [id = "", count = "", ...name] = part.trim().split(":");
    if (id === "" || count === "") {
      throw complaint({
        code: "ORGANISATIONS_INVALID",
        what: `--organisations ${JSON.stringify(text)}: ${part.trim() || "a part of it"} is not id:validators`,
        remedy: "write each organisation with its number of validators, such as north:4,south:1",
      });
    }
    return {
      id: parseIdentifier({ code: "ORGANISATIONS_INVALID", text: id }),
      name: name.length === 0 ? id : name.join(":"),
      validators: parseWhole({ flag: "--organisations", text: count, min: 0, max: 64 }),
    };
  });
  const seats = founders.reduce((sum, { validators }) => sum + validators, 0);
  const ids = new Set(founders.map(({ id }) => id));
  if (seats >= 1 && seats <= 64 && ids.size === founders.length) return founders;
  throw complaint({
    code: "ORGANISATIONS_INVALID",
    what: `--organisations ${JSON.stringify(text)} has ${seats} validators of ${ids.size} organisations`,
    remedy: "name each organisation once, with 1 to 64 validators in all, such as north:4,south:1",
  });
}

import type { RegisteredModel } from "@voltfog/forecasting/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { sitePaths } from "../site/site-folder.ts";

const networks = ["belib", "esb"];

interface ModelFlags {
  readonly data: string;
  readonly json?: boolean;
}

/** `voltfog models`: which trained models serve a site. */
export function modelsCommand(context: CommandContext): Command {
  return new Command("models")
    .description(
      "The models that forecast chargers on a site's units. A running unit takes a new one over with its next snapshot.",
    )
    .addCommand(registerCommand(context))
    .addCommand(listCommand(context));
}

function registerCommand({ terminal }: CommandContext): Command {
  return new Command("register")
    .summary("Check a model and put it in service")
    .description(
      "Refuses a model with a changed or missing file, with other features than this version computes, or that was no better than the best baseline on rows that were held out in training. Nothing changes then.",
    )
    .argument("<folder>", "what voltfog train availability wrote")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print {network, kind, hash, folder} as JSON")
    .addHelpText("after", "\nExample:\n  voltfog models register models/belib")
    .action(async (folder: string, flags: ModelFlags) => {
      const { registerModel } = await import("@voltfog/forecasting/node");
      const registry = sitePaths(flags.data).models;
      const registered = await registerModel({ folder, registry });
      terminal.print(
        flags.json
          ? JSON.stringify(registered)
          : `${lineOf(registered)} serves now; running units take it over with their next snapshot`,
      );
    });
}

function listCommand({ terminal }: CommandContext): Command {
  return new Command("list")
    .summary("Show the models in service")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print [{network, kind, hash, folder}] as JSON")
    .action(async (flags: ModelFlags) => {
      const { currentModel } = await import("@voltfog/forecasting/node");
      const registry = sitePaths(flags.data).models;
      const found = networks.flatMap((network) => currentModel(registry, network) ?? []);
      if (flags.json) terminal.print(JSON.stringify(found));
      else if (found.length === 0)
        terminal.print("no model is registered; units forecast by a baseline");
      else for (const model of found) terminal.print(lineOf(model));
    });
}

function lineOf({ network, kind, hash }: RegisteredModel): string {
  return `${kind} of ${network}, ${hash.slice(0, 12)}`;
}

import { CodedError, defineConfig, type SettingTable } from "@voltfog/runtime";
import {
  createJsonLogger,
  type LogLevel,
  nodeCrypto,
  systemClock,
  systemRandom,
} from "@voltfog/runtime/node";
import { Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { readJsonObject } from "../input-file.ts";
import { runUntilStopped } from "../process-lifetime.ts";
import type { ProcessRole } from "../process-role.ts";
import { flagHelp, flagName, flagPlaceholder } from "../setting-flags.ts";

interface Sources {
  readonly file?: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** The command of one process: a flag for every setting, --config and --print-config. */
export function processCommand(role: ProcessRole, context: CommandContext): Command {
  const command = new Command(role.name)
    .description(`${role.summary}. Runs until SIGTERM or Ctrl-C.`)
    .option("--config <file>", "JSON file of settings; flags and the environment go before it")
    .option("--print-config", "print the settings in force as JSON and exit")
    .addHelpText(
      "after",
      `\nEvery setting can also come from the environment as VOLTFOG_${role.name.toUpperCase()}_<SETTING>.\n\nExamples:\n  ${role.example}\n  voltfog ${role.name} --config ${role.name}.json --print-config`,
    );
  const attributes = new Map<string, string>();
  for (const [key, setting] of Object.entries(role.schema.settings)) {
    const option = new Option(`--${flagName(key)} ${flagPlaceholder(setting)}`, flagHelp(setting));
    attributes.set(key, option.attributeName());
    command.addOption(option);
  }
  command.action(async (options: Readonly<Record<string, unknown>>) => {
    const flags = Object.fromEntries(
      [...attributes].map(([key, attribute]) => [key, options[attribute]]),
    );
    const { config: file, printConfig } = options as { config?: string; printConfig?: boolean };
    const sources: Sources = {
      ...(file !== undefined ? { file: readJsonObject(file) } : {}),
      environment: context.environment,
      flags,
    };
    if (printConfig === true) context.terminal.print(printable(role, sources));
    else context.exitCode = await run(role, sources);
  });
  return command;
}

async function run(role: ProcessRole, sources: Sources): Promise<number> {
  const config = role.schema.parse(sources);
  if (!config.ok) throw refusal(role, config.problem);
  const { id, logLevel } = config.value as { id?: string; logLevel: LogLevel };
  const logger = createJsonLogger({ process: id ?? role.name, level: logLevel });
  const ports = { logger, clock: systemClock, random: systemRandom, crypto: nodeCrypto };
  return runUntilStopped({ start: () => role.start(config.value, ports), logger });
}

/** The settings in force; null where a required one is not given yet. Anything invalid is refused as usual. */
function printable(role: ProcessRole, sources: Sources): string {
  const { settings } = role.schema;
  const full = role.schema.parse(sources);
  if (full.ok) return JSON.stringify(full.value, null, 2);
  const given = (key: string): boolean =>
    settings[key]?.default !== undefined ||
    sources.file?.[key] !== undefined ||
    sources.flags[key] !== undefined ||
    Object.hasOwn(sources.environment, environmentName(role, key));
  const present: SettingTable = Object.fromEntries(
    Object.entries(settings).filter(([key]) => given(key)),
  );
  const partial = defineConfig({ process: role.name, settings: present }).parse(sources);
  if (!partial.ok) throw refusal(role, partial.problem);
  const empty = Object.fromEntries(Object.keys(settings).map((key) => [key, null]));
  return JSON.stringify({ ...empty, ...partial.value }, null, 2);
}

function environmentName(role: ProcessRole, key: string): string {
  return defineConfig({ process: role.name, settings: {} }).environmentName(key);
}

function refusal(role: ProcessRole, problem: { code: string; detail: string }): CodedError {
  return new CodedError({
    code: problem.code,
    message: `${role.name}: ${problem.detail}`,
    remedy: `see voltfog ${role.name} --help`,
  });
}

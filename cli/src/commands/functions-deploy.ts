import {
  deployFunction,
  library,
  measureFunction,
  readPackageFolder,
  withdrawFunction,
} from "@voltfog/fog-rsu";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { sitePaths } from "../site/site-folder.ts";
import { requireSite } from "../site/site-tokens.ts";
import { table } from "./functions-table.ts";

interface SiteFlags {
  readonly data: string;
  readonly json?: boolean;
}

/** `voltfog functions deploy`: a module becomes the version that a site's units run. */
export function deployCommand({ terminal }: CommandContext): Command {
  return new Command("deploy")
    .summary("Try a module and put it in service on the site's running units")
    .description(
      "The module is one file of JavaScript that exports networkFunction and imports nothing but what comes with Node. It is tried on a simulated drive first, and pinned by its hash. Each unit starts it beside the version before, hands the state of every vehicle over, and takes it back if it fails within its first minute; voltfog status and the units' status say so.",
    )
    .argument("<module>", "the file, such as thermal-alert.mjs")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print {id, version, sha256, file} as JSON")
    .addHelpText("after", "\nExample:\n  voltfog functions deploy ./thermal-alert-2.2.0.mjs")
    .action(async (module: string, flags: SiteFlags) => {
      const paths = sitePaths(flags.data);
      requireSite(paths);
      const { manifest, sha256, file } = await deployFunction({ module, folder: paths.functions });
      const { id, version } = manifest;
      if (flags.json) return terminal.print(JSON.stringify({ id, version, sha256, file }));
      terminal.print(`${id} ${version} is deployed; running units take it over within seconds`);
    });
}

/** `voltfog functions rollback`: the newest version goes, the one before serves again. */
export function rollbackCommand({ terminal }: CommandContext): Command {
  return new Command("rollback")
    .summary("Take the newest deployed version of a function out of service")
    .description(
      "Units go back to the version before, at last to the one that comes with them, and hand the state of every vehicle over where that version reads it.",
    )
    .argument("<function>", "its id, from voltfog functions list")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print {id, version} as JSON")
    .addHelpText("after", "\nExample:\n  voltfog functions rollback thermal-alert")
    .action(async (id: string, flags: SiteFlags) => {
      const { manifest } = await withdrawFunction({ id, folder: sitePaths(flags.data).functions });
      const { version } = manifest;
      if (flags.json) return terminal.print(JSON.stringify({ id, version }));
      terminal.print(`${id} ${version} is out of service; units go back to the version before`);
    });
}

/** `voltfog functions measure`: the figures that a manifest states. */
export function measureCommand({ terminal }: CommandContext): Command {
  return new Command("measure")
    .summary("Measure what one vehicle costs each function")
    .description(
      "Runs each function for 60 simulated vehicles of 96 cells at one sample a second, with a standby that asks for all states once a second. Prints the share of a core and the memory that one vehicle takes, beside what the manifest states. Takes about a minute.",
    )
    .option("--function <id>", "only this function, from voltfog functions list")
    .option("--json", "print [{id, cpuPerVehicle, memoryPerVehicle_MB}] as JSON")
    .addHelpText("after", "\nExample:\n  voltfog functions measure --function thermal-alert")
    .action((flags: { function?: string; json?: boolean }) => {
      const asked = flags.function;
      const functions = library.filter(({ manifest }) => (asked ?? manifest.id) === manifest.id);
      if (functions.length === 0) {
        throw complaint({
          code: "FUNCTION_UNKNOWN",
          what: `there is no function ${asked}`,
          remedy: `name one of ${library.map(({ manifest }) => manifest.id).join(", ")}`,
        });
      }
      const measured = functions.map((definition) => {
        const { id, cpuPerVehicle, memoryPerVehicle_MB } = definition.manifest;
        const stated = { cpuPerVehicle, memoryPerVehicle_MB };
        return { id, ...measureFunction(definition), stated };
      });
      if (flags.json) return terminal.print(JSON.stringify(measured, null, 2));
      const rows = measured.map((one) => [
        one.id,
        one.cpuPerVehicle.toFixed(6),
        String(one.stated.cpuPerVehicle),
        `${one.memoryPerVehicle_MB.toFixed(3)} MB`,
        `${one.stated.memoryPerVehicle_MB} MB`,
      ]);
      terminal.print(table([["function", "cores", "stated", "memory", "stated"], ...rows]));
    });
}

/** What is deployed on the site, and what is refused there. */
export async function deployedLines(data: string): Promise<readonly string[]> {
  const { functions, refused } = await readPackageFolder(sitePaths(data).functions);
  const deployed = functions.map(({ manifest: { id, version }, sha256 = "" }) => {
    return `deployed: ${id} ${version}, ${sha256.slice(0, 12)}`;
  });
  return [
    ...deployed,
    ...refused.map(({ file, code, detail }) => `refused: ${file}, ${code}: ${detail}`),
  ];
}

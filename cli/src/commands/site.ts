import { systemClock, systemRandom } from "@voltfog/runtime/node";
import { Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { parseWhole } from "../flag-values.ts";
import { engineFlagText, parseEngine } from "../site/engine-flag.ts";
import { openSite } from "../site/open-site.ts";
import { certifySite } from "../site/site-certificates.ts";
import { makeFolder, sitePaths } from "../site/site-folder.ts";
import { unitsMax } from "../site/site-ports.ts";
import { lockSite } from "../supervisor/site-lock.ts";
import { vehiclesMax } from "../up/up-options.ts";

interface InitFlags {
  readonly data: string;
  readonly units?: string;
  readonly vehicles?: string;
  readonly logHash: "sha256" | "sm3";
  readonly engine?: string;
  readonly json?: boolean;
}

/** `voltfog site`: what concerns a site as a whole. */
export function siteCommand(context: CommandContext): Command {
  return new Command("site")
    .description("Make a site: keys, genesis file, certificate authority and certificates.")
    .addCommand(initCommand(context));
}

function initCommand(context: CommandContext): Command {
  return new Command("init")
    .summary("Make a site's keys, genesis file and certificates, or renew what runs out")
    .description(
      "Makes what the folder lacks and leaves what is good: keys and genesis file of a new site, the certificate authority, and a certificate for every process and vehicle. Certificates with less than 30 days left are renewed. voltfog up does the same by itself.",
    )
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--vehicles <n>", "vehicles of a new site [12]")
    .option("--units <n>", "roadside units of a new site, each with a validator [4]")
    .addOption(
      new Option("--log-hash <hash>", "what the logs of a new site are hashed with")
        .choices(["sha256", "sm3"])
        .default("sha256"),
    )
    .option("--engine <name>", `what decides the blocks of a new site: ${engineFlagText} [poa]`)
    .option("--json", "print {folder, isNew, isNewAuthority, issued} as JSON")
    .addHelpText("after", "\nExamples:\n  voltfog site init\n  voltfog site init --data /srv/site")
    .action(async (flags: InitFlags) => {
      context.terminal.print(await init(flags));
    });
}

async function init(flags: InitFlags): Promise<string> {
  const paths = sitePaths(flags.data);
  const count = (flag: string, text: string | undefined, max: number): number | undefined =>
    text === undefined ? undefined : parseWhole({ flag, text, min: 1, max });
  const asked = {
    units: count("--units", flags.units, unitsMax),
    vehicles: count("--vehicles", flags.vehicles, vehiclesMax),
    ...(flags.engine === undefined ? {} : { engine: parseEngine(flags.engine) }),
  };
  const logHash = flags.logHash === "sm3" ? flags.logHash : undefined;
  makeFolder(paths.root);
  const release = lockSite(paths.lock);
  try {
    const machine = { clock: systemClock, random: systemRandom };
    const { site, isNew } = openSite({ paths, asked, logHash, ...machine });
    const { issued, isNewAuthority } = await certifySite({ paths, site, ...machine });
    if (flags.json) {
      return JSON.stringify({ folder: paths.root, isNew, isNewAuthority, issued }, null, 2);
    }
    const made = isNew ? `made the site in ${paths.root}` : `${paths.root} holds a site`;
    return `${made}; ${issued} certificates issued, authority ${paths.certificates}/ca.crt`;
  } finally {
    release();
  }
}

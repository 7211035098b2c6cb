import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { issueServerCertificate } from "../site/issue-certificate.ts";
import { readRevoked, revokeCertificate } from "../site/revoke-certificate.ts";
import { sitePaths } from "../site/site-folder.ts";

/** `voltfog certificate`: what concerns the certificates of a site's processes. */
export function certificateCommand(context: CommandContext): Command {
  return new Command("certificate")
    .description(
      "Issue certificates to servers beside a site's processes, revoke certificates, and list what is revoked.",
    )
    .addCommand(issueCommand(context))
    .addCommand(revokeCommand(context))
    .addCommand(listCommand(context));
}

function issueCommand({ terminal }: CommandContext): Command {
  return new Command("issue")
    .summary("Give a NATS or InfluxDB server a certificate of the site's authority")
    .description(
      "Makes a key and a certificate for a server that the site's processes connect to. Units and cloud know it by this id (natsServerId, influxServerId), whatever its host name is.",
    )
    .argument("<id>", "nats or influxdb, unless the processes were told another id")
    .option("--host <name...>", "host names and addresses at which it is found", ["127.0.0.1"])
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print {certificate, key, authority} as JSON: paths of PEM files")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog certificate issue nats\n  voltfog certificate issue nats --host nats.example.org 192.0.2.7",
    )
    .action(async (id: string, flags: { host: string[]; data: string; json?: boolean }) => {
      const issued = await issueServerCertificate(sitePaths(flags.data), {
        ...{ id, hosts: flags.host, clock: systemClock },
      });
      terminal.print(
        flags.json
          ? JSON.stringify(issued, null, 2)
          : `certificate ${issued.certificate}\nkey         ${issued.key}\nauthority   ${issued.authority}`,
      );
    });
}

function revokeCommand({ terminal }: CommandContext): Command {
  return new Command("revoke")
    .summary("Revoke the certificate of a unit, a validator, the cloud or another process")
    .description(
      "Signs the site's list of revoked certificates anew, with the key of its authority. Every process that follows the list cuts its links to the revoked one within a second and makes none any more.",
    )
    .argument("<name>", "unit-2, validator-3, cloud, controller, fleet, operator")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print [{id, serial, at_ms}] as JSON")
    .addHelpText("after", "\nExample:\n  voltfog certificate revoke unit-2")
    .action(async (id: string, flags: { data: string; json?: boolean }) => {
      const revoked = await revokeCertificate(sitePaths(flags.data), { id, clock: systemClock });
      const serials = revoked.map(({ serial }) => serial).join(", ");
      terminal.print(
        flags.json
          ? JSON.stringify(revoked, null, 2)
          : `revoked: ${serials} of ${id}; its links are cut within a second`,
      );
    });
}

function listCommand({ terminal }: CommandContext): Command {
  return new Command("list")
    .summary("List the certificates that are revoked")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print [{id, serial, at_ms}] as JSON")
    .action((flags: { data: string; json?: boolean }) => {
      const revoked = readRevoked(sitePaths(flags.data));
      const lines = revoked.map(
        ({ id, serial, at_ms }) => `${id}  ${serial}  ${new Date(at_ms).toISOString()}`,
      );
      terminal.print(
        flags.json ? JSON.stringify(revoked, null, 2) : lines.join("\n") || "none is revoked",
      );
    });
}

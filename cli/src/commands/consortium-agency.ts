import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { replaceFileSync, systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { consortiumPaths, openConsortiumAuthority } from "../consortium/consortium-folder.ts";
import { pemOf, requireEmpty } from "../consortium/create-node.ts";
import { parseIdentifier } from "../flag-values.ts";
import { readInputFile } from "../input-file.ts";

/** The two commands by which a new organisation comes to its agency; the agency's key stays with it. */
export function agencyCommands(context: CommandContext): readonly Command[] {
  return [agencyCommand(context), certifyCommand(context)];
}

function agencyCommand({ terminal }: CommandContext): Command {
  return new Command("agency")
    .summary("Make a new organisation's agency: its key, and the request for its certificate")
    .description(
      "For an organisation that wants to join. agency.key never leaves the folder; send agency.pub to whoever holds the consortium's authority, and put the agency.crt that comes back beside the key.",
    )
    .argument("<folder>", "a new folder")
    .addHelpText("after", "\nExamples:\n  voltfog consortium agency east-agency")
    .action((folder: string) => {
      requireEmpty(folder);
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      replaceFileSync(join(folder, "agency.key"), pemOf(privateKey), { mode: 0o600 });
      const request = join(folder, "agency.pub");
      replaceFileSync(request, publicKey.export({ format: "pem", type: "spki" }));
      terminal.print(`send ${request} to the holder of the consortium's authority`);
    });
}

function certifyCommand({ terminal }: CommandContext): Command {
  return new Command("certify")
    .summary("Certify an organisation's agency with the consortium's authority")
    .description(
      "For the holder of ca.key. The certificate alone admits nobody: the members vote on the organisation with voltfog consortium admit.",
    )
    .argument("<consortium>", "the consortium's folder, with ca.crt and ca.key")
    .argument("<agency.pub>", "the organisation's request")
    .requiredOption("--organisation <id>", "the organisation's id")
    .requiredOption("--out <file>", "where the certificate goes")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog consortium certify alliance agency.pub --organisation east --out agency.crt",
    )
    .action(
      async (folder: string, request: string, flags: { organisation: string; out: string }) => {
        const authority = await openConsortiumAuthority(consortiumPaths(folder));
        const organisation = parseIdentifier({
          code: "ORGANISATION_ID_INVALID",
          text: flags.organisation,
        });
        const agency = { organisation, publicKey: readAgencyKey(request) };
        const now_ms = systemClock.wall_ms();
        replaceFileSync(flags.out, await authority.issueAgency(agency, { now_ms }));
        terminal.print(`${flags.out} certifies the agency of ${organisation}`);
      },
    );
}

/** REQUEST_INVALID where the file holds no P-256 public key. */
function readAgencyKey(path: string): KeyObject {
  const bytes = readInputFile(path);
  try {
    const key = createPublicKey(Buffer.from(bytes));
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  } catch {
    // Said below.
  }
  throw complaint({
    code: "REQUEST_INVALID",
    what: `${path} holds no P-256 public key`,
    remedy: "have the organisation send agency.pub of voltfog consortium agency",
  });
}

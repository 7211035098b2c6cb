import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import type { NodeChanges } from "../consortium/ask-node.ts";
import { approve, openMember, organisationChange, propose } from "../consortium/member-votes.ts";
import { nodePaths } from "../consortium/node-folder.ts";
import { parseIdentifier } from "../flag-values.ts";

const nodeArgument = [
  "<node>",
  "folder of your own validator, which runs on this machine",
] as const;

/** The commands of `voltfog consortium` by which members vote. */
export function voteCommands(context: CommandContext): readonly Command[] {
  return [
    changesCommand(context),
    approveCommand(context),
    admitCommand(context),
    removeCommand(context),
    releaseCommand(context),
  ];
}

function changesCommand(context: CommandContext): Command {
  return new Command("changes")
    .summary("List open changes with their votes, and validators that ask for a seat")
    .argument(...nodeArgument)
    .option("--json", "print {changes, requests} as JSON")
    .addHelpText("after", "\nExamples:\n  voltfog consortium changes /srv/voltfog")
    .action(async (folder: string, flags: { json?: boolean }) => {
      const { environment, terminal } = context;
      const known = await openMember(nodePaths(folder), environment).node.changes();
      terminal.print(flags.json ? JSON.stringify(known, null, 2) : changesText(known));
    });
}

function approveCommand(context: CommandContext): Command {
  return new Command("approve")
    .summary("Vote for a change, or for a validator that asks for a seat")
    .description(
      "Signs with your validator's vote key. Look at voltfog consortium changes first: compare the vote key with the joiner over another way, such as the telephone.",
    )
    .argument(...nodeArgument)
    .argument("<what>", "a change's id or its first letters, or what it is about")
    .addHelpText("after", "\nExamples:\n  voltfog consortium approve /srv/voltfog south-2")
    .action(async (folder: string, what: string) => {
      await approve(openMember(nodePaths(folder), context.environment), what);
      context.terminal.print(`approved: ${what}`);
    });
}

function admitCommand(context: CommandContext): Command {
  return new Command("admit")
    .summary("Propose an organisation as a member, by its agency's certificate")
    .argument(...nodeArgument)
    .argument("<agency.crt>", "the certificate that the consortium's authority made")
    .option("--name <text>", "the organisation's name for people")
    .addHelpText(
      "after",
      '\nExamples:\n  voltfog consortium admit /srv/voltfog east.crt --name "East Grid"',
    )
    .action(async (folder: string, certificate: string, flags: { name?: string }) => {
      const change = organisationChange(certificate, flags.name);
      await propose(openMember(nodePaths(folder), context.environment), change);
      context.terminal.print("proposed, with your vote; the others see it in consortium changes");
    });
}

function removeCommand(context: CommandContext): Command {
  return new Command("remove")
    .summary("Propose the removal of a validator or an organisation, or vote for it")
    .description(
      "Once decided, the others cut the validator off by its certificate at the next block, for good: its id and keys never come back. An organisation goes after its validators.",
    )
    .argument(...nodeArgument)
    .argument("<id>", "a validator's id, or with --organisation an organisation's")
    .option("--organisation", "it is an organisation")
    .addHelpText("after", "\nExamples:\n  voltfog consortium remove /srv/voltfog south-2")
    .action(async (folder: string, id: string, flags: { organisation?: boolean }) => {
      const kind = flags.organisation ? "remove-organisation" : "remove-validator";
      const member = openMember(nodePaths(folder), context.environment);
      await propose(member, { kind, id: parseIdentifier({ code: "ID_INVALID", text: id }) });
      context.terminal.print(`voted for the removal of ${id}`);
    });
}

function releaseCommand(context: CommandContext): Command {
  return new Command("release")
    .summary("Propose that a validator's quarantine ends")
    .argument(...nodeArgument)
    .argument("<id>", "the validator's id")
    .addHelpText("after", "\nExamples:\n  voltfog consortium release /srv/voltfog south-2")
    .action(async (folder: string, id: string) => {
      const member = openMember(nodePaths(folder), context.environment);
      const change = { kind: "release", id: parseIdentifier({ code: "ID_INVALID", text: id }) };
      await propose(member, { ...change, kind: "release" });
      context.terminal.print(`voted for the release of ${id}`);
    });
}

function changesText({ changes, requests }: NodeChanges): string {
  const open = changes.map(
    ({ id, kind, subject, approvals, needed }) =>
      `${id.slice(0, 12)}  ${kind} ${subject}  ${approvals.length} of ${needed}: ${approvals.join(", ")}`,
  );
  const asking = requests.map(
    ({ id, organisation, endpoint, voteKey }) =>
      `${id} of ${organisation} asks for a seat  ${endpoint}  vote key ${voteKey}`,
  );
  const lines = [...open, ...asking];
  return lines.length === 0 ? "nothing waits for votes" : lines.join("\n");
}

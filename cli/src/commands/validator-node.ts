import { resolve } from "node:path";
import { readPassphrase, systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { openAgency, readConsortiumFile } from "../consortium/consortium-folder.ts";
import { createNode } from "../consortium/create-node.ts";
import { parseEndpoint } from "../consortium/endpoint.ts";
import { watchJoining, writeSeatRequest } from "../consortium/join-consortium.ts";
import { leaveConsortium } from "../consortium/leave-consortium.ts";
import {
  nodePaths,
  readBootstrap,
  readNodeConfig,
  readNodeSettings,
} from "../consortium/node-folder.ts";
import { nodePorts, portRules, portTableText } from "../consortium/port-table.ts";
import { preflight } from "../consortium/preflight.ts";
import { readGenesisOf } from "../consortium/read-genesis-of.ts";
import { runNode } from "../consortium/run-node.ts";
import { systemdUnit } from "../consortium/systemd-unit.ts";
import { verdictTable } from "../doctor/verdict-table.ts";
import { parseIdentifier } from "../flag-values.ts";

interface InitFlags {
  readonly id: string;
  readonly consortium: string;
  readonly agency: string;
  readonly endpoint: string;
  readonly listen?: string;
  readonly passphraseFile?: string;
}

/** The commands of `voltfog validator` that work on a node's folder. */
export function nodeCommands(context: CommandContext): readonly Command[] {
  return [
    initCommand(context),
    preflightCommand(context),
    joinCommand(context),
    runCommand(context),
    leaveCommand(context),
    portsCommand(context),
    serviceCommand(context),
  ];
}

function initCommand({ terminal, environment }: CommandContext): Command {
  return new Command("init")
    .summary("Make a node's folder: keys, certificate, configuration")
    .description(
      "First of the three commands that join a consortium. Makes new keys, sealed in the node's keystore with a passphrase, and a certificate of your organisation's agency. Nothing leaves the machine.",
    )
    .argument("<node>", "a new folder")
    .requiredOption("--id <id>", "the validator's id, never used before on this chain")
    .requiredOption("--consortium <file>", "the consortium file that a member gave you")
    .requiredOption("--agency <folder>", "your organisation's agency: agency.crt and agency.key")
    .requiredOption("--endpoint <host:port>", "where the other validators will reach it")
    .option("--listen <address>", "address that it listens on [the endpoint's host]")
    .option("--passphrase-file <file>", "its first line seals the keystore (or VOLTFOG_PASSPHRASE)")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog validator init /srv/voltfog --id south-2 --consortium consortium.json --agency agency --endpoint v2.south.example:8060 --listen 0.0.0.0 --passphrase-file /etc/voltfog/passphrase",
    )
    .action(async (folder: string, flags: InitFlags) => {
      const paths = nodePaths(folder);
      const { genesis, authority, bootstrap } = readConsortiumFile(flags.consortium);
      const { host, port } = parseEndpoint(flags.endpoint);
      const passphraseFile =
        flags.passphraseFile === undefined ? "" : resolve(flags.passphraseFile);
      const agency = await openAgency(flags.agency);
      const id = parseIdentifier({ code: "VALIDATOR_ID_INVALID", text: flags.id });
      await createNode(paths, {
        id,
        organisation: agency.holder,
        endpoint: flags.endpoint,
        host: flags.listen ?? host,
        ports: nodePorts(port),
        passphraseFile,
        passphrase: readPassphrase({ file: passphraseFile, environment }),
        genesis: genesis.bytes,
        authority,
        agency,
        bootstrap,
        now_ms: systemClock.wall_ms(),
      });
      terminal.print(
        `${paths.root} holds ${id} of ${agency.holder}\nnext: voltfog validator preflight ${folder}\nthen: voltfog validator join ${folder}`,
      );
    });
}

function preflightCommand(context: CommandContext): Command {
  return new Command("preflight")
    .summary("Check everything that a node needs before it joins")
    .description(
      "Second of the three commands: version, disk, folder, keystore, certificates, ports, clock and peers, each with what to do about it. Changes nothing. Exit code 1 where a check failed.",
    )
    .argument("<node>", "the node's folder")
    .option("--json", "print {ok, checks} as JSON")
    .addHelpText("after", "\nExamples:\n  voltfog validator preflight /srv/voltfog")
    .action(async (folder: string, flags: { json?: boolean }) => {
      const { environment, terminal } = context;
      const paths = nodePaths(folder);
      readNodeSettings(paths);
      const checks = await preflight({ paths, clock: systemClock, environment });
      const ok = checks.every(({ result }) => result !== "fail");
      terminal.print(flags.json ? JSON.stringify({ ok, checks }, null, 2) : verdictTable(checks));
      context.exitCode = ok ? 0 : 1;
    });
}

function joinCommand(context: CommandContext): Command {
  return new Command("join")
    .summary("Run the node, ask for a seat, catch up and vote")
    .description(
      "Third of the three commands. Runs the node until SIGTERM or Ctrl-C, says its request for a seat to the validators that it reaches, and tells what it waits for. Members vote with voltfog consortium approve. Once it votes, voltfog validator run or its systemd unit run it.",
    )
    .argument("<node>", "the node's folder")
    .option("--until-voting", "stop once it votes, for a service manager to run it then")
    .option("--json", "print {id, height, took_ms} as JSON once it votes")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog validator join /srv/voltfog\n  voltfog validator join /srv/voltfog --until-voting && systemctl enable --now voltfog",
    )
    .action(async (folder: string, flags: { untilVoting?: boolean; json?: boolean }) => {
      const paths = nodePaths(folder);
      const { environment, terminal } = context;
      const { id } = readNodeSettings(paths);
      const { httpPort } = readNodeConfig(paths, environment);
      writeSeatRequest(paths, environment);
      const onRunning = (): void => {
        void watchJoining({ id, httpPort, context, clock: systemClock }).then((joined) => {
          const seconds = (joined.took_ms / 1000).toFixed(1);
          const text = `${id} votes since block ${joined.height}, after ${seconds} s`;
          terminal.print(flags.json ? JSON.stringify({ id, ...joined }) : text);
          if (flags.untilVoting) process.kill(process.pid, "SIGTERM");
        });
      };
      context.exitCode = await runNode({ paths, context, onRunning });
    });
}

function runCommand(context: CommandContext): Command {
  return new Command("run")
    .summary("Run a node's validator from its folder")
    .description(
      "Runs until SIGTERM or Ctrl-C. The log goes to the folder that log.conf names. Without a seat it follows the blocks.",
    )
    .argument("<node>", "the node's folder")
    .addHelpText("after", "\nExamples:\n  voltfog validator run /srv/voltfog")
    .action(async (folder: string) => {
      context.exitCode = await runNode({ paths: nodePaths(folder), context });
    });
}

function leaveCommand(context: CommandContext): Command {
  return new Command("leave")
    .summary("Take the node's validator out of the consortium, then stop the node")
    .description(
      "For the organisation that runs it, while it runs. Asks for the removal with the node's own vote, waits for the other members' votes (voltfog consortium approve) and until the next set decides, then stops the node for good: its id and keys never come back. Refused where the others would be too few, bear no fault, or are not there to decide. Interrupted, it goes on when it is run again.",
    )
    .argument("<node>", "the node's folder")
    .option("--fragile", "leave even where the others then bear no faulty validator")
    .option("--json", "print {id, height, took_ms} as JSON once it is out")
    .addHelpText("after", "\nExamples:\n  voltfog validator leave /srv/voltfog")
    .action(async (folder: string, flags: { fragile?: boolean; json?: boolean }) => {
      const left = await leaveConsortium({
        ...{ paths: nodePaths(folder), context, clock: systemClock },
        isFragileAllowed: flags.fragile === true,
      });
      const block = left.height === null ? "" : ` by block ${left.height}`;
      const text = `${left.id} left the consortium${block}; its node is stopped`;
      context.terminal.print(flags.json ? JSON.stringify(left) : text);
    });
}

function portsCommand({ terminal, environment }: CommandContext): Command {
  return new Command("ports")
    .summary("Print a node's ports for the firewall: direction and who")
    .argument("<node>", "the node's folder")
    .option("--json", "print the rules as JSON")
    .addHelpText("after", "\nExamples:\n  voltfog validator ports /srv/voltfog")
    .action((folder: string, flags: { json?: boolean }) => {
      const paths = nodePaths(folder);
      const { p2pPort, httpPort, backbonePort, host } = readNodeConfig(paths, environment);
      const ports = { p2p: p2pPort, http: httpPort, backbone: backbonePort };
      const rules = portRules({ ports, host, peers: readBootstrap(paths) });
      terminal.print(flags.json ? JSON.stringify(rules, null, 2) : portTableText(rules));
    });
}

function serviceCommand({ terminal, environment, self }: CommandContext): Command {
  return new Command("service")
    .summary("Print a systemd unit that runs the node")
    .argument("<node>", "the node's folder")
    .option("--user <name>", "the system's user that it runs as", "voltfog")
    .option("--voltfog <command>", "the command that starts voltfog [this one]")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog validator service /srv/voltfog > /etc/systemd/system/voltfog.service\n  systemctl enable --now voltfog",
    )
    .action((folder: string, flags: { user: string; voltfog?: string }) => {
      const paths = nodePaths(folder);
      const { id } = readNodeSettings(paths);
      const { passphraseFile } = readNodeConfig(paths, environment);
      if (passphraseFile === "") {
        throw complaint({
          code: "PASSPHRASE_MISSING",
          what: `${paths.config} names no passphraseFile`,
          remedy: "name a file that only root can read; the service manager hands it over",
        });
      }
      const voltfog = flags.voltfog === undefined ? self : [flags.voltfog];
      const { chain } = readGenesisOf(paths);
      const { root } = paths;
      terminal.print(
        systemdUnit({
          id,
          chain,
          folder: root,
          voltfog,
          passphraseFile,
          user: flags.user,
        }).trimEnd(),
      );
    });
}

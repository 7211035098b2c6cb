import {
  type EngineChoice,
  engineOf,
  engineText,
  moduleNumber,
  sharesTurns,
} from "@voltfog/ledger";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { openMember, propose } from "../consortium/member-votes.ts";
import { nodePaths } from "../consortium/node-folder.ts";
import { readGenesisOf } from "../consortium/read-genesis-of.ts";
import { parseWhole } from "../flag-values.ts";

const nodeArgument = [
  "<node>",
  "folder of your own validator, which runs on this machine",
] as const;
/** Changes that members vote on, each with a threshold of its own. */
const votedOn = [
  ...["admit-organisation", "remove-organisation", "admit-validator", "remove-validator"],
  ...["rule", "module-version", "release", "proposer-policy"],
];
/** Policies that the chain has by now. */
const policies = ["quality", "turn", "stake", "delegated"] as const;
const versionMax = 255;

/** The commands of `voltfog consortium` by which members change how they decide. */
export function ruleCommands(context: CommandContext): readonly Command[] {
  return [ruleCommand(context), policyCommand(context), versionCommand(context)];
}

function ruleCommand(context: CommandContext): Command {
  return new Command("rule")
    .summary("Propose what share of the votes one kind of change needs")
    .description(
      `Above a half and at most all (1/1, what holds unless voted otherwise). Kinds: ${votedOn.join(", ")}.`,
    )
    .argument(...nodeArgument)
    .argument("<kind>", "the kind of change")
    .argument("<share>", "such as 2/3")
    .addHelpText("after", "\nExamples:\n  voltfog consortium rule /srv/voltfog admit-validator 2/3")
    .action(async (folder: string, rule: string, share: string) => {
      if (!votedOn.includes(rule)) {
        throw complaint({
          code: "RULE_UNKNOWN",
          what: `${JSON.stringify(rule)} is no kind of change`,
          remedy: `give one of ${votedOn.join(", ")}`,
        });
      }
      const member = openMember(nodePaths(folder), context.environment);
      await propose(member, { kind: "rule", rule, ...parseShare(share) });
      context.terminal.print(`proposed, with your vote: ${rule} needs ${share}`);
    });
}

function policyCommand(context: CommandContext): Command {
  return new Command("turns")
    .summary("Propose who gets the turns to propose blocks")
    .description(
      "quality: by service, as final blocks show it. turn: organisations by name, one after the other. stake and delegated: by what organisations deposited in the union, or accounts delegated to them, drawn at the end of each term.",
    )
    .argument(...nodeArgument)
    .argument("<policy>", policies.join(" or "))
    .addHelpText("after", "\nExamples:\n  voltfog consortium turns /srv/voltfog turn")
    .action(async (folder: string, text: string) => {
      const policy = policies.find((one) => one === text);
      if (policy === undefined) {
        throw complaint({
          code: "POLICY_UNKNOWN",
          what: `${JSON.stringify(text)} is no policy`,
          remedy: `give ${policies.join(" or ")}`,
        });
      }
      const paths = nodePaths(folder);
      requireTurns(engineOf(readGenesisOf(paths)));
      await propose(openMember(paths, context.environment), { kind: "proposer-policy", policy });
      context.terminal.print(`proposed, with your vote: turns by ${policy}`);
    });
}

function versionCommand(context: CommandContext): Command {
  return new Command("version")
    .summary("Propose that a module's rules change to another version at a height")
    .description(
      "Update the software of all validators first: at that height one that lacks the version takes no block and says so, and with too many of those the chain stands until they are updated.",
    )
    .argument(...nodeArgument)
    .argument("<module>", Object.keys(moduleNumber).join(", "))
    .argument("<version>", "the version, one above the present one or an earlier one")
    .requiredOption("--height <n>", "first block under the new rules")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog consortium version /srv/voltfog devices 2 --height 120000",
    )
    .action(async (folder: string, name: string, text: string, flags: { height: string }) => {
      const module = Object.entries(moduleNumber).find(([one]) => one === name)?.[1];
      if (module === undefined) {
        throw complaint({
          code: "MODULE_UNKNOWN",
          what: `${JSON.stringify(name)} is no module of the chain`,
          remedy: `give one of ${Object.keys(moduleNumber).join(", ")}`,
        });
      }
      const version = parseWhole({ flag: "<version>", text, min: 1, max: versionMax });
      const height = parseWhole({
        ...{ flag: "--height", text: flags.height, min: 1, max: Number.MAX_SAFE_INTEGER },
      });
      const member = openMember(nodePaths(folder), context.environment);
      await propose(member, { kind: "module-version", module, version, height });
      context.terminal.print(
        `proposed, with your vote: version ${version} of ${name} from block ${height}`,
      );
    });
}

/** ENGINE_WITHOUT_TURNS where no vote could say who proposes. */
function requireTurns(engine: EngineChoice): void {
  if (sharesTurns(engine)) return;
  throw complaint({
    code: "ENGINE_WITHOUT_TURNS",
    what: `${engineText(engine)} decides this chain, and it fixes who proposes`,
    remedy: "nothing: only a chain that poa decides has turns; see docs/operations/engines.md",
  });
}

/** SHARE_INVALID where it is no fraction above a half and at most 1. */
export function parseShare(text: string): { numerator: number; denominator: number } {
  const match = /^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text);
  const [numerator, denominator] = [Number(match?.[1]), Number(match?.[2])];
  const isShare = numerator <= denominator && 2 * numerator > denominator && denominator <= 255;
  if (isShare) return { numerator, denominator };
  throw complaint({
    code: "SHARE_INVALID",
    what: `${JSON.stringify(text)} is no share of votes`,
    remedy: "give a fraction above a half and at most 1/1, such as 2/3, with whole numbers to 255",
  });
}

import { parseAddressRange } from "@voltfog/messages";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseWhole } from "../flag-values.ts";
import { askController, type PolicyAnswer, type PolicyView } from "../policy/ask-controller.ts";
import { changeText, isEverywhere, policyText } from "../policy/policy-text.ts";
import { sitePaths } from "../site/site-folder.ts";
import { readEnrolled } from "../site/site-record.ts";

interface Flags {
  readonly data: string;
  readonly json?: boolean;
}

interface ChangeFlags extends Flags {
  readonly why: string;
}

const rateMax = { bytes: 1_073_741_824, packets: 1_000_000 };

/** `voltfog policy`: who may send how much, and who is kept out, on every unit of a running site. */
export function policyCommand(context: CommandContext): Command {
  return new Command("policy")
    .description(
      "Change traffic policies of a running site. The controller keeps each change with who, when and why, and every unit has it in force on live connections when the command ends.",
    )
    .addCommand(listCommand(context))
    .addCommand(quarantineCommand(context))
    .addCommand(releaseCommand(context))
    .addCommand(limitCommand(context))
    .addCommand(denyCommand(context))
    .addCommand(allowCommand(context));
}

function siteOptions(command: Command): Command {
  return command
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print the controller's answer as JSON");
}

function changeOptions(command: Command): Command {
  return siteOptions(command).requiredOption("--why <text>", "the reason, which is kept");
}

function listCommand(context: CommandContext): Command {
  return siteOptions(new Command("list"))
    .summary("Show policies, units that lack them, and the last changes")
    .addHelpText("after", "\nExample:\n  voltfog policy list")
    .action(async (flags: Flags) => {
      const view = (await askController({ ...flags, path: "/v1/policies" })) as PolicyView;
      context.terminal.print(flags.json ? JSON.stringify(view, null, 2) : policyText(view));
    });
}

function quarantineCommand(context: CommandContext): Command {
  return changeOptions(new Command("quarantine"))
    .summary("Cut a vehicle or an address off, everywhere")
    .argument("<subject>", "a vehicle's id, an address, or a range such as 10.1.0.0/16")
    .addHelpText("after", '\nExample:\n  voltfog policy quarantine vehicle-03 --why "stolen"')
    .action(async (subject: string, flags: ChangeFlags) => {
      const who = isAddress(subject)
        ? { address: rangeOf(subject) }
        : { vehicleId: enrolledOf(subject, flags) };
      const body = { ...who, why: flags.why };
      const asked = { method: "POST", path: "/v1/policies/quarantine", body } as const;
      await change(context, { ...flags, ...asked, done: `${subject} is in quarantine` });
    });
}

function releaseCommand(context: CommandContext): Command {
  return changeOptions(new Command("release"))
    .summary("Let a vehicle or an address back in")
    .description(
      "Ends a quarantine, of an operator or of a unit that found forged or flooding traffic. The units that found it journal that it is over.",
    )
    .argument("<subject>", "as in voltfog policy list")
    .addHelpText("after", '\nExample:\n  voltfog policy release vehicle-03 --why "new key, 12 May"')
    .action(async (subject: string, flags: ChangeFlags) => {
      const path = `/v1/policies/quarantine/${encodeURIComponent(subject)}?${whyOf(flags)}`;
      await change(context, { ...flags, method: "DELETE", path, done: `${subject} is released` });
    });
}

function limitCommand(context: CommandContext): Command {
  return changeOptions(new Command("limit"))
    .summary("Limit how fast a vehicle may send, or all that have no limit of their own")
    .argument("<vehicle>", 'a vehicle\'s id, or "*" for all others')
    .option("--bytes <number>", "bytes per second, 1024 to 1073741824")
    .option("--packets <number>", "packets per second, 1 to 1000000")
    .option("--off", "take the limit away")
    .addHelpText(
      "after",
      '\nExamples:\n  voltfog policy limit vehicle-03 --bytes 20000 --why "chatty"\n  voltfog policy limit vehicle-03 --off --why "mended"',
    )
    .action(
      async (
        vehicle: string,
        flags: ChangeFlags & { bytes?: string; packets?: string; off?: boolean },
      ) => {
        const path = `/v1/policies/limits/${encodeURIComponent(vehicle)}`;
        if (flags.off) {
          const asked = { method: "DELETE", path: `${path}?${whyOf(flags)}` } as const;
          await change(context, { ...flags, ...asked, done: `${vehicle} has no limit` });
          return;
        }
        if (vehicle !== "*") enrolledOf(vehicle, flags);
        const body = { ...ratesOf(flags), why: flags.why };
        await change(context, {
          ...flags,
          method: "PUT",
          path,
          body,
          done: `${vehicle} is limited`,
        });
      },
    );
}

function denyCommand(context: CommandContext): Command {
  return changeOptions(new Command("deny"))
    .summary("Refuse connections from an address or a range, before any handshake")
    .argument("<address>", "such as 10.1.2.3, 10.1.0.0/16 or 2001:db8::/32")
    .addHelpText("after", '\nExample:\n  voltfog policy deny 203.0.113.0/24 --why "scans"')
    .action(async (address: string, flags: ChangeFlags) => {
      const body = { address: rangeOf(address), why: flags.why };
      const asked = { method: "PUT", path: "/v1/policies/deny", body } as const;
      await change(context, { ...flags, ...asked, done: `${address} is denied` });
    });
}

function allowCommand(context: CommandContext): Command {
  return changeOptions(new Command("allow"))
    .summary("Take an address or a range off the deny list")
    .argument("<address>", "as in voltfog policy list")
    .addHelpText("after", '\nExample:\n  voltfog policy allow 203.0.113.0/24 --why "ours"')
    .action(async (address: string, flags: ChangeFlags) => {
      const path = `/v1/policies/deny?address=${encodeURIComponent(address)}&${whyOf(flags)}`;
      await change(context, { ...flags, method: "DELETE", path, done: `${address} is allowed` });
    });
}

/** Exit code 1 while a unit does not have it: it is told when it answers. */
async function change(
  context: CommandContext,
  asked: Parameters<typeof askController>[0] & { done: string; json?: boolean },
): Promise<void> {
  const answer = (await askController(asked)) as PolicyAnswer;
  context.terminal.print(
    asked.json ? JSON.stringify(answer, null, 2) : changeText(asked.done, answer),
  );
  context.exitCode = isEverywhere(answer) ? 0 : 1;
}

function ratesOf(flags: { bytes?: string; packets?: string }): object {
  if (flags.bytes === undefined && flags.packets === undefined) {
    throw complaint({
      code: "FLAG_MISSING",
      what: "a limit needs a rate",
      remedy: "give --bytes, --packets or both, or --off to take it away",
    });
  }
  const { bytes: max, packets } = rateMax;
  const bytes = flags.bytes ?? String(max);
  const rate_bytes = parseWhole({ flag: "--bytes", text: bytes, min: 1024, max });
  if (flags.packets === undefined) return { rate_bytes };
  const text = flags.packets;
  return { rate_bytes, ratePackets: parseWhole({ flag: "--packets", text, min: 1, max: packets }) };
}

function whyOf({ why }: ChangeFlags): string {
  return `why=${encodeURIComponent(why)}`;
}

/** A range that the units will read; all addresses at once is none. */
function rangeOf(address: string): string {
  const range = parseAddressRange(address);
  if (range.ok && range.value.prefix > 0) return address;
  throw complaint({
    code: "ADDRESS_INVALID",
    what: range.ok ? `${address} is everybody` : range.problem.detail,
    remedy: "give an address or a range, such as 203.0.113.0/24",
  });
}

/** A name that nobody has is a slip: the vehicle that was meant would go on sending. */
function enrolledOf(vehicle: string, { data }: Flags): string {
  const { enrolled } = sitePaths(data);
  if (readEnrolled(enrolled).some(({ id }) => id === vehicle)) return vehicle;
  throw complaint({
    code: "VEHICLE_UNKNOWN",
    what: `no vehicle ${vehicle} is enrolled in ${enrolled}`,
    remedy: "see voltfog status for the site's vehicles",
  });
}

/** Ids of vehicles have neither dots nor colons. */
function isAddress(subject: string): boolean {
  return /[.:]/.test(subject);
}

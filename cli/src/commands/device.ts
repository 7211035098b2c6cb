import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { parseIdentifier } from "../flag-values.ts";
import { assignFleet } from "../site/assign-fleet.ts";
import { revokeVehicle } from "../site/revoke-vehicle.ts";
import { sitePaths } from "../site/site-folder.ts";

/** `voltfog device`: what concerns one enrolled device. */
export function deviceCommand(context: CommandContext): Command {
  return new Command("device")
    .description("Revoke a device of a site, or say whose it is.")
    .addCommand(revokeCommand(context))
    .addCommand(fleetCommand(context));
}

function fleetCommand({ terminal }: CommandContext): Command {
  return new Command("fleet")
    .summary("Say which fleet a vehicle belongs to")
    .description(
      "On a running or a stopped site. The cloud follows within a second: tokens of that fleet see the vehicle, with all its past, and tokens of other fleets do not. Without a fleet the vehicle is nobody's.",
    )
    .argument("<vehicle>", "id of the vehicle, as in voltfog status")
    .argument("[fleet]", "the fleet; left out: none")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .addHelpText("after", "\nExample:\n  voltfog device fleet vehicle-03 north")
    .action(async (vehicle: string, asked: string | undefined, flags: { data: string }) => {
      const fleet =
        asked === undefined ? undefined : parseIdentifier({ code: "FLEET_INVALID", text: asked });
      await assignFleet(sitePaths(flags.data), { vehicle, fleet, clock: systemClock });
      terminal.print(`${vehicle} belongs to ${fleet === undefined ? "no fleet" : fleet}`);
    });
}

function revokeCommand(context: CommandContext): Command {
  return new Command("revoke")
    .summary("Revoke a vehicle's key")
    .description(
      "Marks the vehicle's key as revoked, on a running or a stopped site. Every unit cuts its connection within a second and lets it in no more; its certificate is revoked as well where the authority's key is here; the chain records it, if a validator runs; run it again if none did. What was final before stays evidence. Exit code 1 when the chain does not have it.",
    )
    .argument("<vehicle>", "id of the vehicle, as in voltfog status")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print {vehicle, keyId, certificates, transaction, unrecorded} as JSON")
    .addHelpText("after", "\nExample:\n  voltfog device revoke vehicle-03")
    .action(async (vehicle: string, flags: { data: string; json?: boolean }) => {
      const revoked = await revokeVehicle(sitePaths(flags.data), { vehicle, clock: systemClock });
      const { transaction, unrecorded } = revoked;
      const onChain =
        transaction === undefined
          ? `not on the chain: ${unrecorded}`
          : `final on the chain by transaction ${transaction}`;
      context.terminal.print(
        flags.json
          ? JSON.stringify(revoked, null, 2)
          : `the key of ${vehicle} is revoked; units put it out within a second; its certificate is ${revoked.certificates}; ${onChain}`,
      );
      context.exitCode = transaction === undefined ? 1 : 0;
    });
}

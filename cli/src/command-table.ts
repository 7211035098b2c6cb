import type { Command } from "commander";
import type { CommandContext } from "./command-context.ts";
import { processRoles } from "./process-roles.ts";

/** A command by name; its code is loaded only when it is asked for, so that no process carries the others'. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(context: CommandContext): Promise<Command>;
}

/** Every command, in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: "up",
    summary: "Run the whole system on this machine, on replayed data",
    load: async (context) => (await import("./commands/up.ts")).upCommand(context),
  },
  {
    name: "site",
    summary: "Make a site: keys, genesis file, certificate authority and certificates",
    load: async (context) => (await import("./commands/site.ts")).siteCommand(context),
  },
  {
    name: "enrol",
    summary: "Enrol a vehicle with a one-time token, and change its key",
    load: async (context) => (await import("./commands/enrol.ts")).enrolCommand(context),
  },
  {
    name: "device",
    summary: "Revoke a vehicle's key: its connection is cut at once",
    load: async (context) => (await import("./commands/device.ts")).deviceCommand(context),
  },
  {
    name: "certificate",
    summary: "Revoke the certificate of a unit, a validator, the cloud or another process",
    load: async (context) =>
      (await import("./commands/certificate.ts")).certificateCommand(context),
  },
  {
    name: "token",
    summary: "Create, list and revoke tokens of the cloud's API",
    load: async (context) => (await import("./commands/token.ts")).tokenCommand(context),
  },
  {
    name: "models",
    summary: "Put a trained model in service, and show which serve",
    load: async (context) => (await import("./commands/models.ts")).modelsCommand(context),
  },
  {
    name: "status",
    summary: "Show the running processes and which unit serves which vehicle",
    load: async (context) => (await import("./commands/status.ts")).statusCommand(context),
  },
  {
    name: "proof",
    summary: "Take one frame out as a bundle that anyone can verify offline",
    load: async (context) => (await import("./commands/proof.ts")).proofCommand(context),
  },
  {
    name: "verify",
    summary: "Verify a proof bundle offline, trusting a genesis file and nothing else",
    load: async (context) => (await import("./commands/verify.ts")).verifyCommand(context),
  },
  {
    name: "value",
    summary: "Weigh a used pack: counts, gaps, grade and value, each with its proof",
    load: async (context) => (await import("./commands/value.ts")).valueCommand(context),
  },
  {
    name: "functions",
    summary: "List a unit's functions, or run them again over its log",
    load: async (context) => (await import("./commands/functions.ts")).functionsCommand(context),
  },
  {
    name: "log",
    summary: "Check a unit's log on disk",
    load: async (context) => (await import("./commands/log.ts")).logCommand(context),
  },
  {
    name: "doctor",
    summary: "Check this machine and a site's folder, and say what to do",
    load: async (context) => (await import("./commands/doctor.ts")).doctorCommand(context),
  },
  {
    name: "backup",
    summary: "Save a site, running or stopped, to one file",
    load: async (context) => (await import("./commands/backup.ts")).backupCommand(context),
  },
  {
    name: "restore",
    summary: "Bring a site back from a backup, verified",
    load: async (context) => (await import("./commands/restore.ts")).restoreCommand(context),
  },
  {
    name: "simulate",
    summary: "Simulate battery packs, or drivers who look for a charger",
    load: async (context) => (await import("./commands/simulate.ts")).simulateCommand(context),
  },
  {
    name: "twin",
    summary: "Ask a pack's digital twin: its state, and what a charge would do",
    load: async (context) => (await import("./commands/twin.ts")).twinCommand(context),
  },
  {
    name: "train",
    summary: "Fit models to the public datasets",
    load: async (context) => (await import("./commands/train.ts")).trainCommand(context),
  },
  {
    name: "evaluate",
    summary: "Score models, estimators and functions, beside their goals",
    load: async (context) => (await import("./commands/evaluate.ts")).evaluateCommand(context),
  },
  {
    name: "bench",
    summary: "Measure speed on this machine, beside its peers",
    load: async (context) => (await import("./commands/bench.ts")).benchCommand(context),
  },
  {
    name: "soak",
    summary: "Run the whole system under random faults and count what is left",
    load: async (context) => (await import("./commands/soak.ts")).soakCommand(context),
  },
  ...processRoles.map(
    (role): CommandEntry => ({
      name: role.name,
      summary: role.summary,
      load: async (context) => {
        const { processCommand } = await import("./commands/process-command.ts");
        return processCommand(await role.load(), context);
      },
    }),
  ),
];

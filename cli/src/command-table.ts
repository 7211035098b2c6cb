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
    name: "consortium",
    summary: "Found a consortium of organisations, and vote on who belongs to it",
    load: async (context) => (await import("./commands/consortium.ts")).consortiumCommand(context),
  },
  {
    name: "certificate",
    summary: "Revoke the certificate of a process, or issue one to a NATS or InfluxDB server",
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
    name: "anchor",
    summary: "Anchor the consortium's chain in an Ethereum chain, and verify records there",
    load: async (context) => (await import("./commands/anchor.ts")).anchorCommand(context),
  },
  {
    name: "value",
    summary: "Weigh a used pack: counts, gaps, grade and value, each with its proof",
    load: async (context) => (await import("./commands/value.ts")).valueCommand(context),
  },
  {
    name: "trade",
    summary: "Buy and sell energy: lead me through it, or one step for a script",
    load: async (context) => (await import("./commands/trade.ts")).tradeCommand(context),
  },
  {
    name: "operator",
    summary: "An operator's own tariff and electric beans",
    load: async (context) => (await import("./commands/operator.ts")).operatorCommand(context),
  },
  {
    name: "authority",
    summary: "Suspend users, adjust funds, resolve disputes, set the market's rules",
    load: async (context) => (await import("./commands/authority.ts")).authorityCommand(context),
  },
  {
    name: "functions",
    summary: "List a unit's functions, or run them again over its log",
    load: async (context) => (await import("./commands/functions.ts")).functionsCommand(context),
  },
  {
    name: "policy",
    summary: "Limit, quarantine and release devices, and deny addresses, on every unit at once",
    load: async (context) => (await import("./commands/policy.ts")).policyCommand(context),
  },
  {
    name: "place",
    summary:
      "Place functions on units by latency, from a problem file, or show why it can not be done",
    load: async (context) => (await import("./commands/place.ts")).placeCommand(context),
  },
  {
    name: "settle",
    summary: "Show a day's clearing between operators, and write its records",
    load: async (context) => (await import("./commands/settle.ts")).settleCommand(context),
  },
  {
    name: "match",
    summary: "Match a book of buy and sell orders of energy between vehicles",
    load: async (context) => (await import("./commands/match.ts")).matchCommand(context),
  },
  {
    name: "audit",
    summary: "Hold a unit's whole log against what the chain made final",
    load: async (context) => (await import("./commands/audit.ts")).auditCommand(context),
  },
  {
    name: "erase",
    summary: "Erase frames and their salts from every folder of a site; all other proofs hold",
    load: async (context) => (await import("./commands/erase.ts")).eraseCommand(context),
  },
  {
    name: "log",
    summary: "Check a unit's log on disk",
    load: async (context) => (await import("./commands/log.ts")).logCommand(context),
  },
  {
    name: "ledger",
    summary: "Show what logs and chain take of the disk, or what became of a transaction",
    load: async (context) => (await import("./commands/ledger.ts")).ledgerCommand(context),
  },
  {
    name: "store",
    summary: "Export, import and thin out the history of a stopped cloud",
    load: async (context) => (await import("./commands/store.ts")).storeCommand(context),
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
        if (role.name === "validator") {
          const { validatorCommand } = await import("./commands/validator.ts");
          return validatorCommand(await role.load(), context);
        }
        const { processCommand } = await import("./commands/process-command.ts");
        return processCommand(await role.load(), context);
      },
    }),
  ),
];

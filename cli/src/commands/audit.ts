import { logId, parseLogOrigin } from "@voltfog/ledger";
import { readFinals } from "@voltfog/ledger/node";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { Command } from "commander";
import { auditCode, auditText } from "../audit/audit-text.ts";
import { openAuditedLog } from "../audit/audited-log.ts";
import { blocksFrom } from "../audit/block-source.ts";
import { cosignedText, readCosigned } from "../audit/cosigned.ts";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { readGenesis } from "../site/site-record.ts";

interface AuditFlags {
  readonly unit: string;
  readonly genesis: string;
  readonly chain: string;
  readonly cosigner?: readonly string[];
  readonly json?: boolean;
}

/** `voltfog audit`: a unit's whole log against what the chain made final. */
export function auditCommand(context: CommandContext): Command {
  return new Command("audit")
    .description(
      "Holds every entry of a unit's log against all its checkpoints that the chain made final, with trust in the genesis file alone, and tells altered, deleted and truncated apart. Exit code 0 when the log is sound, 1 with AUDIT_ALTERED, AUDIT_DELETED or AUDIT_TRUNCATED and the entries when it is not.",
    )
    .requiredOption("--unit <place>", "a unit's data folder (with its frames) or address (without)")
    .requiredOption("--genesis <file>", "genesis file of the consortium you trust")
    .requiredOption("--chain <place>", "a validator's address, or a site's or validator's folder")
    .option(
      "--cosigner <key...>",
      "verifier keys of cosigners that you trust [those registered on the chain, else what the validator at --chain says]",
    )
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog audit --unit .voltfog/unit-1 --genesis .voltfog/genesis.json --chain .voltfog\n  voltfog audit --unit http://127.0.0.1:8081 --genesis genesis.json --chain http://127.0.0.1:8091 --json",
    )
    .action(async (flags: AuditFlags) => {
      context.exitCode = await audit(flags, context);
    });
}

async function audit(flags: AuditFlags, context: CommandContext): Promise<number> {
  const genesis = readGenesis(flags.genesis);
  const log = await openAuditedLog(flags.unit);
  const { origin } = log;
  const unitId = parseLogOrigin(origin, genesis.chain)?.unitId;
  const unit = genesis.units.find(({ id }) => id === unitId);
  if (unit === undefined) {
    throw complaint({
      code: "UNIT_UNKNOWN",
      what: `${flags.unit} holds the log ${origin}, which is of no unit of ${genesis.chain}`,
      remedy: "name the genesis file of the unit's own consortium",
    });
  }
  const id = logId({ origin, publicKey: unit.key, crypto: nodeCrypto });
  const history = await readFinals({
    genesis,
    logIds: new Map([[origin, id]]),
    blocks: blocksFrom(flags.chain, genesis),
    crypto: nodeCrypto,
  });
  if (history.problem !== undefined) {
    throw complaint({
      code: "CHAIN_INVALID",
      what: `${flags.chain}: ${history.problem}`,
      remedy: "name another validator: this one's blocks do not verify against the genesis file",
    });
  }
  const finals = history.finals.get(origin) ?? [];
  const report = await log.audit(finals);
  const cosigned = await readCosigned({
    chain: flags.chain,
    keys: flags.cosigner,
    registered: history.cosigners,
    id,
    origin,
    finals,
  });
  const { terminal } = context;
  if (flags.json) {
    const facts = {
      code: auditCode(report),
      origin,
      logId: toHex(id),
      chainHeight: history.height,
    };
    terminal.print(JSON.stringify({ ...facts, ...report, cosigned }, null, 2));
  } else {
    terminal.print([auditText(origin, report), ...cosignedText(cosigned)].join("\n"));
  }
  return report.ok ? 0 : 1;
}

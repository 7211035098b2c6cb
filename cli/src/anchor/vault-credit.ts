import { parseGenesis } from "@voltfog/ledger";
import { messageOf } from "@voltfog/runtime";
import { createJsonLogger, loadSigningKey, nodeCrypto, systemClock } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseWhole } from "../flag-values.ts";
import { readInputFile } from "../input-file.ts";
import { runUntilStopped } from "../process-lifetime.ts";
import { openVault, type VaultFlags } from "./vault-parts.ts";

export interface CreditFlags extends VaultFlags {
  readonly genesis: string;
  readonly authorityKey: string;
  readonly validatorUrl: string;
  readonly position: string;
  readonly firstBlock: string;
  readonly confirmations: string;
  readonly once?: boolean;
}

const look_ms = 2000;
/** Looks of one run with --once: a chain that credits nothing for so long is at fault. */
const looksMax = 150;

/** Has the chain credit what came into a vault; until it is stopped or, with --once, until all is credited. */
export async function creditDeposits(
  flags: CreditFlags,
  { terminal }: CommandContext,
): Promise<number> {
  const logger = createJsonLogger({ process: "vault", level: "info" });
  const watcher = await openWatcher(flags, logger);
  if (flags.once === true) {
    for (let look = 0; look < looksMax; look++) {
      const { waiting, through } = await watcher.step();
      if (waiting === 0) {
        terminal.print(`all deposits up to block ${through} are credited`);
        return 0;
      }
      await pause();
    }
    terminal.print("some deposits are not credited yet");
    return 1;
  }
  return runUntilStopped({ start: () => Promise.resolve(watch(watcher, logger)), logger });
}

type Watcher = Awaited<ReturnType<typeof openWatcher>>;
type Logger = ReturnType<typeof createJsonLogger>;

async function openWatcher(flags: CreditFlags, logger: Logger) {
  const evm = await import("@voltfog/evm/node");
  const genesis = parseGenesis(readInputFile(flags.genesis), nodeCrypto);
  if (!genesis.ok) {
    const what = `${flags.genesis}: ${genesis.problem.detail}`;
    throw complaint({ code: "GENESIS_INVALID", what, remedy: "name the genesis file" });
  }
  const { vault, endpoint } = await openVault(flags);
  const { validatorUrl } = flags;
  const proven = { genesis: genesis.value, crypto: nodeCrypto };
  return evm.VaultWatcher.open({
    vault,
    endpoint,
    chain: new evm.AuthorityDeposits({
      validatorUrl,
      headers: new evm.ValidatorHeaders({ url: validatorUrl, ...proven }),
      genesis: genesis.value,
      signer: loadSigningKey(flags.authorityKey),
      clock: systemClock,
      logger,
    }),
    positionPath: flags.position,
    firstBlock: parseWhole({ flag: "--first-block", text: flags.firstBlock, min: 0, max: 1e15 }),
    confirmations: parseWhole({
      flag: "--confirmations",
      text: flags.confirmations,
      min: 1,
      max: 10_000,
    }),
    logger,
  });
}

/** Looks until it is stopped; a look that fails is repeated, since nothing of it is lost. */
function watch(watcher: Watcher, logger: Logger): { ports: object; stop(): Promise<void> } {
  let isStopped = false;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      await watcher.step().catch((thrown: unknown) => {
        logger.warn("look at the vault failed", { reason: messageOf(thrown) });
      });
      if (!isStopped) await pause();
    }
  };
  const ended = run();
  return {
    ports: {},
    stop: () => {
      isStopped = true;
      return ended;
    },
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => void systemClock.after(look_ms, resolve));
}

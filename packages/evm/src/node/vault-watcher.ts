import { existsSync, readFileSync } from "node:fs";
import { CodedError, type Logger, messageOf, toHex } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { EvmEndpoint } from "./evm-endpoint.ts";
import type { SettlementVault, VaultDeposit } from "./settlement-vault.ts";

/** The consortium's chain, as far as vault deposits concern it. */
export interface CreditedDeposits {
  /** Whether a final block credited this id. */
  isCredited(depositId: Uint8Array): Promise<boolean>;
  /** Asks the chain to credit it; says nothing of when, or whether. */
  credit(deposit: VaultDeposit): Promise<void>;
}

export interface VaultWatcherOptions {
  readonly vault: SettlementVault;
  readonly endpoint: EvmEndpoint;
  readonly chain: CreditedDeposits;
  /** Where it notes up to which block all deposits are credited. */
  readonly positionPath: string;
  /** Where a new watcher begins: the vault's own block, or one before. */
  readonly firstBlock: number;
  /** Blocks, its own included, after which a deposit counts; 1 to 10,000. */
  readonly confirmations: number;
  readonly logger: Logger;
}

export interface WatchStep {
  /** All deposits up to this block are credited. */
  readonly through: number;
  /** Deposits that are not credited yet. */
  readonly waiting: number;
}

/** Blocks of one look: what a public endpoint answers about without a word. */
const rangeMax = 2000;

/**
 * Turns a vault's deposits into credits of the consortium's chain, each exactly once over restarts. The
 * chain takes an id once, so asking twice does no harm; and the noted position moves only over deposits that
 * the chain shows credited, so none is missed.
 */
export class VaultWatcher {
  readonly #options: VaultWatcherOptions;
  readonly #vaultId: string;
  #through: number;

  private constructor(options: VaultWatcherOptions, at: { vaultId: string; through: number }) {
    this.#options = options;
    this.#vaultId = at.vaultId;
    this.#through = at.through;
  }

  /** Throws EVM_UNREACHABLE, VAULT_UNKNOWN, and POSITION_INVALID for a file that is of no or another vault. */
  static async open(options: VaultWatcherOptions): Promise<VaultWatcher> {
    const vaultId = toHex(await options.vault.id());
    const { positionPath, firstBlock } = options;
    const noted = existsSync(positionPath) ? readPosition(positionPath) : undefined;
    if (noted !== undefined && noted.vault !== vaultId) throw positionFault(positionPath);
    return new VaultWatcher(options, { vaultId, through: noted?.through ?? firstBlock - 1 });
  }

  /** One look: asks for what is not credited, and moves on where nothing is. Throws what the ports throw. */
  async step(): Promise<WatchStep> {
    const { vault, endpoint, chain, confirmations, logger } = this.#options;
    const head = await endpoint.block("latest");
    const deep = (head?.number ?? 0) - confirmations + 1;
    const to = Math.min(deep, this.#through + rangeMax);
    if (to <= this.#through) return { through: this.#through, waiting: 0 };
    let waiting = 0;
    for (const deposit of await vault.deposits({ from: this.#through + 1, to })) {
      if (await chain.isCredited(deposit.depositId)) continue;
      waiting++;
      const { number, amount, block } = deposit;
      logger.info("deposit of the vault is asked for", { number, amount, block });
      await chain.credit(deposit);
    }
    if (waiting === 0) this.#note(to);
    return { through: this.#through, waiting };
  }

  #note(through: number): void {
    const position = { vault: this.#vaultId, through };
    replaceFileSync(this.#options.positionPath, `${JSON.stringify(position)}\n`);
    this.#through = through;
  }
}

function readPosition(path: string): { vault: string; through: number } {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as { vault: unknown; through: unknown };
    const { vault, through } = value;
    const isWhole = typeof through === "number" && Number.isSafeInteger(through) && through >= -1;
    if (typeof vault === "string" && isWhole) return { vault, through };
  } catch (thrown) {
    throw positionFault(path, messageOf(thrown));
  }
  throw positionFault(path);
}

function positionFault(path: string, detail = "is not of this vault"): CodedError {
  return new CodedError({
    code: "POSITION_INVALID",
    message: `${path} ${detail}`,
    remedy:
      "name another file; the chain credits each deposit once, so beginning again does no harm",
  });
}

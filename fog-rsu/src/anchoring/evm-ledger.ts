import { join } from "node:path";
import { type Clock, CodedError, type Logger } from "@voltfog/runtime";
import type { RsuConfig } from "../config.ts";
import type { EvmLedger } from "./evm-anchor.ts";

const bumpAfter_ms = 60_000;
const gwei = 1e9;

/** Ethereum's libraries are loaded here and only here, so that a unit of a consortium does not carry them. */
export async function evmLedgerOf(
  config: RsuConfig,
  ports: { readonly clock: Clock; readonly logger: Logger },
): Promise<EvmLedger> {
  const { loadAnchorKey, UnitLedger } = await import("@voltfog/evm/node");
  return UnitLedger.open({
    url: config.evmUrl,
    logRegistry: config.evmLogRegistry,
    eventRegistry: config.evmEventRegistry,
    key: loadAnchorKey(config.evmKey),
    journalPath: join(config.dataDir, "evm-transactions.seg"),
    clock: ports.clock,
    logger: ports.logger,
    confirmations: config.evmConfirmations,
    bumpAfter_ms,
    feeLimit: BigInt(Math.round(config.evmFeeMax * gwei)),
  });
}

/** EVM_SETTINGS_MISSING where the chain is named without contracts and key. */
export function requireEvmSettings(config: RsuConfig): void {
  const missing = (["evmLogRegistry", "evmEventRegistry", "evmKey"] as const).filter(
    (key) => config[key] === "",
  );
  if (missing.length === 0) return;
  throw new CodedError({
    code: "EVM_SETTINGS_MISSING",
    message: `evmUrl is set, ${missing.join(", ")} not`,
    remedy: "name both contracts (voltfog anchor deploy --registries) and the unit's key",
  });
}

export { anchorConfig } from "./anchor-config.ts";
export { AnchorContract, refusalText } from "./anchor-contract.ts";
export { addressOf, createAnchorKey, loadAnchorKey } from "./anchor-key.ts";
export { anchorQuorum, sortedSet } from "./anchor-statement.ts";
export type { ContractName } from "./artefacts.ts";
export { AuthorityDeposits } from "./authority-deposits.ts";
export { deployContract } from "./deploy-contract.ts";
export { EvmEndpoint } from "./evm-endpoint.ts";
export { ValidatorHeaders } from "./final-evidence.ts";
export { runAnchor } from "./run-anchor.ts";
export { SettlementVault, type VaultDeposit, vaultIdOf } from "./settlement-vault.ts";
export { TransactionSender } from "./transaction-sender.ts";
export { UnitLedger, type UnitLedgerView } from "./unit-ledger.ts";
export { VaultWatcher } from "./vault-watcher.ts";
export {
  type AnchoredEntry,
  type AnchoredResult,
  askVerifier,
  type OnChainQuestion,
  underNewestAnchor,
} from "./verify-on-chain.ts";

import type { EvmEndpoint, SettlementVault } from "@voltfog/evm/node";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { contractIn, type Deployment, readDeployment } from "./deployment-file.ts";

export interface VaultFlags {
  readonly rpc: string;
  readonly deployment: string;
}

export interface VaultParts {
  readonly deployment: Deployment;
  readonly endpoint: EvmEndpoint;
  readonly vault: SettlementVault;
}

/** The vault of a deployment, on the Ethereum chain that it is of; CHAIN_OTHER, CONTRACT_MISSING, EVM_UNREACHABLE. */
export async function openVault(flags: VaultFlags): Promise<VaultParts> {
  const evm = await import("@voltfog/evm/node");
  const deployment = readDeployment(flags.deployment);
  const address = contractIn(deployment, "SettlementVault");
  const endpoint = new evm.EvmEndpoint({ url: flags.rpc });
  const evmChainId = await endpoint.chainId();
  if (`${evmChainId}` !== deployment.evmChainId) {
    throw complaint({
      code: "CHAIN_OTHER",
      what: `${flags.rpc} is of chain ${evmChainId}, ${flags.deployment} of ${deployment.evmChainId}`,
      remedy: "name the endpoint of the deployment's chain with --rpc",
    });
  }
  return {
    deployment,
    endpoint,
    vault: new evm.SettlementVault({ endpoint, address, crypto: nodeCrypto }),
  };
}

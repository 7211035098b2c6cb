import type { CommandContext } from "../command-context.ts";
import { contractIn, readDeployment } from "./deployment-file.ts";

export interface StatusFlags {
  readonly rpc: string;
  readonly deployment: string;
  readonly json?: boolean;
}

/** How far the anchors of a consortium are, by the contract itself. */
export async function anchorStatus(
  flags: StatusFlags,
  { terminal }: CommandContext,
): Promise<void> {
  const { AnchorContract, anchorQuorum, EvmEndpoint } = await import("@voltfog/evm/node");
  const deployment = readDeployment(flags.deployment);
  const endpoint = new EvmEndpoint({ url: flags.rpc });
  const address = contractIn(deployment, "CheckpointAnchor");
  const contract = new AnchorContract({ endpoint, address });
  const progress = await contract.progress();
  const validators = await contract.validators();
  const anchor = progress.height === 0 ? undefined : await contract.anchorAt(progress.height);
  const needed = anchorQuorum(validators.length);
  const facts = {
    contract: address,
    evmChainId: deployment.evmChainId,
    chain: await contract.chain(),
    ...progress,
    anchor: anchor ?? null,
    validators,
    needed,
  };
  if (flags.json === true) {
    terminal.print(JSON.stringify(facts, null, 2));
    return;
  }
  const reached =
    anchor === undefined
      ? "nothing anchored yet"
      : `height ${anchor.height} anchored, ${anchor.resultsSize} results, block ${anchor.blockHash}`;
  terminal.print(
    `${address} on chain ${deployment.evmChainId}\n${reached}\nset ${progress.setVersion}: ${needed} of ${validators.length} validators sign\n${validators.join("\n")}`,
  );
}

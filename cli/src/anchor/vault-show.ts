import { toHex } from "@voltfog/runtime";
import type { CommandContext } from "../command-context.ts";
import { openVault, type VaultFlags } from "./vault-parts.ts";

/** What a vault is and holds. */
export async function showVault(
  flags: VaultFlags & { readonly json?: boolean },
  { terminal }: CommandContext,
): Promise<void> {
  const { vault, endpoint, deployment } = await openVault(flags);
  const weiPerUnit = await vault.weiPerUnit();
  const held = (await endpoint.balance(vault.address)) / weiPerUnit;
  const facts = {
    contract: vault.address,
    evmChainId: deployment.evmChainId,
    id: toHex(await vault.id()),
    weiPerUnit: `${weiPerUnit}`,
    held: `${held}`,
  };
  terminal.print(
    flags.json === true
      ? JSON.stringify(facts, null, 2)
      : `${facts.contract} on chain ${facts.evmChainId}\nid ${facts.id}, as withdrawals name it\nholds ${facts.held} millionths of ${facts.weiPerUnit} wei each`,
  );
}

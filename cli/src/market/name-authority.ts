import { join } from "node:path";
import { accountAction, encodeNomination, moduleNumber } from "@voltfog/ledger";
import { loadSigningKey } from "@voltfog/runtime/node";
import { RunningNode } from "../consortium/ask-node.ts";
import type { SitePaths } from "../site/site-folder.ts";
import type { SiteProcess } from "../site/site-processes.ts";

/**
 * Has every validator of a site name a key as the authority over money, one final transaction each. What
 * was named before is said again and changes nothing. Throws the first refusal.
 */
export async function nameAuthority(o: {
  paths: SitePaths;
  processes: readonly SiteProcess[];
  key: Uint8Array;
}): Promise<void> {
  const validators = o.processes.filter(({ role }) => role === "validator");
  const codes = await Promise.all(
    validators.map(({ id, ports }) =>
      new RunningNode(ports.http).send({
        signer: loadSigningKey(join(o.paths.keys, `${id}.key`)),
        module: moduleNumber.accounts,
        action: accountAction.nameAuthority,
        payload: encodeNomination(o.key),
      }),
    ),
  );
  const refusal = codes.find((code) => code !== "OK");
  if (refusal !== undefined) throw new Error(`the chain does not take the authority: ${refusal}`);
}

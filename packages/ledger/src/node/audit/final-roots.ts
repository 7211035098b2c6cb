import { type Crypto, equalBytes } from "@voltfog/runtime";
import { Chain } from "../../chain/chain.ts";
import type { Result } from "../../chain/result.ts";
import type { Genesis } from "../../genesis/genesis.ts";
import { cosignerName } from "../../log/cosignature.ts";
import type { NoteKey } from "../../log/signed-note.ts";
import { decodeFinalCheckpoint } from "../../modules/checkpoints.ts";
import { moduleNumber } from "../../modules/module.ts";
import type { FinalRoot } from "./audit-types.ts";

export interface FinalHistory {
  /** Of each log, in the chain's order. */
  readonly finals: ReadonlyMap<string, readonly FinalRoot[]>;
  /** The last block that verified. */
  readonly height: number;
  /** Cosigners' keys that validators registered on the chain. */
  readonly cosigners: readonly NoteKey[];
  /** Why the next one did not, where there is one. */
  readonly problem: string | undefined;
}

/**
 * Executes final blocks again from the genesis file, every certificate verified, and gives what they
 * made final of these logs. Nothing of who serves the blocks is trusted; only how new they are is his
 * word. Costs a replay of the chain.
 */
export async function readFinals(o: {
  genesis: Genesis;
  logIds: ReadonlyMap<string, Uint8Array>;
  /** The blocks from height 1 on. */
  blocks: AsyncIterable<{ readonly block: Uint8Array; readonly certificate: Uint8Array }>;
  crypto: Crypto;
}): Promise<FinalHistory> {
  const chain = Chain.fromGenesis({ genesis: o.genesis, crypto: o.crypto });
  const finals = new Map<string, FinalRoot[]>([...o.logIds.keys()].map((name) => [name, []]));
  let problem: string | undefined;
  for await (const served of o.blocks) {
    const followed = chain.follow(served);
    if (!followed.ok) {
      problem = `block ${chain.height + 1}: ${followed.problem.detail}`;
      break;
    }
    for (const result of followed.value.results) take(result);
  }
  const cosigners = chain.electorate.next.flatMap(({ id, cosignerKey: publicKey }) =>
    publicKey === undefined ? [] : [{ name: cosignerName(o.genesis.chain, id), publicKey }],
  );
  return { finals, height: chain.height, cosigners, problem };

  function take(result: Result): void {
    if (result.module !== moduleNumber.checkpoints || result.code !== "OK") return;
    const data = decodeFinalCheckpoint(result.data);
    if (!data.ok) return;
    const { logId, size, root } = data.value;
    for (const [name, id] of o.logIds) {
      if (equalBytes(id, logId)) finals.get(name)?.push({ size, root, height: result.height });
    }
  }
}

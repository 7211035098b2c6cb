import { engineOf, fastQuorumOf, faultyMaxOf, quorumOf } from "@voltfog/ledger";
import type { ChainView } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";

/** How the chain decides its next block: engine, seats and the votes that count. */
export function chainView({ genesis, seats }: Pick<Consortium, "genesis" | "seats">): ChainView {
  const engine = engineOf(genesis);
  const validators = seats.length;
  return {
    chain: genesis.chain,
    chainId: toHex(genesis.chainId),
    engine: engine.name,
    redundant: engine.redundant,
    validators,
    faultyMax: faultyMaxOf(engine, validators),
    quorum: quorumOf(engine, validators),
    fastQuorum: fastQuorumOf(engine, validators) ?? null,
  };
}

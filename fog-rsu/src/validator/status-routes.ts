import type { ConsensusNode } from "@voltfog/consensus/node";
import { engineOf } from "@voltfog/ledger";
import type { BlockStore } from "@voltfog/ledger/node";
import { toHex } from "@voltfog/runtime";
import type { DiskWatch } from "@voltfog/runtime/node";
import type { App } from "../http/parameters.ts";
import type { ValidatorIdentity } from "./validator-identity.ts";

/** GET /v1/status: this validator, its head, its peers, and how all validators serve the chain. */
export function addStatusRoute(
  app: App,
  parts: {
    identity: ValidatorIdentity;
    node: ConsensusNode;
    blocks: BlockStore;
    disk: DiskWatch;
  },
): void {
  const { identity, node, blocks, disk } = parts;
  const { chainId, chain } = identity.genesis;
  app.get("/v1/status", () => {
    const { header, hash } = node.chain.head;
    return {
      id: identity.id,
      chain,
      chainId: toHex(chainId),
      engine: engineOf(identity.genesis),
      height: header.height,
      hash: toHex(hash),
      time_ms: header.time_ms,
      finalisedAt_ms: node.finalised_ms,
      round: node.round,
      epoch: node.chain.epoch,
      /** Block that voted this validator out; null while none has. */
      removedHeight: node.chain.consortium.validator(identity.id)?.removedHeight ?? null,
      validators: validatorRows(node),
      peers: node.chain.validators
        .filter(({ id }) => id !== identity.id)
        .map(({ id }) => ({
          id,
          connected: node.isConnected(id),
          height: node.peerHeight(id),
        })),
      mempool: node.mempoolSize,
      /** The lowest block that is kept here. */
      firstBlock: blocks.first,
      disk: disk.status,
    };
  });
}

/** Every validator of the next block, and how it serves the chain as this one measures it. */
function validatorRows(node: ConsensusNode): readonly object[] {
  const service = new Map(node.service.map((report) => [report.id, report]));
  return node.chain.validators.map(({ id, organisation, voteKey, weight, quarantined }) => {
    const seen = service.get(id);
    const rounded = (value: number | undefined): number | null =>
      value === undefined ? null : Math.round(value);
    return {
      id,
      organisation,
      voteKey: toHex(voteKey),
      state: seen?.state ?? "unknown",
      cause: seen?.cause ?? null,
      participation: seen?.certified.participation ?? null,
      delay_ms: rounded(seen?.certified.delay_ms),
      roundTrip_ms: rounded(seen?.link.median_ms),
      bandwidth_bytes_per_s: rounded(seen?.link.drainRate_bytes_per_s),
      clockOffset_ms: rounded(seen?.clockOffset_ms),
      weight,
      quarantined,
    };
  });
}

import type { ConsensusNode, TlsTransport } from "@voltfog/consensus/node";
import { toHex } from "@voltfog/runtime";
import type { App } from "../http/parameters.ts";
import type { ValidatorIdentity } from "./validator-identity.ts";

/** GET /v1/status: this validator, its head and its peers. */
export function addStatusRoute(
  app: App,
  parts: {
    identity: ValidatorIdentity;
    node: ConsensusNode;
    transport: TlsTransport;
  },
): void {
  const { identity, node, transport } = parts;
  const { chainId, chain, validators } = identity.genesis;
  app.get("/v1/status", () => {
    const { header, hash } = node.chain.head;
    return {
      id: validators[identity.voter]?.id,
      chain,
      chainId: toHex(chainId),
      height: header.height,
      hash: toHex(hash),
      time_ms: header.time_ms,
      finalisedAt_ms: node.finalised_ms,
      round: node.round,
      epoch: node.chain.epoch,
      validators: node.chain.validators.map(({ id, organisation, voteKey }) => ({
        id,
        organisation,
        voteKey: toHex(voteKey),
      })),
      peers: [...validators.entries()]
        .filter(([voter]) => voter !== identity.voter)
        .map(([voter, { id }]) => ({
          id,
          connected: transport.isConnected(voter),
          height: node.peerHeight(voter),
        })),
      mempool: node.mempoolSize,
    };
  });
}

import type { CertificateHolder, Endpoint, Membership, PeerSeat } from "@voltfog/consensus/node";
import type { Chain } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";

/**
 * Who belongs to the consortium by the chain's newest final block. With a certificate that the authority
 * itself made only a validator with a seat comes in; an agency's nodes also follow while they have none.
 */
export function chainMembership(chain: Chain): Membership {
  const isRemoved = (id: string): boolean =>
    chain.consortium.validator(id)?.removedHeight !== undefined &&
    !chain.validators.some((seat) => seat.id === id);
  return {
    seats: (): readonly PeerSeat[] =>
      chain.validators.map(({ id, organisation, voteKey, endpoint }) => ({
        id,
        organisation,
        voteKey,
        endpoint: endpoint === undefined ? undefined : parseEndpoint(endpoint),
      })),
    isRemoved,
    admits({ id, organisation, agencyHash }: CertificateHolder): boolean {
      if (isRemoved(id)) return false;
      const seat = chain.validators.find((one) => one.id === id);
      if (organisation === undefined) return seat !== undefined;
      if (seat !== undefined && seat.organisation !== organisation) return false;
      return agencyHash !== undefined && isAgencyOf(chain, { organisation, agencyHash });
    },
  };
}

/** An organisation of the genesis file is held to no certificate: there the authority's word is enough. */
function isAgencyOf(
  chain: Chain,
  named: { organisation: string; agencyHash: Uint8Array },
): boolean {
  const { organisation } = named;
  const record = chain.consortium.organisations().find(({ id }) => id === organisation);
  if (record === undefined || record.removedHeight !== undefined) return false;
  return record.admittedHeight === 0 || equalBytes(record.certificateHash, named.agencyHash);
}

/** Of the host:port that the chain has checked. */
function parseEndpoint(text: string): Endpoint {
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host, port: Number(text.slice(colon + 1)) };
}

/** Where a validator listens for the others. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A validator that may vote, as the chain has it now. */
export interface PeerSeat {
  readonly id: string;
  readonly organisation: string;
  readonly voteKey: Uint8Array;
  /** Where the chain says that it listens; undefined where it does not say. */
  readonly endpoint: Endpoint | undefined;
}

/** The holder of a certificate that the consortium's authority vouches for, straight or by an agency. */
export interface CertificateHolder {
  readonly id: string;
  /** The organisation whose agency made the certificate; undefined where the authority itself did. */
  readonly organisation: string | undefined;
  /** SHA-256 of the agency's certificate. */
  readonly agencyHash: Uint8Array | undefined;
}

/** Who belongs to the consortium, as the chain has it at the time of asking. */
export interface Membership {
  seats(): readonly PeerSeat[];
  /** Whether this id was removed, which is for good. */
  isRemoved(id: string): boolean;
  /** Whether a validator with this certificate may be connected: one with a seat, or one that follows. */
  admits(holder: CertificateHolder): boolean;
}

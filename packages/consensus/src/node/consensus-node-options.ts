import type { ChainStore } from "@voltfog/ledger/node";
import type { Clock, Crypto, Logger, Signer } from "@voltfog/runtime";
import type { MempoolLimits } from "../mempool.ts";
import type { Transport } from "../transport.ts";
import type { VotingTiming } from "../voting/turn.ts";
import type { AdmissionDesk } from "./admission-desk.ts";
import type { VoteStore } from "./vote-store.ts";

/** What a validator's node is made of. */
export interface ConsensusNodeOptions {
  readonly store: ChainStore;
  readonly votes: VoteStore;
  readonly transport: Transport;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: VotingTiming;
  readonly mempool: MempoolLimits;
  /** A snapshot this many blocks ahead is fetched instead of the blocks. */
  readonly snapshotBehind: number;
  readonly admissions: AdmissionDesk;
}

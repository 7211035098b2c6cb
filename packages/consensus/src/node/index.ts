export { ConsensusNode, type ConsensusNodeOptions, type FinalNotice } from "./consensus-node.ts";
export { type PeerAddress, TlsTransport, type TlsTransportOptions } from "./tls-transport.ts";
export type { SubmitProblem } from "./transaction-desk.ts";
export { VoteStore } from "./vote-store.ts";

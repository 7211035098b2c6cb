export { ConsensusNode, type ConsensusNodeOptions, type FinalNotice } from "./consensus-node.ts";
export { type PeerAddress, TcpTransport, type TcpTransportOptions } from "./tcp-transport.ts";
export type { SubmitProblem } from "./transaction-desk.ts";
export { VoteStore } from "./vote-store.ts";

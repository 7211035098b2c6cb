import { decodeMessage, encodeMessage, type Prepare, type VoteMessage } from "@voltfog/consensus";
import {
  decodeVoteRecord,
  encodeVoteRecord,
} from "../../../packages/consensus/src/voting/vote-record.ts";
import {
  decodeHello,
  decodePeerProof,
  encodeHello,
  encodePeerProof,
} from "../../../packages/consensus/src/wire/handshake.ts";
import {
  decodePeerMessage,
  encodePeerMessage,
} from "../../../packages/consensus/src/wire/peer-message.ts";
import { codec, type FuzzTarget } from "../target.ts";

const digest = new Uint8Array(32).fill(1);
const signature = new Uint8Array(64).fill(2);
const block = new Uint8Array(30).fill(3);
const seat = { height: 5, round: 1 };
const prepares: readonly Prepare[] = [0, 1, 3].map((voter) => {
  return { type: "prepare", ...seat, voter, digest, signature };
});
const claims = [0, 2].map((voter) => {
  const prepared = voter === 0 ? undefined : { round: 0, digest };
  return { ...seat, voter, prepared, signature };
});
const messages: readonly VoteMessage[] = [
  ...prepares.slice(0, 1),
  { type: "commit", ...seat, voter: 2, digest, delay_ms: 12, signature },
  { type: "proposal", ...seat, voter: 1, digest, signature, block, claims, prepares },
  ...claims.map((claim): VoteMessage => {
    return { type: "round-change", claim, prepares, block: claim.voter === 0 ? undefined : block };
  }),
];

export const targets: readonly FuzzTarget[] = [
  codec({
    name: "poa-message",
    decode: decodeMessage,
    encode: encodeMessage,
    seeds: () => messages.map(encodeMessage),
  }),
  codec({
    name: "peer-message",
    decode: decodePeerMessage,
    encode: encodePeerMessage,
    seeds: () => [
      ...messages.map((message) => encodePeerMessage({ type: "vote", message })),
      encodePeerMessage({ type: "transactions", transactions: [block, digest] }),
      encodePeerMessage({ type: "height", height: 9 }),
      encodePeerMessage({ type: "block-request", from: 4, limit: 16 }),
      encodePeerMessage({ type: "blocks", blocks: [{ block, certificate: digest }] }),
    ],
  }),
  codec({
    name: "vote-record",
    decode: decodeVoteRecord,
    encode: encodeVoteRecord,
    seeds: () => [
      encodeVoteRecord({ type: "prepare", ...seat, digest }),
      encodeVoteRecord({ type: "round-change", ...seat }),
      encodeVoteRecord({ type: "commit", ...seat, digest, delay_ms: 3, block, prepares }),
    ],
  }),
  codec({
    name: "peer-hello",
    decode: decodeHello,
    encode: encodeHello,
    seeds: () => [
      encodeHello({ chainId: digest, id: "validator-2", voteKey: digest, challenge: digest }),
    ],
  }),
  codec({
    name: "peer-proof",
    decode: decodePeerProof,
    encode: encodePeerProof,
    seeds: () => [
      encodePeerProof({ signature: new Uint8Array(64), succession: undefined }),
      encodePeerProof({
        signature: new Uint8Array(64),
        succession: {
          oldKey: digest,
          newKey: new Uint8Array(32),
          oldSignature: new Uint8Array(64),
          newSignature: new Uint8Array(64),
        },
      }),
    ],
  }),
];

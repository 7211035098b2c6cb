import type { Crypto, Outcome, Problem } from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import type { DeviceRecord } from "../modules/device-record.ts";
import type { StateProof } from "../state/state-proof.ts";
import type { Block } from "./block.ts";
import type { Certificate } from "./certificate.ts";
import type { BlockHeader } from "./header.ts";
import type { Result } from "./result.ts";

export interface ChainHead {
  readonly header: BlockHeader;
  readonly hash: Uint8Array;
  /** undefined for the genesis block only. */
  readonly certificate: Certificate | undefined;
}

export interface AdmittedTx {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly sender: Uint8Array;
  readonly nonce: number;
}

export interface TxProblem extends Problem {
  readonly code:
    | "TX_MALFORMED"
    | "TX_OTHER_CHAIN"
    | "TX_MODULE_UNKNOWN"
    | "TX_PAYLOAD_MALFORMED"
    | "TX_SENDER_UNKNOWN"
    | "TX_NONCE_STALE"
    | "TX_SIGNATURE_INVALID";
  readonly detail: string;
}

export interface BlockProblem extends Problem {
  readonly code:
    | "BLOCK_TOO_LARGE"
    | "BLOCK_OTHER_CHAIN"
    | "BLOCK_OTHER_HEIGHT"
    | "BLOCK_OTHER_EPOCH"
    | "BLOCK_OTHER_PARENT"
    | "BLOCK_PARENT_CERTIFICATE"
    | "BLOCK_TIME"
    | "BLOCK_PROPOSER"
    | "BLOCK_TRANSACTION"
    | "BLOCK_TX_ROOT"
    | "BLOCK_RESULTS"
    | "BLOCK_STATE_ROOT"
    | "BLOCK_VALIDATORS";
  readonly detail: string;
}

export interface CheckedBlock {
  readonly block: Block;
  readonly hash: Uint8Array;
  readonly results: readonly Result[];
}

/** Last final checkpoint of one log. */
export interface LogState {
  readonly size: number;
  readonly root: Uint8Array;
  readonly height: number;
  readonly resultIndex: number;
}

/** The outward shape of {@link Chain}, for those who only read or drive it. */
export interface ChainLike {
  readonly genesis: Genesis;
  readonly head: ChainHead;
  readonly height: number;
  admit(tx: Uint8Array): Outcome<AdmittedTx, TxProblem>;
  build(options: {
    parentCertificate: Certificate | undefined;
    time_ms: number;
    proposer: Uint8Array;
    transactions: Iterable<Uint8Array>;
  }): Block;
  check(block: Block, options: { now_ms: number }): Outcome<CheckedBlock, BlockProblem>;
  commit(checked: CheckedBlock, certificate: Certificate): readonly Result[];
  resultAt(index: number): Result | undefined;
  resultProof(options: { index: number }): readonly Uint8Array[] | undefined;
  stateProof(name: string): { value: Uint8Array | undefined; proof: StateProof };
  logState(logId: Uint8Array): LogState | undefined;
  nonceOf(key: Uint8Array): number;
  deviceOf(keyId: Uint8Array): DeviceRecord | undefined;
}

export type ChainFactory = (options: { genesis: Genesis; crypto: Crypto }) => ChainLike;

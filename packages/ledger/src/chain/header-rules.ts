import { type Crypto, equalBytes, type Problem } from "@voltfog/runtime";
import type { Genesis, Validator } from "../genesis/genesis.ts";
import { type Block, parentCertificateBytes } from "./block.ts";
import { verifyCertificate } from "./certificate.ts";
import type { ChainHead } from "./chain-head.ts";

/** Why a block may not follow the chain's head. */
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

/** A proposer's clock may be this far ahead of the voter's. */
export const timeAheadMax_ms = 2000;

interface HeaderCheck {
  readonly block: Block;
  readonly head: ChainHead;
  readonly genesis: Genesis;
  /** Of the block. */
  readonly epoch: number;
  /** Who decide the block, and who decided the head. */
  readonly validators: readonly Validator[];
  readonly headValidators: readonly Validator[];
  readonly now_ms: number;
  readonly crypto: Crypto;
}

/** The rules of a header that need no execution, the cheap ones first. */
export function headerProblem(check: HeaderCheck): BlockProblem | undefined {
  return placeProblem(check) ?? timeProblem(check) ?? parentCertificateProblem(check);
}

function placeProblem(check: HeaderCheck): BlockProblem | undefined {
  const { head, genesis, epoch } = check;
  const { header } = check.block;
  const parent = head.header;
  if (!equalBytes(header.chainId, genesis.chainId)) {
    return { code: "BLOCK_OTHER_CHAIN", detail: "of another genesis file" };
  }
  if (header.height !== parent.height + 1) {
    const detail = `height ${header.height}, the next is ${parent.height + 1}`;
    return { code: "BLOCK_OTHER_HEIGHT", detail };
  }
  if (header.epoch !== epoch) {
    const detail = `epoch ${header.epoch}, the next block is of ${epoch}`;
    return { code: "BLOCK_OTHER_EPOCH", detail };
  }
  if (!equalBytes(header.parent, head.hash)) {
    return { code: "BLOCK_OTHER_PARENT", detail: `does not follow block ${parent.height}` };
  }
  if (!check.validators.some(({ voteKey }) => equalBytes(voteKey, header.proposer))) {
    return { code: "BLOCK_PROPOSER", detail: "proposer is not a validator" };
  }
  return undefined;
}

function timeProblem({ block, head, now_ms }: HeaderCheck): BlockProblem | undefined {
  const { time_ms } = block.header;
  if (time_ms <= head.header.time_ms) {
    const detail = `time ${time_ms} is not after the parent's ${head.header.time_ms}`;
    return { code: "BLOCK_TIME", detail };
  }
  if (time_ms > now_ms + timeAheadMax_ms) {
    return { code: "BLOCK_TIME", detail: `time ${time_ms} is ${time_ms - now_ms} ms ahead` };
  }
  return undefined;
}

function parentCertificateProblem(check: HeaderCheck): BlockProblem | undefined {
  const { block, head, genesis, crypto } = check;
  const code = "BLOCK_PARENT_CERTIFICATE";
  const certificate = block.parentCertificate;
  const bytes = parentCertificateBytes(certificate);
  if (!equalBytes(crypto.sha256(bytes), block.header.parentCertificateHash)) {
    return { code, detail: "the header names another certificate" };
  }
  if (head.certificate === undefined || certificate === undefined) {
    const same = head.certificate === certificate;
    return same ? undefined : { code, detail: "height 1 has none, every later one has one" };
  }
  if (equalBytes(bytes, parentCertificateBytes(head.certificate))) return undefined;
  const verdict = verifyCertificate({
    certificate,
    chainId: genesis.chainId,
    epoch: head.header.epoch,
    height: head.header.height,
    blockHash: head.hash,
    validators: check.headValidators,
    crypto,
  });
  return verdict.ok ? undefined : { code, detail: verdict.problem.detail };
}

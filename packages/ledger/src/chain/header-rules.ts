import { type Crypto, equalBytes, type Problem } from "@voltfog/runtime";
import { engineOf, type Genesis } from "../genesis/genesis.ts";
import { type Block, parentCertificateBytes } from "./block.ts";
import { type Certificate, verifyCertificate } from "./certificate.ts";
import type { ChainHead } from "./chain-head.ts";
import type { Electorate } from "./electorate.ts";
import { unknownRules } from "./transaction-gate.ts";

/** Why a block may not follow the chain's head. */
export interface BlockProblem extends Problem {
  readonly code:
    | "BLOCK_TOO_LARGE"
    | "BLOCK_OTHER_CHAIN"
    | "BLOCK_OTHER_HEIGHT"
    | "BLOCK_OTHER_EPOCH"
    | "BLOCK_OTHER_PARENT"
    | "BLOCK_PARENT_CERTIFICATE"
    | "BLOCK_RULES_UNKNOWN"
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

/** What a voter knows beside its chain when it looks at a block. */
export interface BlockView {
  readonly now_ms: number;
  /** Verified seals of the head, where those are more than its certificate has: the block may show them as well. */
  readonly headSeals?: Certificate | undefined;
}

interface HeaderCheck extends BlockView {
  readonly block: Block;
  readonly head: ChainHead;
  readonly genesis: Genesis;
  /** At the head. */
  readonly electorate: Electorate;
  readonly crypto: Crypto;
}

/** The rules of a header that need no execution, the cheap ones first. */
export function headerProblem(check: HeaderCheck): BlockProblem | undefined {
  return (
    placeProblem(check) ??
    rulesProblem(check) ??
    timeProblem(check) ??
    parentCertificateProblem(check)
  );
}

function placeProblem(check: HeaderCheck): BlockProblem | undefined {
  const { head, genesis, electorate } = check;
  const { epoch } = electorate;
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
  if (!electorate.next.some(({ voteKey }) => equalBytes(voteKey, header.proposer))) {
    return { code: "BLOCK_PROPOSER", detail: "proposer is not a validator" };
  }
  return undefined;
}

/** A block under rules that this software does not have is nobody's fault: it waits for newer software. */
function rulesProblem({ electorate }: HeaderCheck): BlockProblem | undefined {
  const module = unknownRules(electorate);
  if (module === undefined) return undefined;
  const version = electorate.versionOf(module.number);
  const detail = `module ${module.name} is of version ${version} here, which this software does not have`;
  return { code: "BLOCK_RULES_UNKNOWN", detail };
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
    engine: engineOf(genesis),
    chainId: genesis.chainId,
    epoch: head.header.epoch,
    height: head.header.height,
    blockHash: head.hash,
    validators: check.electorate.head,
    // The head's own was verified before it became the head.
    known: check.headSeals ?? head.certificate,
    crypto,
  });
  return verdict.ok ? undefined : { code, detail: verdict.problem.detail };
}

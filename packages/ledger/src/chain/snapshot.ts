import {
  accepted,
  type ByteReader,
  ByteWriter,
  type Crypto,
  compareBytes,
  decodeBytes,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
} from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import { successionsIn } from "../modules/validators.ts";
import { StateTree } from "../state/state-tree.ts";
import {
  certificateMax_bytes,
  decodeCertificate,
  encodeCertificate,
  verifyCertificate,
} from "./certificate.ts";
import type { ChainHead } from "./chain-head.ts";
import { encodeHeader, headerHash, readHeader } from "./header.ts";
import { ResultsLog } from "./results-log.ts";
import { payloadMax_bytes } from "./transaction.ts";
import { provenValidators } from "./validator-set.ts";

export interface SnapshotProblem extends Problem {
  readonly code:
    | "SNAPSHOT_MALFORMED"
    | "SNAPSHOT_OTHER_CHAIN"
    | "SNAPSHOT_CERTIFICATE"
    | "SNAPSHOT_RESULTS"
    | "SNAPSHOT_STATE";
  readonly detail: string;
}

/** What a chain is at one height. */
export interface ChainPosition {
  readonly head: ChainHead;
  readonly state: StateTree;
  readonly log: ResultsLog;
}

const resultsMax = 33_554_432;
const leavesMax = 33_554_432;

/**
 * u8 version · raw289 header · block certificate · u32 results, raw32 leaf hash each · u32 leaves,
 * {raw32 key · block value} each, ascending by key. Everything in it is bound by the header.
 */
export function encodeSnapshot(position: ChainPosition): Uint8Array {
  const { head, state, log } = position;
  const { certificate } = head;
  const writer = new ByteWriter()
    .u8(1)
    .raw(encodeHeader(head.header))
    .block(certificate === undefined ? new Uint8Array() : encodeCertificate(certificate))
    .block(log.leaves());
  const leaves = [...state.leaves()];
  writer.u32(leaves.length);
  for (const { key, value } of leaves) writer.raw(key).block(value);
  return writer.finish();
}

/** Reads a snapshot and proves it: certificate of the header, results root and state root. */
export function decodeSnapshot(options: {
  bytes: Uint8Array;
  genesis: Genesis;
  crypto: Crypto;
}): Outcome<ChainPosition, SnapshotProblem> {
  const { genesis, crypto } = options;
  const decoded = decodeBytes(options.bytes, (reader) => readPosition(reader, crypto));
  if (!decoded.ok) {
    return refused({ code: "SNAPSHOT_MALFORMED", detail: decoded.problem.detail });
  }
  const problem = positionProblem({ position: decoded.value, genesis, crypto });
  return problem === undefined ? accepted(decoded.value) : refused(problem);
}

function readPosition(reader: ByteReader, crypto: Crypto): ChainPosition {
  const version = reader.u8();
  if (version !== 1) reader.fail(`snapshot version ${version}, this reads 1`);
  const header = readHeader(reader);
  const certificate = decodeCertificate(reader.block(certificateMax_bytes));
  if (!certificate.ok) return reader.fail(`certificate: ${certificate.problem.detail}`);
  const log = new ResultsLog({ crypto });
  const hashes = reader.block(resultsMax * 32);
  if (hashes.length % 32 !== 0) reader.fail("results are not whole hashes");
  log.append(hashes);
  const count = reader.u32();
  if (count > leavesMax) reader.fail(`state of ${count} leaves, at most ${leavesMax}`);
  let state = StateTree.empty(crypto);
  let last = new Uint8Array();
  for (let i = 0; i < count; i++) {
    const key = reader.raw(32);
    if (compareBytes(last, key) >= 0) reader.fail("state keys do not ascend");
    state = state.withKey(key, reader.block(payloadMax_bytes));
    last = key as Uint8Array<ArrayBuffer>;
  }
  const head = { header, hash: headerHash(header, crypto), certificate: certificate.value };
  return { head, state, log };
}

function positionProblem(options: {
  position: ChainPosition;
  genesis: Genesis;
  crypto: Crypto;
}): SnapshotProblem | undefined {
  const { genesis, crypto } = options;
  const { head, state, log } = options.position;
  const { header, hash, certificate } = head;
  if (!equalBytes(header.chainId, genesis.chainId)) {
    return { code: "SNAPSHOT_OTHER_CHAIN", detail: "of another genesis file" };
  }
  if (certificate === undefined) {
    return { code: "SNAPSHOT_CERTIFICATE", detail: "no certificate" };
  }
  // What the state says of vote keys is believed only as far as the keys before signed it.
  const { epoch } = header;
  const successions = successionsIn(state).slice(0, epoch);
  const validators = provenValidators({ genesis, epoch, successions, crypto });
  if (!validators.ok) return { code: "SNAPSHOT_CERTIFICATE", detail: validators.problem.detail };
  const verdict = verifyCertificate({
    certificate,
    chainId: genesis.chainId,
    epoch: header.epoch,
    height: header.height,
    blockHash: hash,
    validators: validators.value,
    crypto,
  });
  if (!verdict.ok) return { code: "SNAPSHOT_CERTIFICATE", detail: verdict.problem.detail };
  const results = log.after(new Uint8Array());
  if (results.size !== header.resultsSize || !equalBytes(results.root, header.resultsRoot)) {
    return { code: "SNAPSHOT_RESULTS", detail: "not the results that the header names" };
  }
  if (!equalBytes(state.root(), header.stateRoot)) {
    return { code: "SNAPSHOT_STATE", detail: "not the state that the header names" };
  }
  return undefined;
}

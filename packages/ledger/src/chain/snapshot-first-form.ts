import {
  accepted,
  type ByteReader,
  type Crypto,
  compareBytes,
  decodeBytes,
  equalBytes,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import { engineOf, type Genesis } from "../genesis/genesis.ts";
import { StateTree } from "../state/state-tree.ts";
import { certificateMax_bytes, decodeCertificate, verifyCertificate } from "./certificate.ts";
import type { ChainHead } from "./chain-head.ts";
import { provenValidators, stepsIn } from "./epochs.ts";
import { headerHash, readHeader } from "./header.ts";
import { ResultsLog } from "./results-log.ts";
import type { SnapshotProblem } from "./snapshot-problem.ts";
import { payloadMax_bytes } from "./transaction.ts";

interface Position {
  readonly head: ChainHead;
  readonly state: StateTree;
  readonly log: ResultsLog;
}

const resultsMax = 33_554_432;
const leavesMax = 33_554_432;

/**
 * Reads the snapshots that the product wrote before they were cut in parts: u8 version (1) · raw289
 * header · block certificate · block of all results' leaf hashes · u32 leaves, {raw32 key · block value}
 * each, ascending by key. No set had changed then.
 */
export function decodeFirstSnapshot(options: {
  bytes: Uint8Array;
  genesis: Genesis;
  crypto: Crypto;
}): Outcome<Position, SnapshotProblem> {
  const { genesis, crypto } = options;
  const decoded = decodeBytes(options.bytes, (reader) => readPosition(reader, crypto));
  if (!decoded.ok) {
    return refused({ code: "SNAPSHOT_MALFORMED", detail: decoded.problem.detail });
  }
  const problem = positionProblem({ position: decoded.value, genesis, crypto });
  return problem === undefined ? accepted(decoded.value) : refused(problem);
}

function readPosition(reader: ByteReader, crypto: Crypto): Position {
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
  position: Position;
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
  const steps = stepsIn(state).slice(0, epoch);
  const validators = provenValidators({ genesis, epoch, steps, crypto });
  if (!validators.ok) return { code: "SNAPSHOT_CERTIFICATE", detail: validators.problem.detail };
  const verdict = verifyCertificate({
    certificate,
    engine: engineOf(genesis),
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

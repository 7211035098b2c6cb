import {
  type CheckedBlock,
  decodeCertificate,
  decodeEventRecord,
  decodeFinalCheckpoint,
  encodeResult,
  moduleNumber,
  type Result,
  type Validator,
} from "@voltfog/ledger";
import { assert, toHex } from "@voltfog/runtime";
import type { EpochMember } from "../store/chain-reader.ts";
import type { BlockRecord, FinalCheckpoint, FinalEvent } from "../store/telemetry-store.ts";
import type { ServedBlock } from "./block-page.ts";
import type { Consortium } from "./consortium.ts";

/** What the store keeps of a block that was followed: its bytes and what it made final. */
export function blockRecord(options: {
  checked: CheckedBlock;
  served: ServedBlock;
  consortium: Consortium;
  /** Who decided it, in the places of its certificate. */
  validators: readonly Validator[];
  /** The epoch that it is the first block of; undefined inside one. */
  begins: number | undefined;
  final_ms: number;
}): BlockRecord {
  const { checked, served, consortium, validators, begins, final_ms } = options;
  const { header, transactions } = checked.block;
  const certificate = decodeCertificate(served.certificate);
  assert(certificate.ok, "a followed block's certificate decodes");
  const firstIndex = header.resultsSize - checked.results.length;
  const indexed = checked.results.map((result, at) => ({ result, index: firstIndex + at }));
  const checkpoints = indexed.flatMap(({ result, index }) =>
    finalCheckpoint({ result, index, consortium, final_ms }),
  );
  const events = indexed.flatMap(({ result, index }) => finalEvent({ result, index, final_ms }));
  return {
    view: {
      height: header.height,
      hash: toHex(checked.hash),
      time_ms: header.time_ms,
      proposer: consortium.nameOf(header.proposer),
      round: certificate.value.round,
      transactions: transactions.length,
      checkpoints: checkpoints.length,
      events: events.length,
      signers: certificate.value.signatures.map(
        ({ validator }) => validators[validator]?.id ?? `validator ${validator}`,
      ),
      size_bytes: served.block.length,
    },
    final_ms,
    block: served.block,
    certificate: served.certificate,
    results: indexed.map(({ result, index }) => ({ index, bytes: encodeResult(result) })),
    checkpoints,
    events,
    begins: begins === undefined ? undefined : { epoch: begins, members: validators.map(member) },
  };
}

function member({ id, organisation, voteKey }: Validator): EpochMember {
  return { id, organisation, voteKey: toHex(voteKey) };
}

interface IndexedResult {
  readonly result: Result;
  readonly index: number;
  readonly final_ms: number;
}

function finalCheckpoint(
  options: IndexedResult & { consortium: Consortium },
): readonly FinalCheckpoint[] {
  const { result, index, final_ms } = options;
  if (result.module !== moduleNumber.checkpoints || result.code !== "OK") return [];
  const data = decodeFinalCheckpoint(result.data);
  if (!data.ok) return [];
  const unitId = options.consortium.unitOf(data.value.logId);
  if (unitId === undefined) return [];
  const { size, root } = data.value;
  return [{ unitId, size, root, height: result.height, resultIndex: index, final_ms }];
}

function finalEvent(options: IndexedResult): readonly FinalEvent[] {
  const { result, index, final_ms } = options;
  if (result.module !== moduleNumber.events || result.code !== "OK") return [];
  const data = decodeEventRecord(result.data);
  if (!data.ok) return [];
  return [{ id: toHex(data.value.eventId), height: result.height, resultIndex: index, final_ms }];
}

import { decodeBlock, decodeCertificate, engineOf, sealsNeeded } from "@voltfog/ledger";
import type { BlockSealsView } from "@voltfog/messages";
import { assert, toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import type { EpochMember } from "../store/chain-reader.ts";
import type { StoredBlock } from "../store/telemetry-store.ts";
import { resultViews } from "./transaction-view.ts";

/** A stored block's header and certificate, with who sealed it and who did not. */
export function blockSeals(options: {
  stored: StoredBlock;
  /** Who decided it, in the places of its certificate. */
  members: readonly EpochMember[];
  consortium: Consortium;
}): BlockSealsView {
  const { stored, members, consortium } = options;
  const block = decodeBlock(stored.block);
  const certificate = decodeCertificate(stored.certificate);
  assert(block.ok && certificate.ok, "a stored block and its certificate decode");
  const { header } = block.value;
  const { signatures, validators } = certificate.value;
  const sealed = new Set(signatures.map(({ validator }) => validator));
  return {
    epoch: header.epoch,
    parent: toHex(header.parent),
    parentCertificateHash: toHex(header.parentCertificateHash),
    txRoot: toHex(header.txRoot),
    stateRoot: toHex(header.stateRoot),
    resultsRoot: toHex(header.resultsRoot),
    resultsSize: header.resultsSize,
    nextValidatorsHash: toHex(header.nextValidatorsHash),
    seals: signatures.map(({ validator, delay_ms }) => ({
      id: members[validator]?.id ?? `validator ${validator}`,
      organisation: members[validator]?.organisation ?? "",
      delay_ms,
    })),
    unsealed: members.filter((_, at) => !sealed.has(at)).map(({ id }) => id),
    form: certificate.value.form,
    quorum: sealsNeeded(engineOf(consortium.genesis), certificate.value) ?? validators,
    validators,
    results: resultViews(stored, consortium),
  };
}
